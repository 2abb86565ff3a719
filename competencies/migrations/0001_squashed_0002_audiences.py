import common.clock
import django.db.models.deletion
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('competencies', '0001_initial'),
        ('competencies', '0002_audiences'),
    ]

    initial = True

    dependencies = [
        ('courses', '0005_self_paced_classes'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Framework',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(max_length=40, verbose_name='short name')),
                    ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                    ('title_vi', models.CharField(max_length=200, verbose_name='title in Vietnamese')),
                    ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title in English')),
                    ('source', models.CharField(blank=True, max_length=250, verbose_name='source or legal basis')),
                    ('url', models.URLField(verbose_name='published at')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('adopted_at', models.DateTimeField(blank=True, null=True)),
                    ('adopted_by', models.CharField(blank=True, max_length=200)),
                    ('adopted_because', models.CharField(blank=True, max_length=250, verbose_name='decision or reason')),
                ],
                options={
                    'ordering': ('slug', '-version'),
                    'constraints': [models.UniqueConstraint(fields=('slug', 'version'), name='one_framework_per_version'), models.CheckConstraint(condition=models.Q(('adopted_at', None), models.Q(('adopted_because', ''), _negated=True), _connector='OR'), name='an_adoption_has_its_reason')],
                },
            ),
            migrations.CreateModel(
                name='Competency',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('code', models.CharField(max_length=20)),
                    ('area_vi', models.CharField(blank=True, max_length=200)),
                    ('area_en', models.CharField(blank=True, max_length=200)),
                    ('name_vi', models.CharField(max_length=200)),
                    ('name_en', models.CharField(blank=True, max_length=200)),
                    ('text_vi', models.CharField(blank=True, max_length=1000)),
                    ('text_en', models.CharField(blank=True, max_length=1000)),
                    ('url', models.URLField(blank=True)),
                    ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='competencies', to='competencies.framework')),
                ],
                options={
                    'ordering': ('framework', 'position'),
                    'constraints': [models.UniqueConstraint(fields=('framework', 'code'), name='one_competency_per_code'), models.UniqueConstraint(fields=('framework', 'position'), name='one_competency_per_position')],
                },
            ),
            migrations.CreateModel(
                name='Level',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('name_vi', models.CharField(max_length=100)),
                    ('name_en', models.CharField(blank=True, max_length=100)),
                    ('text_vi', models.CharField(blank=True, max_length=1000)),
                    ('text_en', models.CharField(blank=True, max_length=1000)),
                    ('framework', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='competencies.framework')),
                ],
                options={
                    'ordering': ('framework', 'number'),
                    'constraints': [models.UniqueConstraint(fields=('framework', 'number'), name='one_level_per_number'), models.CheckConstraint(condition=models.Q(('number__gte', 1)), name='levels_begin_with_one')],
                },
            ),
            migrations.CreateModel(
                name='CourseCompetency',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first_day', models.DateField(blank=True, help_text='Leave blank where earlier completions count too.', null=True, verbose_name='completed from')),
                    ('last_day', models.DateField(blank=True, null=True, verbose_name='completed until')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('competency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='courses', to='competencies.competency', verbose_name='competency')),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='competencies', to='courses.course')),
                    ('level', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='competencies.level', verbose_name='level reached')),
                ],
                options={
                    'ordering': ('competency__framework', 'competency__position', models.OrderBy(models.F('first_day'), nulls_first=True)),
                    'constraints': [models.CheckConstraint(condition=models.Q(('first_day', None), ('last_day', None), ('last_day__gte', models.F('first_day')), _connector='OR'), name='taught_until_a_later_day', violation_error_message='The last day cannot lie before the first one.')],
                },
            ),
            migrations.CreateModel(
                name='Audience',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(max_length=40, unique=True, verbose_name='short name')),
                    ('title_vi', models.CharField(max_length=200, verbose_name='title in Vietnamese')),
                    ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title in English')),
                    ('is_in_use', models.BooleanField(default=True, verbose_name='in use')),
                ],
                options={
                    'ordering': ('title_vi', 'slug'),
                },
            ),
            migrations.CreateModel(
                name='AudienceRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first_day', models.DateField(verbose_name='in force from')),
                    ('positions', models.JSONField(blank=True, default=list, verbose_name='position contains')),
                    ('positions_not', models.JSONField(blank=True, default=list, verbose_name='position does not contain')),
                    ('units', models.JSONField(blank=True, default=list, verbose_name='unit contains')),
                    ('agency_kinds', models.JSONField(blank=True, default=list, verbose_name='kind of agency')),
                    ('trainee_kinds', models.JSONField(blank=True, default=list, verbose_name='official or expert')),
                    ('reason', models.CharField(blank=True, max_length=250, verbose_name='reason')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('audience', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='competencies.audience')),
                    ('courses', models.ManyToManyField(blank=True, related_name='+', to='courses.course', verbose_name='courses to complete')),
                ],
                options={
                    'ordering': ('audience', '-first_day', '-pk'),
                },
            ),
            migrations.CreateModel(
                name='RequiredCompetency',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('competency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='competencies.competency')),
                    ('level', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='competencies.level')),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='competencies', to='competencies.audiencerule')),
                ],
                options={
                    'ordering': ('rule', 'competency__framework', 'competency__position'),
                    'constraints': [models.UniqueConstraint(fields=('rule', 'competency'), name='one_level_per_required_competency')],
                },
            ),
        ]),
    ]
