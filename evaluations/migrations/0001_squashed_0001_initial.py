import common.clock
import django.db.models.deletion
import evaluations.models.follow_ups
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [('evaluations', '0001_initial')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('courses', '0004_competencies_of_courses'),
        ('enrollment', '0007_class_messages'),
        ('people', '0003_letters'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='EvaluationForm',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField(max_length=40, verbose_name='short name')),
                    ('version', models.PositiveSmallIntegerField(verbose_name='version')),
                    ('title_vi', models.CharField(max_length=200, verbose_name='title in Vietnamese')),
                    ('title_en', models.CharField(blank=True, max_length=200, verbose_name='title in English')),
                    ('legal_basis', models.CharField(blank=True, max_length=200, verbose_name='legal basis')),
                    ('most_unanswered', models.PositiveSmallIntegerField(default=5, help_text='A form with a larger share is invalid: it is counted, its answers are not.', verbose_name='unanswered indicators at most (%)')),
                    ('least_forms', models.PositiveSmallIntegerField(default=5, help_text='Results of fewer are hidden, so that nobody is recognised.', verbose_name='results from this number of valid forms')),
                    ('days_open', models.PositiveSmallIntegerField(default=14, verbose_name='days to answer, from the last day of the class')),
                    ('yearly_share', models.PositiveSmallIntegerField(default=20, verbose_name='classes evaluated in a year at least (%)')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                ],
                options={
                    'ordering': ('slug', '-version'),
                    'constraints': [models.UniqueConstraint(fields=('slug', 'version'), name='one_form_per_version'), models.CheckConstraint(condition=models.Q(('most_unanswered__lte', 100), ('yearly_share__lte', 100)), name='shares_of_a_form_are_percentages'), models.CheckConstraint(condition=models.Q(('least_forms__gte', 5)), name='results_of_fewer_than_five_are_hidden', violation_error_message='Results of fewer than five forms stay hidden.')],
                },
            ),
            migrations.CreateModel(
                name='Evaluation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('opens_on', models.DateField(verbose_name='open from')),
                    ('closes_on', models.DateField(verbose_name='open until')),
                    ('is_laid_out', models.BooleanField(default=False)),
                    ('last_invited', models.BigIntegerField(default=0)),
                    ('valid_online', models.PositiveIntegerField(default=0)),
                    ('invalid_online', models.PositiveIntegerField(default=0)),
                    ('valid_paper', models.PositiveIntegerField(default=0)),
                    ('invalid_paper', models.PositiveIntegerField(default=0)),
                    ('seats_at_closing', models.PositiveIntegerField(null=True)),
                    ('index', models.DecimalField(decimal_places=2, help_text='None: hidden, or not closed yet.', max_digits=4, null=True)),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('closed_by', models.CharField(blank=True, max_length=200)),
                    ('run', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='evaluation', to='courses.courserun')),
                    ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='evaluations.evaluationform')),
                ],
                options={
                    'ordering': ('-closes_on', '-id'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('closes_on__gte', models.F('opens_on'))), name='evaluation_closes_after_it_opens', violation_error_message='An evaluation cannot close before it opens.')],
                },
            ),
            migrations.CreateModel(
                name='EvaluatedTrainer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('guest_name', models.CharField(blank=True, max_length=150)),
                    ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='trainers', to='evaluations.evaluation')),
                ],
                options={
                    'ordering': ('evaluation', 'id'),
                },
            ),
            migrations.CreateModel(
                name='FollowUp',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('months', models.PositiveSmallIntegerField()),
                    ('respondent', models.CharField(choices=[('trainee', 'trainee'), ('manager', 'manager')], max_length=7)),
                    ('asked_at', models.DateTimeField(default=common.clock.now)),
                    ('closes_on', models.DateField()),
                    ('reminders', models.PositiveSmallIntegerField(default=0)),
                    ('reminded_at', models.DateTimeField(null=True)),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('use', models.CharField(blank=True, choices=[('regularly', 'regularly'), ('sometimes', 'sometimes'), ('not_yet', 'not yet'), ('not_needed', 'my work does not need it')], max_length=10, verbose_name='Is it used at work?')),
                    ('what', models.TextField(blank=True, max_length=2000, verbose_name='What is it used for?')),
                    ('obstacle', models.TextField(blank=True, max_length=1000, verbose_name='What prevents it?')),
                    ('example', models.TextField(blank=True, max_length=4000, verbose_name='An example')),
                    ('link', models.URLField(blank=True, verbose_name='link to the example')),
                    ('file', models.FileField(blank=True, upload_to='examples/%Y/', verbose_name='file of the example')),
                    ('may_publish', models.BooleanField(default=False, verbose_name='The example may be published')),
                    ('example_state', models.CharField(blank=True, choices=[('submitted', 'waiting for the programme office'), ('published', 'published'), ('accepted', 'accepted, not published'), ('declined', 'not accepted')], max_length=9)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('decided_by', models.CharField(blank=True, max_length=200)),
                    ('decision_note', models.CharField(blank=True, max_length=250, verbose_name='note')),
                    ('public_title', models.CharField(blank=True, max_length=150, verbose_name='title')),
                    ('public_text', models.TextField(blank=True, max_length=4000, verbose_name='text')),
                    ('completion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='enrollment.completion')),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('answered_at', None)), fields=['closes_on'], name='follow_up_waiting')],
                    'constraints': [models.UniqueConstraint(fields=('completion', 'months', 'respondent'), name='asked_once_per_time'), models.CheckConstraint(condition=models.Q(('answered_at', None), models.Q(('use', ''), _negated=True), _connector='OR'), name='an_answer_says_whether_it_is_used'), models.CheckConstraint(condition=models.Q(models.Q(('example_state', 'published'), _negated=True), models.Q(('may_publish', True), ('public_text__gt', ''), ('public_title__gt', '')), _connector='OR'), name='published_examples_are_agreed_to')],
                },
            ),
            migrations.CreateModel(
                name='FollowUpRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('months', models.JSONField(default=evaluations.models.follow_ups._default_months, verbose_name='months after the completion')),
                    ('reminders', models.PositiveSmallIntegerField(default=3, verbose_name='reminders')),
                    ('days_between', models.PositiveSmallIntegerField(default=14, verbose_name='days between reminders')),
                    ('days_open', models.PositiveSmallIntegerField(default=60, verbose_name='days to answer')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('reminders__lte', 3)), name='three_reminders_at_most')],
                },
            ),
            migrations.CreateModel(
                name='FormItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('group', 'group'), ('criterion', 'criterion'), ('indicator', 'indicator'), ('question', 'question in free text')], max_length=10)),
                    ('position', models.PositiveSmallIntegerField()),
                    ('number', models.CharField(max_length=12)),
                    ('subject', models.CharField(blank=True, choices=[('course', 'course'), ('trainer', 'trainer'), ('venue', 'venue'), ('organisation', 'organisation')], max_length=12)),
                    ('weight', models.PositiveSmallIntegerField(default=1)),
                    ('text_vi', models.CharField(max_length=300)),
                    ('text_en', models.CharField(blank=True, max_length=300)),
                    ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='evaluations.evaluationform')),
                    ('parent', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='evaluations.formitem')),
                ],
                options={
                    'ordering': ('form', 'position'),
                    'constraints': [models.UniqueConstraint(fields=('form', 'position'), name='one_item_per_position'), models.UniqueConstraint(fields=('form', 'number'), name='one_item_per_number')],
                },
            ),
            migrations.CreateModel(
                name='AnswerCount',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('source', models.CharField(choices=[('online', 'online'), ('paper', 'on paper')], max_length=6)),
                    ('value', models.PositiveSmallIntegerField()),
                    ('count', models.PositiveIntegerField(default=0)),
                    ('trainer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evaluations.evaluatedtrainer')),
                    ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='evaluations.evaluation')),
                    ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evaluations.formitem')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('trainer', None)), fields=('evaluation', 'source', 'item', 'value'), name='one_counter_per_answer'), models.UniqueConstraint(condition=models.Q(('trainer__isnull', False)), fields=('evaluation', 'source', 'item', 'trainer', 'value'), name='one_counter_per_answer_and_trainer'), models.CheckConstraint(condition=models.Q(('value__gte', 1), ('value__lte', 10)), name='answer_of_one_to_ten')],
                },
            ),
            migrations.CreateModel(
                name='FormLevel',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('below', models.DecimalField(decimal_places=2, help_text='None: rest.', max_digits=4, null=True)),
                    ('word_vi', models.CharField(max_length=40)),
                    ('word_en', models.CharField(blank=True, max_length=40)),
                    ('form', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='levels', to='evaluations.evaluationform')),
                ],
                options={
                    'ordering': ('form', models.OrderBy(models.F('below'), nulls_last=True)),
                    'constraints': [models.UniqueConstraint(fields=('form', 'below'), name='one_level_per_bound'), models.UniqueConstraint(condition=models.Q(('below', None)), fields=('form',), name='one_highest_level')],
                },
            ),
            migrations.CreateModel(
                name='FreeText',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('source', models.CharField(choices=[('online', 'online'), ('paper', 'on paper')], max_length=6)),
                    ('text', models.TextField(max_length=2000)),
                    ('held_back_at', models.DateTimeField(null=True)),
                    ('held_back_by', models.CharField(blank=True, max_length=200)),
                    ('held_back_because', models.CharField(blank=True, max_length=250, verbose_name='reason')),
                    ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='texts', to='evaluations.evaluation')),
                    ('item', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evaluations.formitem')),
                    ('trainer', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evaluations.evaluatedtrainer')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('held_back_at', None), models.Q(('held_back_because', ''), _negated=True), _connector='OR'), name='a_text_is_held_back_for_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='LineManager',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('full_name', models.CharField(max_length=100, verbose_name="manager's full name")),
                    ('email', models.EmailField(max_length=254, verbose_name="manager's e-mail")),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('trainee', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='line_manager', to='people.trainee')),
                ],
            ),
            migrations.CreateModel(
                name='OpenInvitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='enrollment.enrollment')),
                    ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='evaluations.evaluation')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('evaluation', 'enrollment'), name='invited_to_an_evaluation_once')],
                },
            ),
            migrations.CreateModel(
                name='PaperEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(help_text='SHA-256 of the file, or that of the page.', max_length=64)),
                    ('valid', models.PositiveIntegerField()),
                    ('invalid', models.PositiveIntegerField()),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='evaluations.evaluation')),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.UniqueConstraint(fields=('evaluation', 'key'), name='paper_forms_entered_once')],
                },
            ),
        ]),
    ]
