import django.db.models.deletion
from django.db import migrations, models


def believe_answers_since_given(apps, schema_editor):
    units = apps.get_model("targets", "CooperatingUnit").objects.exclude(answered_at=None)
    units.update(believed_from=models.F("answered_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("targets", "0006_progress_and_units_of_tasks"),
    ]

    operations = [
        migrations.RemoveConstraint("cooperatingunit", "an_agency_cooperates_once_in_a_task"),
        migrations.RemoveConstraint("cooperatingunit", "a_refusal_has_a_reason"),
        migrations.RenameField("cooperatingunit", "added_at", "believed_from"),
        migrations.RenameField("cooperatingunit", "removed_at", "believed_until"),
        migrations.RenameField("cooperatingunit", "answer_reason", "change_reason"),
        migrations.AlterField(
            "cooperatingunit",
            "believed_from",
            models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            "cooperatingunit",
            "believed_until",
            models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            "cooperatingunit",
            "change_reason",
            models.CharField(
                blank=True, editable=False, max_length=250, verbose_name="reason for the change"
            ),
        ),
        migrations.AddField(
            "cooperatingunit",
            "replaced_by",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="earlier",
                to="targets.cooperatingunit",
            ),
        ),
        migrations.RunPython(believe_answers_since_given, migrations.RunPython.noop),
        migrations.RemoveField("cooperatingunit", "answered_at"),
        migrations.AddConstraint(
            "cooperatingunit",
            models.UniqueConstraint(
                condition=models.Q(("believed_until", None)),
                fields=("task", "agency"),
                name="an_agency_cooperates_once_in_a_task",
            ),
        ),
        migrations.AddConstraint(
            "cooperatingunit",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", "refused"), _negated=True),
                    ("change_reason__gt", ""),
                    _connector="OR",
                ),
                name="a_refusal_has_a_reason",
            ),
        ),
    ]
