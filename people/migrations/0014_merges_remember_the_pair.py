from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0013_claimed_numbers"),)

    operations = (
        migrations.AddField(
            "merge", "pair_before", models.JSONField(editable=False, null=True)
        ),
    )
