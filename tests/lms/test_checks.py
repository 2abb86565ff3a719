"""What the system checks refuse."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


def test_a_database_from_before_1_0_0_is_refused_with_one_sentence() -> None:
    MigrationRecorder(connection).migration_qs.filter(app="counting").delete()
    with pytest.raises(SystemCheckError, match=r"from before version 1\.0\.0"):
        call_command(
            "migrate", skip_checks=False, verbosity=0, stdout=StringIO(), stderr=StringIO()
        )


def test_an_empty_or_present_database_is_accepted() -> None:
    call_command("check", databases=["default"], stdout=StringIO())
    MigrationRecorder(connection).migration_qs.all().delete()
    call_command("check", databases=["default"], stdout=StringIO())
