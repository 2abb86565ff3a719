import common.encryption
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):
    # Behind 0001, which stays: the tokens of knox need its user.

    replaces = [
        ('accounts', '0002_token_of_a_session'),
        ('accounts', '0003_saved_filters'),
        ('accounts', '0004_index_of_addresses'),
    ]

    dependencies = [
        ('accounts', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('knox', '0009_extend_authtoken_field'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='TokenState',
                fields=[
                    ('token', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='given_in', serialize=False, to=settings.KNOX_TOKEN_MODEL)),
                    ('state', models.CharField(max_length=64)),
                ],
            ),
            migrations.CreateModel(
                name='SavedFilter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('page', models.CharField(help_text='The route of the list.', max_length=50)),
                    ('name', models.CharField(max_length=60)),
                    ('asked', common.encryption.EncryptedJSONField(help_text='Parameters of the address: name, list of values.')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('page', 'name'),
                    'constraints': [models.UniqueConstraint(fields=('user', 'page', 'name'), name='one_saved_filter_per_name')],
                },
            ),
        ]),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(django.db.models.functions.text.Upper('email'), name='account_of_address'),
        ),
    ]
