import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("agencies", "0001_initial"),
        ("rosters", "0001_initial"),
    ]

    operations = [
        migrations.RenameModel("ToldHeading", "HeadingMapping"),
        migrations.RenameField("rosterexport", "held", "row_ids"),
        migrations.AlterField(
            model_name="headingmapping",
            name="agency",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="heading_mappings",
                to="agencies.agency",
            ),
        ),
    ]
