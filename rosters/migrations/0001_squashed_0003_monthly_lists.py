import common.clock
import common.encryption
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('rosters', '0001_initial'),
        ('rosters', '0002_rows_left_out_by_an_import'),
        ('rosters', '0003_monthly_lists'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('agencies', '0001_initial'),
        ('courses', '0001_initial'),
        ('jobs', '0001_initial'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='RosterExport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('wanted', common.encryption.EncryptedJSONField(help_text='Nothing once its time is over.', null=True)),
                    ('file_name', models.CharField(max_length=120)),
                    ('content', models.BinaryField(help_text='The file, encrypted; empty until it is written.')),
                    ('row_ids', common.encryption.EncryptedJSONField(help_text='Ids of the places, or people, in the file, known once it is written.', null=True)),
                    ('asked_at', models.DateTimeField(default=common.clock.now)),
                    ('expires_at', models.DateTimeField()),
                    ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roster_exports', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-asked_at', '-id'),
                },
            ),
            migrations.CreateModel(
                name='RosterImport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('file_name', models.CharField(max_length=200)),
                    ('file_sha256', models.CharField(max_length=64)),
                    ('content', models.BinaryField(editable=True, help_text='The uploaded bytes, encrypted.')),
                    ('state', models.CharField(choices=[('staged', 'waiting for confirmation'), ('imported', 'imported'), ('refused', 'refused'), ('discarded', 'discarded'), ('undone', 'undone')], default='staged', max_length=10)),
                    ('sheet', models.CharField(blank=True, help_text='Chosen; empty: the likeliest.', max_length=100)),
                    ('table', common.encryption.EncryptedJSONField(help_text="Where the table stands; its headings may be somebody's row.", null=True)),
                    ('report', common.encryption.EncryptedJSONField(help_text='What holds for the roster as a whole.', null=True)),
                    ('moves', models.BooleanField(default=False, help_text="The office moves other agencies' people to the sender at once.")),
                    ('letter_number', models.CharField(blank=True, max_length=60)),
                    ('letter_dated', models.DateField(null=True)),
                    ('letter_signer', models.CharField(blank=True, max_length=150)),
                    ('letter_file_name', models.CharField(blank=True, max_length=100)),
                    ('letter_file', models.BinaryField(default=b'', help_text='The scan, encrypted, until the roster is entered.')),
                    ('uploaded_at', models.DateTimeField(default=common.clock.now)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('expires_at', models.DateTimeField()),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roster_imports', to='agencies.agency')),
                    ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='roster_imports', to='courses.courserun')),
                    ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('rest_of', models.ForeignKey(help_text='The partial import whose rejected rows these are.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rests', to='rosters.rosterimport')),
                ],
                options={
                    'ordering': ('-uploaded_at', '-id'),
                },
            ),
            migrations.CreateModel(
                name='HeadingMapping',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('heading_key', models.CharField(max_length=120)),
                    ('field', models.CharField(blank=True, max_length=20)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='heading_mappings', to='agencies.agency')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('agency', 'heading_key'), name='one_meaning_per_heading_and_agency')],
                },
            ),
            migrations.CreateModel(
                name='RosterView',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('fields', models.JSONField()),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='roster_views', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('name',),
                    'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='one_roster_view_per_name')],
                },
            ),
            migrations.CreateModel(
                name='StagedPart',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('content', models.BinaryField()),
                    ('entered', common.encryption.EncryptedJSONField(null=True)),
                    ('roster', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='rosters.rosterimport')),
                ],
                options={
                    'ordering': ('roster', 'number'),
                    'constraints': [models.UniqueConstraint(fields=('roster', 'number'), name='one_staged_part_per_number')],
                },
            ),
            migrations.CreateModel(
                name='ListSchedule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=80)),
                    ('wanted', common.encryption.EncryptedJSONField()),
                    ('day', models.PositiveSmallIntegerField(default=1, help_text='Of the month, 1 to 28.')),
                    ('month_before', models.BooleanField(default=False, help_text='The period of the list is always the month before.')),
                    ('last_month', models.CharField(blank=True, help_text='YYYY-MM, the last month in which it was made.', max_length=7)),
                    ('paused_at', models.DateTimeField(null=True)),
                    ('created_at', models.DateTimeField(default=common.clock.now)),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='list_schedules', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('name', 'id'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('day__gte', 1), ('day__lte', 28)), name='every_month_has_the_day')],
                },
            ),
        ]),
    ]
