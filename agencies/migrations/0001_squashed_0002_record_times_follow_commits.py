import common.record_time
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('agencies', '0001_initial'),
        ('agencies', '0002_record_times_follow_commits'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Succession',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('merger', 'Merger'), ('renaming', 'Renaming'), ('split', 'Split')], max_length=10)),
                    ('on', models.DateField(help_text='The first day of the successor agency.')),
                    ('legal_basis', models.CharField(blank=True, max_length=200)),
                    ('recorded_at', models.DateTimeField(default=common.record_time.now)),
                    ('recorded_by', models.CharField(blank=True, max_length=200)),
                    ('voided_at', models.DateTimeField(blank=True, null=True)),
                    ('voided_by', models.CharField(blank=True, max_length=200)),
                    ('void_reason', models.CharField(blank=True, max_length=250)),
                ],
                options={
                    'ordering': ('on', 'id'),
                },
            ),
            migrations.CreateModel(
                name='Agency',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(unique=True)),
                    ('name_vi', models.CharField(max_length=200, verbose_name='name in Vietnamese')),
                    ('name_en', models.CharField(blank=True, max_length=200, verbose_name='name in English')),
                    ('short_name', models.CharField(blank=True, max_length=40, verbose_name='short name')),
                    ('kind', models.CharField(choices=[('ministry', 'Ministry'), ('ministerial_agency', 'Ministerial-level agency'), ('government_agency', 'Agency under the Government'), ('province', 'Province or city'), ('party_or_assembly', 'Party or assembly body'), ('state_group', 'State group'), ('state_corporation', 'State corporation'), ('other', 'Other (not counted towards any target)')], max_length=20, verbose_name='kind')),
                    ('identifier', models.CharField(blank=True, max_length=20, verbose_name='official identifier')),
                    ('identifier_scheme', models.CharField(blank=True, choices=[('decision_20_2020', 'Decision 20/2020/QĐ-TTg'), ('enterprise_number', 'Enterprise number')], max_length=20)),
                    ('identifier_confirmed', models.BooleanField(default=False)),
                    ('gso_code', models.CharField(blank=True, max_length=10)),
                    ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                    ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                    ('note', models.TextField(blank=True)),
                    ('sort_key', models.CharField(editable=False, max_length=700)),
                    ('search_key', models.CharField(editable=False, max_length=300)),
                    ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='agencies.agency')),
                ],
                options={
                    'verbose_name_plural': 'agencies',
                    'ordering': ('sort_key', 'id'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='agency_ends_after_it_begins', violation_error_message='An agency cannot end before it begins.')],
                },
            ),
            migrations.CreateModel(
                name='Coordinator',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('is_deputy', models.BooleanField(default=False)),
                    ('since', models.DateField(blank=True, null=True)),
                    ('until', models.DateField(blank=True, null=True)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coordinators', to='agencies.agency')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='coordinatorships', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'agency'), name='one_term_per_user_and_agency')],
                },
            ),
            migrations.CreateModel(
                name='SuccessionLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('ended_predecessor', models.BooleanField(default=False, help_text="This succession determined the predecessor's last day.")),
                    ('predecessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links_to_successors', to='agencies.agency')),
                    ('succession', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='agencies.succession')),
                    ('successor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links_to_predecessors', to='agencies.agency')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('succession', 'predecessor', 'successor'), name='one_arrow_per_pair'), models.CheckConstraint(condition=models.Q(('predecessor', models.F('successor')), _negated=True), name='no_agency_succeeds_itself', violation_error_message='An agency cannot succeed itself.')],
                },
            ),
        ]),
    ]
