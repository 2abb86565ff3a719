import logging

from django.db import DatabaseError, migrations, transaction

logger = logging.getLogger(__name__)


def add_index(_apps, schema_editor):
    """Among a million people a part of a name is found by its trigrams, not by reading all."""
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        logger.warning("people are searched without an index, for want of pg_trgm: %s", error)
        return
    schema_editor.execute(
        "CREATE INDEX IF NOT EXISTS trainee_search_parts"
        " ON people_trainee USING gin (search_key gin_trgm_ops)"
    )


def remove_index(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS trainee_search_parts")


class Migration(migrations.Migration):
    dependencies = [("people", "0003_letters")]

    operations = [migrations.RunPython(add_index, remove_index)]
