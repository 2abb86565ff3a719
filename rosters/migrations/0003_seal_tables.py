import common.encryption
from django.db import migrations


def seal(apps, schema_editor):
    """Encrypt where tables stand: in place of headings they may hold somebody's row."""
    uploads = apps.get_model("rosters", "RosterImport").objects
    for pk, table in list(uploads.filter(table__isnull=False).values_list("pk", "table")):
        uploads.filter(pk=pk).update(sealed=table)


def forget_headings(apps, schema_editor):
    """Which of them came from such a row cannot be told any more, so agencies tell them again."""
    apps.get_model("rosters", "ToldHeading").objects.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ("rosters", "0002_parts_know_what_was_entered"),
    ]

    operations = [
        migrations.AddField(
            model_name="rosterimport",
            name="sealed",
            field=common.encryption.EncryptedJSONField(
                null=True, help_text="Where the table stands; its headings may be somebody's row."
            ),
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.RunPython(forget_headings, migrations.RunPython.noop),
        migrations.RemoveField(model_name="rosterimport", name="table"),
        migrations.RenameField(
            model_name="rosterimport", old_name="sealed", new_name="table"
        ),
    ]
