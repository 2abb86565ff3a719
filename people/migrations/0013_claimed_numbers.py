from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0012_transfer_requests"),)

    operations = (
        migrations.AddField(
            "trainee",
            "claimed_number_digest",
            models.CharField(blank=True, default="", editable=False, max_length=64),
            preserve_default=False,
        ),
        migrations.AddIndex(
            "trainee",
            models.Index(
                condition=models.Q(("claimed_number_digest", ""), _negated=True),
                fields=["claimed_number_digest"],
                name="trainee_claimed_number",
            ),
        ),
    )
