from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("enrollment", "0003_reasons_out_of_remarks"),)

    operations = (
        migrations.AddField(
            "completionexception", "earlier", models.JSONField(blank=True, default=list)
        ),
    )
