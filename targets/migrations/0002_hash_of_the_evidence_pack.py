from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("targets", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="periodreport",
            name="pack_sha256",
            field=models.CharField(blank=True, max_length=64, default=""),
            preserve_default=False,
        ),
    ]
