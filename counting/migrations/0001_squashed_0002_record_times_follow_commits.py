import common.record_time
import django.db.models.deletion
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('counting', '0001_initial'),
        ('counting', '0002_record_times_follow_commits'),
    ]

    initial = True

    dependencies = [
        ('agencies', '0001_initial'),
        ('courses', '0001_initial'),
        ('enrollment', '0001_initial'),
        ('people', '0001_initial'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Indicator',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.CharField(max_length=60, unique=True)),
                    ('unit', models.CharField(choices=[('persons', 'people'), ('percent', '%')], max_length=10)),
                    ('title_vi', models.CharField(max_length=250)),
                    ('title_en', models.CharField(blank=True, max_length=250)),
                ],
                options={
                    'ordering': ('slug',),
                },
            ),
            migrations.CreateModel(
                name='CountingRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveSmallIntegerField()),
                    ('adopted_on', models.DateField()),
                    ('recorded_at', models.DateTimeField(default=common.record_time.now)),
                    ('sectors', models.JSONField(default=list)),
                    ('kinds', models.JSONField(blank=True, default=list)),
                    ('evidence_kinds', models.JSONField(default=list)),
                    ('minimum_periods', models.PositiveSmallIntegerField(default=0)),
                    ('sentence_vi', models.TextField()),
                    ('sentence_en', models.TextField()),
                    ('reason', models.CharField(blank=True, max_length=250)),
                    ('agencies_left_out', models.ManyToManyField(blank=True, related_name='+', to='agencies.agency')),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='counting.indicator')),
                ],
                options={
                    'ordering': ('indicator', 'version'),
                    'constraints': [models.UniqueConstraint(fields=('indicator', 'version'), name='one_rule_per_indicator_and_version')],
                },
            ),
            migrations.CreateModel(
                name='CacheState',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('latest', models.DateTimeField(null=True)),
                    ('version', models.PositiveBigIntegerField(default=0)),
                    ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='counting.countingrule')),
                ],
            ),
            migrations.CreateModel(
                name='RuleCourse',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('counts_from', models.DateField(blank=True, null=True)),
                    ('counts_to', models.DateField(blank=True, null=True)),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='courses.course')),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='courses', to='counting.countingrule')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('rule', 'course'), name='one_row_per_rule_and_course')],
                },
            ),
            migrations.CreateModel(
                name='CachedCompletion',
                fields=[
                    ('completion', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='enrollment.completion')),
                    ('completed_on', models.DateField()),
                    ('is_first', models.BooleanField()),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.trainee')),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('is_first', True)), fields=['completed_on'], name='first_completed')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('is_first', True)), fields=('person',), name='a_person_counts_once')],
                },
            ),
            migrations.CreateModel(
                name='CachedTotal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('span', models.CharField(choices=[('y', 'Year'), ('m', 'Month'), ('d', 'Day')], max_length=1)),
                    ('starts_on', models.DateField()),
                    ('kind', models.CharField(max_length=20)),
                    ('sector', models.CharField(max_length=20)),
                    ('persons', models.IntegerField()),
                    ('completions', models.IntegerField()),
                    ('agency', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agencies.agency')),
                ],
                options={
                    'indexes': [models.Index(fields=['span', 'starts_on', 'agency', 'persons', 'completions'], name='part_of_agency')],
                    'constraints': [models.UniqueConstraint(fields=('span', 'starts_on', 'agency', 'kind', 'sector'), name='one_part_per_cell'), models.UniqueConstraint(condition=models.Q(('agency', None)), fields=('span', 'starts_on', 'kind', 'sector'), name='one_part_over_all_agencies')],
                },
            ),
        ]),
    ]
