"""Models that a migration makes at once."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from common.migration_operations import CreateModels

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_engines]
KEY = ("id", models.BigAutoField(primary_key=True))


def test_models_that_name_each_other_are_made_at_once_and_taken_back() -> None:
    to_shelf = models.ForeignKey("library.Shelf", models.CASCADE)
    operation = CreateModels(
        [
            migrations.CreateModel("Shelf", [KEY]),
            migrations.CreateModel("Book", [KEY, ("shelf", to_shelf)]),
        ]
    )
    before, after = ProjectState(), ProjectState()
    operation.state_forwards("library", after)
    tables = [our_tables()]
    with connection.schema_editor() as editor:
        operation.database_forwards("library", editor, before, after)
    tables.append(our_tables())
    with connection.schema_editor() as editor:
        operation.database_backwards("library", editor, after, before)
    tables.append(our_tables())
    assert tables == [[], ["library_book", "library_shelf"], []]


def our_tables() -> list[str]:
    names = connection.introspection.table_names()
    return sorted(name for name in names if name.startswith("library_"))
