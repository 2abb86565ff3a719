import common.clock
import django.db.models.deletion
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('learning', '0001_units_and_tests'),
        ('learning', '0002_answers_after_closing'),
    ]

    initial = True

    dependencies = [
        ('courses', '0005_self_paced_classes'),
        ('enrollment', '0008_self_paced_evidence'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='CourseTest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title_vi', models.CharField(max_length=200, verbose_name='title in Vietnamese')),
                    ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title in English')),
                    ('draws', models.JSONField(default=list)),
                    ('minutes', models.PositiveSmallIntegerField(blank=True, help_text='Blank: no limit.', null=True, verbose_name='time limit (minutes)')),
                    ('attempts', models.PositiveSmallIntegerField(default=1, verbose_name='attempts')),
                    ('is_asked_before', models.BooleanField(default=False, help_text='Once, with an equal form: the gain is shown per class.', verbose_name='also before the class')),
                    ('gives_score', models.BooleanField(default=True, help_text='The best attempt after the class becomes the score for completion.', verbose_name='gives the score of the class')),
                    ('feedback', models.CharField(choices=[('nothing', 'Nothing'), ('score', 'The score'), ('answers', 'The score; the right answers once the test has closed for the class'), ('at_once', 'The score and the right answers at once, also while others take it')], default='score', max_length=7, verbose_name='shown afterwards')),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tests', to='courses.course')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('attempts__gte', 1), ('attempts__lte', 20)), name='a_test_has_an_attempt'), models.UniqueConstraint(condition=models.Q(('gives_score', True), ('withdrawn_at', None)), fields=('course',), name='one_test_gives_the_score')],
                },
            ),
            migrations.CreateModel(
                name='Attempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stage', models.CharField(choices=[('before', 'before the class'), ('after', 'after the class')], max_length=6)),
                    ('number', models.PositiveSmallIntegerField()),
                    ('started_at', models.DateTimeField(default=common.clock.now)),
                    ('due_at', models.DateTimeField()),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('score', models.DecimalField(decimal_places=2, max_digits=4, null=True)),
                    ('is_on_paper', models.BooleanField(default=False)),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='test_attempts', to='enrollment.enrollment')),
                    ('test', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken', to='learning.coursetest')),
                ],
                options={
                    'ordering': ('id',),
                    'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['due_at'], name='attempts_open')],
                    'constraints': [models.UniqueConstraint(fields=('enrollment', 'test', 'stage', 'number'), name='one_attempt_per_number'), models.CheckConstraint(condition=models.Q(('score', None), models.Q(('score__gte', 0), ('score__lte', 10)), _connector='OR'), name='attempt_of_ten')],
                },
            ),
            migrations.CreateModel(
                name='Question',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('single', 'One right answer'), ('multiple', 'Several right answers'), ('true_false', 'True or false'), ('number', 'A number'), ('short_text', 'Short text'), ('ordering', 'Put in order'), ('matching', 'Match the pairs')], max_length=10, verbose_name='kind')),
                    ('part', models.CharField(blank=True, max_length=60, verbose_name='part')),
                    ('difficulty', models.PositiveSmallIntegerField(choices=[(1, 'easy'), (2, 'medium'), (3, 'hard')], default=2, verbose_name='difficulty')),
                    ('text_vi', models.TextField(max_length=5000, verbose_name='question in Vietnamese')),
                    ('text_en', models.TextField(blank=True, max_length=5000, verbose_name='question in English')),
                    ('explanation_vi', models.TextField(blank=True, max_length=5000, verbose_name='explanation in Vietnamese')),
                    ('explanation_en', models.TextField(blank=True, max_length=5000, verbose_name='explanation in English')),
                    ('answers', models.JSONField()),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='courses.course')),
                    ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='learning.question')),
                ],
                options={
                    'ordering': ('part', 'difficulty', 'id'),
                    'indexes': [models.Index(condition=models.Q(('withdrawn_at', None)), fields=['course', 'part', 'difficulty'], name='questions_to_draw_from')],
                },
            ),
            migrations.CreateModel(
                name='AttemptAnswer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('shown', models.JSONField(default=dict)),
                    ('given', models.JSONField(null=True)),
                    ('given_at', models.DateTimeField(null=True)),
                    ('points', models.DecimalField(decimal_places=4, max_digits=5, null=True)),
                    ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='learning.attempt')),
                    ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='asked', to='learning.question')),
                ],
                options={
                    'ordering': ('attempt', 'position'),
                    'constraints': [models.UniqueConstraint(fields=('attempt', 'position'), name='one_question_per_position'), models.UniqueConstraint(fields=('attempt', 'question'), name='a_form_asks_a_question_once')],
                },
            ),
            migrations.CreateModel(
                name='TestWindow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stage', models.CharField(choices=[('before', 'before the class'), ('after', 'after the class')], max_length=6)),
                    ('opens_at', models.DateTimeField(verbose_name='opens')),
                    ('closes_at', models.DateTimeField(verbose_name='closes')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='test_windows', to='courses.courserun')),
                    ('test', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='windows', to='learning.coursetest')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('run', 'test', 'stage'), name='one_window_per_class_and_test'), models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='a_window_closes_later')],
                },
            ),
            migrations.CreateModel(
                name='Unit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveIntegerField()),
                    ('is_required', models.BooleanField(default=True, help_text='A self-paced class is completed only with this unit done.', verbose_name='needed for completion')),
                    ('opens_after_days', models.PositiveSmallIntegerField(blank=True, help_text='Counted from the first day of the class; blank: at once.', null=True, verbose_name='visible after (days)')),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('added_at', models.DateTimeField(default=common.clock.now)),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='courses.course')),
                    ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='own_units', to='courses.courserun')),
                ],
                options={
                    'ordering': ('position', 'id'),
                },
            ),
            migrations.CreateModel(
                name='UnitVersion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('kind', models.CharField(choices=[('text', 'Text'), ('file', 'File'), ('link', 'Link'), ('video', 'Video')], default='text', max_length=5, verbose_name='kind')),
                    ('title_vi', models.CharField(max_length=200, verbose_name='title in Vietnamese')),
                    ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title in English')),
                    ('text_vi', models.TextField(blank=True, max_length=100000, verbose_name='text in Vietnamese')),
                    ('text_en', models.TextField(blank=True, max_length=100000, verbose_name='text in English')),
                    ('file', models.FileField(blank=True, upload_to='units/%Y/', verbose_name='file')),
                    ('link', models.URLField(blank=True, max_length=500, verbose_name='link')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='learning.unit')),
                ],
                options={
                    'ordering': ('unit', 'number'),
                    'constraints': [models.UniqueConstraint(fields=('unit', 'number'), name='one_unit_version_per_number'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'text'), models.Q(('text_vi__gt', ''), ('text_en__gt', ''), _connector='OR')), models.Q(('file__gt', ''), ('kind', 'file')), models.Q(('kind', 'link'), ('link__gt', '')), models.Q(('kind', 'video'), models.Q(('file__gt', ''), ('link__gt', ''), _connector='OR')), _connector='OR'), name='a_unit_has_what_its_kind_says')],
                },
            ),
            migrations.CreateModel(
                name='UnitDone',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('done_at', models.DateTimeField(default=common.clock.now)),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='units_done', to='enrollment.enrollment')),
                    ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='done', to='learning.unit')),
                    ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='learning.unitversion')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('enrollment', 'unit'), name='one_done_mark_per_unit')],
                },
            ),
            migrations.CreateModel(
                name='ClassUnit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('visible_from', models.DateField(blank=True, null=True, verbose_name='visible from')),
                    ('is_hidden', models.BooleanField(default=False, verbose_name='not in this class')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='unit_settings', to='courses.courserun')),
                    ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='class_settings', to='learning.unit')),
                    ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='learning.unitversion')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('run', 'unit'), name='one_unit_setting_per_class')],
                },
            ),
        ]),
    ]
