import common.clock
import django.db.models.deletion
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('courses', '0001_initial'),
        ('courses', '0002_courses_held_elsewhere'),
        ('courses', '0003_calendars'),
        ('courses', '0004_competencies_of_courses'),
        ('courses', '0005_self_paced_classes'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Course',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                    ('title_vi', models.CharField(max_length=250, verbose_name='title in Vietnamese')),
                    ('title_en', models.CharField(blank=True, max_length=250, verbose_name='title in English')),
                    ('description_vi', models.TextField(blank=True, verbose_name='description in Vietnamese')),
                    ('description_en', models.TextField(blank=True, verbose_name='description in English')),
                    ('periods', models.PositiveSmallIntegerField(verbose_name='periods')),
                    ('days', models.PositiveSmallIntegerField(default=1, verbose_name='days')),
                    ('delivery', models.CharField(choices=[('in_person', 'In person'), ('online', 'Online'), ('blended', 'Blended')], max_length=10, verbose_name='delivery')),
                    ('minimum_attendance', models.PositiveSmallIntegerField(default=80, verbose_name='minimum attendance (%)')),
                    ('minimum_score', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, verbose_name='minimum score')),
                    ('grading', models.CharField(choices=[('pass_fail', 'Passed or not'), ('ten_points', 'Good, fair, average (of ten)')], default='pass_fail', max_length=10, verbose_name='grading')),
                    ('approval', models.CharField(choices=[('none', 'No approval needed'), ('agency', 'By the agency'), ('office', 'By the programme office'), ('both', 'By the agency, then the programme office')], default='none', max_length=6, verbose_name='approval')),
                    ('good_from', models.DecimalField(decimal_places=2, default=Decimal(8), max_digits=4, verbose_name='“good” from')),
                    ('fair_from', models.DecimalField(decimal_places=2, default=Decimal(7), max_digits=4, verbose_name='“fair” from')),
                    ('walk_ins_allowed', models.BooleanField(default=False, verbose_name='walk-ins allowed')),
                    ('recognised_by_office', models.BooleanField(default=False, verbose_name='results recognised by the programme office')),
                    ('bare_birth_years', models.BooleanField(default=True, verbose_name='birth year alone accepted')),
                    ('is_offered', models.BooleanField(default=True, verbose_name='offered')),
                    ('prerequisites', models.ManyToManyField(blank=True, related_name='required_by', to='courses.course')),
                    ('competency_framework', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='competency framework')),
                    ('competency_name', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='competency')),
                    ('competency_url', models.URLField(blank=True, db_default='', default='', verbose_name='address of the competency')),
                ],
                options={
                    'ordering': ('code',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('minimum_attendance__lte', 100)), name='attendance_is_a_percentage'), models.CheckConstraint(condition=models.Q(('fair_from__gte', 0), ('good_from__gte', models.F('fair_from')), ('good_from__lte', 10)), name='good_is_better_than_fair', violation_error_message='The threshold for “good” must be at or above “fair”, both at most 10.'), models.CheckConstraint(condition=models.Q(models.Q(('competency_name', ''), ('competency_url', '')), models.Q(models.Q(('competency_name', ''), _negated=True), models.Q(('competency_url', ''), _negated=True)), _connector='OR'), name='a_competency_has_a_name_and_an_address', violation_error_message='Give both the name and the address of the competency.')],
                },
            ),
            migrations.CreateModel(
                name='CourseRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(max_length=40, unique=True, verbose_name='class code')),
                    ('state', models.CharField(choices=[('draft', 'Draft'), ('open', 'Open for enrollment'), ('running', 'Running'), ('closed', 'Closed'), ('cancelled', 'Cancelled')], default='open', max_length=10, verbose_name='state')),
                    ('starts_on', models.DateField(verbose_name='first day')),
                    ('ends_on', models.DateField(verbose_name='last day')),
                    ('venue', models.CharField(blank=True, max_length=200, verbose_name='venue')),
                    ('link', models.URLField(blank=True, verbose_name='link')),
                    ('capacity', models.PositiveIntegerField(verbose_name='seats')),
                    ('seats_taken', models.PositiveIntegerField(default=0, editable=False)),
                    ('seats_shared', models.PositiveIntegerField(default=0, editable=False)),
                    ('waiting_numbers', models.PositiveIntegerField(default=0, editable=False)),
                    ('enrollment_opens_on', models.DateField(blank=True, null=True, verbose_name='enrollment opens')),
                    ('enrollment_closes_on', models.DateField(blank=True, null=True, verbose_name='enrollment closes')),
                    ('closing_proposed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ('closing_proposed_by', models.CharField(blank=True, editable=False, max_length=200)),
                    ('cancelled_because', models.CharField(blank=True, editable=False, max_length=250, verbose_name='reason')),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='courses.course')),
                    ('outside_key', models.CharField(blank=True, db_default='', default='', editable=False, max_length=320)),
                    ('outside_title', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200, verbose_name='course there')),
                    ('platform', models.CharField(blank=True, db_default='', default='', editable=False, max_length=100, verbose_name='platform')),
                    ('is_self_paced', models.BooleanField(db_default=False, default=False, verbose_name='self-paced')),
                ],
                options={
                    'ordering': ('-starts_on', 'code'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='run_ends_after_it_starts', violation_error_message='A class cannot end before it starts.'), models.CheckConstraint(condition=models.Q(('seats_taken__lte', models.F('capacity'))), name='seats_taken_within_capacity', violation_error_message='More people have a seat than there are seats.'), models.CheckConstraint(condition=models.Q(('seats_shared__lte', models.F('capacity'))), name='seat_shares_within_capacity', violation_error_message='The seat shares add up to more than the seats.'), models.CheckConstraint(condition=models.Q(('enrollment_opens_on', None), ('enrollment_closes_on', None), ('enrollment_closes_on__gte', models.F('enrollment_opens_on')), _connector='OR'), name='enrollment_closes_after_it_opens', violation_error_message='Enrollment cannot close before it opens.'), models.CheckConstraint(condition=models.Q(models.Q(('capacity__gte', 1), ('outside_key', '')), models.Q(models.Q(('outside_key', ''), _negated=True), ('capacity', 0)), _connector='OR'), name='run_has_a_seat', violation_error_message='A class needs at least one seat.'), models.UniqueConstraint(condition=models.Q(('outside_key', ''), _negated=True), fields=('outside_key',), name='one_match_per_outside_course')],
                },
            ),
            migrations.CreateModel(
                name='Material',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('file', models.FileField(upload_to='materials/%Y/')),
                    ('added_at', models.DateTimeField(default=common.clock.now)),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='materials', to='courses.courserun')),
                ],
            ),
            migrations.CreateModel(
                name='OfficialDecision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('class_opening', 'Class-opening decision'), ('recognition', 'Recognition decision')], max_length=15)),
                    ('number', models.CharField(max_length=60, verbose_name='number and symbol')),
                    ('dated', models.DateField(verbose_name='date')),
                    ('parent_body', models.CharField(blank=True, max_length=200, verbose_name='parent body of the issuing body')),
                    ('issuing_body', models.CharField(blank=True, max_length=200, verbose_name='issuing body')),
                    ('place', models.CharField(blank=True, max_length=100, verbose_name='place of issue')),
                    ('signer_name', models.CharField(blank=True, max_length=150, verbose_name='signer')),
                    ('signer_title', models.CharField(blank=True, max_length=150, verbose_name="signer's title")),
                    ('file', models.FileField(blank=True, upload_to='decisions/%Y/', verbose_name='file')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='courses.courserun')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('run', 'kind'), name='one_decision_per_run_and_kind')],
                },
            ),
            migrations.CreateModel(
                name='RunTrainer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('guest_name', models.CharField(blank=True, max_length=150, verbose_name='guest speaker')),
                    ('guest_title', models.CharField(blank=True, max_length=150, verbose_name='title or agency')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trainers', to='courses.courserun')),
                    ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs_taught', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('run', 'user'), name='one_place_per_trainer_and_run'), models.UniqueConstraint(condition=models.Q(('user', None)), fields=('run', 'guest_name'), name='one_place_per_guest_and_run'), models.CheckConstraint(condition=models.Q(models.Q(('guest_name__gt', ''), ('user', None)), models.Q(('guest_name', ''), ('user__isnull', False)), _connector='OR'), name='trainer_is_a_user_or_a_guest')],
                },
            ),
            migrations.CreateModel(
                name='Session',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('starts_at', models.DateTimeField(verbose_name='starts')),
                    ('ends_at', models.DateTimeField(verbose_name='ends')),
                    ('topic', models.CharField(blank=True, max_length=250, verbose_name='topic')),
                    ('is_mandatory', models.BooleanField(default=False, verbose_name='mandatory')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='courses.courserun')),
                ],
                options={
                    'ordering': ('run', 'number'),
                    'constraints': [models.UniqueConstraint(fields=('run', 'number'), name='one_session_per_number'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='session_ends_after_it_starts', violation_error_message='A session cannot end before it starts.')],
                },
            ),
            migrations.CreateModel(
                name='CalendarEvent',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('sequence', models.PositiveIntegerField(default=0)),
                    ('changed_at', models.DateTimeField(default=common.clock.now)),
                    ('cancelled_at', models.DateTimeField(null=True)),
                    ('starts_at', models.DateTimeField()),
                    ('ends_at', models.DateTimeField()),
                    ('topic', models.CharField(blank=True, max_length=250)),
                    ('title_vi', models.CharField(max_length=250)),
                    ('title_en', models.CharField(blank=True, max_length=250)),
                    ('venue', models.CharField(blank=True, max_length=200)),
                    ('link', models.URLField(blank=True)),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_events', to='courses.courserun')),
                    ('session', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='calendar_event', to='courses.session')),
                ],
                options={
                    'ordering': ('starts_at', 'id'),
                },
            ),
            migrations.CreateModel(
                name='CalendarAddress',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(blank=True, help_text='Of the account: accounts.invalidation.', max_length=64)),
                    ('scope', models.CharField(choices=[('own', 'My classes'), ('taught', 'Classes that I teach'), ('run', 'One class')], max_length=10)),
                    ('digest', models.CharField(max_length=64, unique=True)),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('run', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='calendar_addresses', to='courses.courserun')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_addresses', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('scope', 'id'),
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('run__isnull', False), ('scope', 'run')), models.Q(models.Q(('scope', 'run'), _negated=True), ('run__isnull', True)), _connector='OR'), name='calendar_of_a_run_names_it')],
                },
            ),
        ]),
    ]
