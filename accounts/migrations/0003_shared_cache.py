from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    """The table of Django's database cache; another CACHE_URL leaves it empty."""
    call_command(
        "createcachetable", "shared_cache", database=schema_editor.connection.alias, verbosity=0
    )


def drop_table(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS shared_cache")


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_api_answers"),
    ]

    operations = [
        migrations.RunPython(make_table, drop_table),
    ]
