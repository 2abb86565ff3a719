import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F


def those_until_now(apps, schema_editor):
    """Were made as they were issued."""
    apps.get_model("certificates", "Duplicate").objects.update(made_at=F("issued_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('certificates', '0009_index_of_paper_blanks'),
        ('jobs', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='duplicate',
            name='job',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job'),
        ),
        migrations.AddField(
            model_name='duplicate',
            name='made_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='duplicate',
            name='sha256',
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.RunPython(those_until_now, migrations.RunPython.noop),
    ]
