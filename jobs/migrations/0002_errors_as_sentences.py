"""Why jobs failed becomes a sentence for any reader; what was told before stays a finished text."""

from typing import Any

from django.db import migrations, models


def keep_texts(apps: Any, schema_editor: Any) -> None:
    jobs = apps.get_model("jobs", "Job").objects.using(schema_editor.connection.alias)
    for job in jobs.exclude(error_message="").iterator():
        jobs.filter(pk=job.pk).update(error=job.error_message)


class Migration(migrations.Migration):
    dependencies = (("jobs", "0001_initial"),)

    operations = (
        migrations.AddField(
            model_name="job",
            name="error",
            field=models.JSONField(
                null=True, help_text="Why it failed: a Sentence in plain values."
            ),
        ),
        migrations.RunPython(keep_texts, migrations.RunPython.noop),
        migrations.RemoveField(model_name="job", name="error_message"),
    )
