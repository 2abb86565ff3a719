from django.db import migrations

from common.encryption import EncryptedJSONField


class Migration(migrations.Migration):

    dependencies = [
        ("rosters", "0006_exports_may_hold_people"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rosterexport",
            name="wanted",
            field=EncryptedJSONField(help_text="Nothing once its time is over.", null=True),
        ),
    ]
