from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("enrollment", "0001_initial"),)

    operations = (
        migrations.RenameField("enrollment", "note", "remarks"),
        migrations.AlterField(
            "enrollment",
            "remarks",
            models.CharField(blank=True, max_length=250, verbose_name="remarks"),
        ),
        migrations.AddField(
            "enrollment",
            "withdrawal_reason",
            models.CharField(blank=True, max_length=250, verbose_name="withdrawal reason"),
        ),
    )
