import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    # The tokens of knox need the user of 0001.

    dependencies = [
        ('accounts', '0001_initial'),
        ('knox', '0009_extend_authtoken_field'),
    ]

    operations = [
        migrations.CreateModel(
            name='TokenState',
            fields=[
                ('token', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='given_in', serialize=False, to=settings.KNOX_TOKEN_MODEL)),
                ('state', models.CharField(max_length=64)),
            ],
        ),
    ]
