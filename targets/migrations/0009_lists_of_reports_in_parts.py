import django.db.models.deletion
from django.db import migrations, models

import common.clock
import common.encryption


class Migration(migrations.Migration):

    dependencies = [("targets", "0008_base_of_reported_values")]

    operations = [
        migrations.CreateModel(
            name="FrozenLists",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("frozen_at", models.DateTimeField(default=common.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="FrozenPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(choices=[("people", "People"), ("completions", "Completions")], max_length=11)),
                ("number", models.PositiveIntegerField()),
                ("rows", common.encryption.EncryptedJSONField()),
                ("lists", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="targets.frozenlists")),
            ],
            options={
                "ordering": ("number",),
                "constraints": [models.UniqueConstraint(fields=("lists", "name", "number"), name="one_part_of_a_list_per_number")],
            },
        ),
        # The column keeps its name: rows of earlier releases stay as they were signed.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("periodreport", "names", "names_in_one"),
                migrations.AlterField(
                    "periodreport", "names_in_one", common.encryption.EncryptedJSONField(db_column="names", default=list)
                ),
            ],
        ),
        migrations.AddField(
            "periodreport",
            "lists",
            models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to="targets.frozenlists"),
        ),
        migrations.AddField("periodreport", "signed_in_job", models.UUIDField(null=True, unique=True)),
    ]
