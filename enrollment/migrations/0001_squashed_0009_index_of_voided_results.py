import common.clock
import common.record_time
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('enrollment', '0001_initial'),
        ('enrollment', '0002_record_times_follow_commits'),
        ('enrollment', '0003_completion_day_outside_the_class'),
        ('enrollment', '0004_official_or_expert'),
        ('enrollment', '0005_announced_states'),
        ('enrollment', '0006_results_from_elsewhere'),
        ('enrollment', '0007_class_messages'),
        ('enrollment', '0008_self_paced_evidence'),
        ('enrollment', '0009_index_of_voided_results'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('agencies', '0002_record_times_follow_commits'),
        ('courses', '0005_self_paced_classes'),
        ('notices', '0006_index_of_failed'),
        ('people', '0003_letters'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='NominationLetter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.CharField(max_length=60, verbose_name='number and symbol')),
                    ('dated', models.DateField(verbose_name='date')),
                    ('signer_name', models.CharField(blank=True, max_length=150, verbose_name='signer')),
                    ('signer_title', models.CharField(blank=True, max_length=150, verbose_name="signer's title")),
                    ('file', models.FileField(blank=True, upload_to='letters/%Y/', verbose_name='file')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='agencies.agency')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='courses.courserun')),
                ],
                options={
                    'ordering': ('dated', 'id'),
                    'constraints': [models.UniqueConstraint(fields=('run', 'agency', 'number', 'dated'), name='one_letter_per_number_and_day')],
                },
            ),
            migrations.CreateModel(
                name='Enrollment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('nominated', 'nominated'), ('requested', 'requested'), ('approved', 'approved'), ('enrolled', 'enrolled'), ('waitlisted', 'on the waiting list'), ('completed', 'completed'), ('not_completed', 'not completed'), ('rejected', 'rejected'), ('withdrawn', 'withdrawn'), ('cancelled', 'cancelled')], max_length=15)),
                    ('state_since', models.DateTimeField(default=common.clock.now)),
                    ('unit', models.CharField(blank=True, max_length=200, verbose_name='unit')),
                    ('position', models.CharField(blank=True, max_length=150, verbose_name='position')),
                    ('remarks', models.CharField(blank=True, max_length=250, verbose_name='remarks')),
                    ('withdrawal_reason', models.CharField(blank=True, max_length=250, verbose_name='withdrawal reason')),
                    ('agency_approved_at', models.DateTimeField(null=True)),
                    ('agency_approved_by', models.CharField(blank=True, max_length=200)),
                    ('waiting_number', models.PositiveIntegerField(null=True)),
                    ('skipped_because', models.CharField(blank=True, choices=[('time_clash', 'has a seat in another class at the same time'), ('share_used_up', 'the free seats are reserved for other agencies')], max_length=14)),
                    ('score', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, verbose_name='score')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('replaces', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='enrollment.enrollment')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='courses.courserun')),
                    ('sending_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments_sent', to='agencies.agency')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='people.trainee')),
                    ('letter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='enrollments', to='enrollment.nominationletter')),
                    ('trainee_kind', models.CharField(blank=True, choices=[('official', 'official'), ('expert', 'expert')], db_default='', default='', max_length=10, verbose_name='official or expert')),
                    ('announced_state', models.CharField(blank=True, db_default='', default='', max_length=15)),
                    ('reminded_of', models.DateField(null=True)),
                ],
                options={
                    'ordering': ('run', 'id'),
                    'indexes': [models.Index(fields=['run', 'state'], name='enrollment_run_state'), models.Index(fields=['sending_agency', 'state'], name='enrollment_sender_state'), models.Index(condition=models.Q(('state', models.F('announced_state')), _negated=True), fields=['id'], name='unannounced')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('rejected', 'withdrawn', 'cancelled')), _negated=True), fields=('run', 'trainee'), name='one_live_enrollment_per_trainee_and_run', violation_error_message='This person is already enrolled in this class.'), models.CheckConstraint(condition=models.Q(('score', None), models.Q(('score__gte', 0), ('score__lte', 10)), _connector='OR'), name='score_of_ten'), models.UniqueConstraint(condition=models.Q(('state', 'waitlisted')), fields=('run', 'waiting_number'), name='one_waiting_number_per_run'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'waitlisted'), _negated=True), ('waiting_number__isnull', False), _connector='OR'), name='waitlisted_has_a_number')],
                },
            ),
            migrations.CreateModel(
                name='PaperEvidence',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('file', models.FileField(upload_to='evidence/%Y/', verbose_name='scan')),
                    ('sha256', models.CharField(max_length=64)),
                    ('title', models.CharField(blank=True, max_length=200, verbose_name='title')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='paper_evidence', to='courses.courserun')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.UniqueConstraint(fields=('run', 'sha256'), name='one_row_per_scan_and_run')],
                },
            ),
            migrations.CreateModel(
                name='Completion',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('course_code', models.CharField(max_length=20)),
                    ('periods', models.PositiveSmallIntegerField()),
                    ('completed_on', models.DateField()),
                    ('score', models.DecimalField(decimal_places=2, max_digits=4, null=True)),
                    ('grade', models.CharField(choices=[('passed', 'passed'), ('good', 'good'), ('fair', 'fair'), ('average', 'average')], max_length=10)),
                    ('attendance_percent', models.PositiveSmallIntegerField(null=True)),
                    ('rule_met', models.CharField(max_length=120)),
                    ('remark', models.CharField(blank=True, max_length=250)),
                    ('evidence', models.CharField(choices=[('signed_sheet', 'signed attendance sheet'), ('qr_check_in', 'QR check-in'), ('trainers_mark', "trainer's mark"), ('conference_log', 'conference log'), ('paper', 'results on paper'), ('elsewhere', 'completed elsewhere'), ('self_paced', 'self-paced: units and test')], max_length=15)),
                    ('agency_kind', models.CharField(choices=[('ministry', 'Ministry'), ('ministerial_agency', 'Ministerial-level agency'), ('government_agency', 'Agency under the Government'), ('province', 'Province or city'), ('party_or_assembly', 'Party or assembly body'), ('state_group', 'State group'), ('state_corporation', 'State corporation'), ('other', 'Other (not counted towards any target)')], max_length=20)),
                    ('sector', models.CharField(blank=True, choices=[('state_agency', 'State agencies'), ('state_corporation', 'State groups and corporations')], max_length=20)),
                    ('recorded_at', models.DateTimeField(default=common.record_time.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('voided_at', models.DateTimeField(null=True)),
                    ('void_reason', models.CharField(blank=True, max_length=250)),
                    ('erased_at', models.DateTimeField(help_text='When the remark was erased.', null=True)),
                    ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrected_by', to='enrollment.completion')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='courses.courserun')),
                    ('sending_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completions_sent', to='agencies.agency')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='people.trainee')),
                    ('enrollment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='enrollment.enrollment')),
                    ('paper', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='completions', to='enrollment.paperevidence')),
                    ('day_reason', models.CharField(blank=True, db_default='', default='', max_length=250, verbose_name='reason for a day outside the class')),
                    ('trainee_kind', models.CharField(blank=True, choices=[('official', 'official'), ('expert', 'expert')], db_default='', default='', max_length=10)),
                    ('hours', models.DecimalField(decimal_places=1, help_text='Of a course held elsewhere.', max_digits=6, null=True)),
                ],
                options={
                    'ordering': ('completed_on', 'recorded_at', 'id'),
                    'indexes': [models.Index(fields=['trainee', 'completed_on'], name='completion_of_trainee'), models.Index(fields=['run'], name='completion_of_run'), models.Index(condition=models.Q(('voided_at__isnull', False)), fields=['id'], name='completion_voided')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('trainee', 'run'), name='one_valid_completion_per_trainee_and_run', violation_error_message='This person has already completed this class.'), models.CheckConstraint(condition=models.Q(('voided_at', None), ('void_reason__gt', ''), _connector='OR'), name='a_void_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='ScoreEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('score', models.DecimalField(decimal_places=2, max_digits=4, verbose_name='score')),
                    ('sat_on', models.DateField(blank=True, help_text='Date of the re-sit.', null=True)),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scores', to='enrollment.enrollment')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 10)), name='score_entry_of_ten')],
                },
            ),
            migrations.CreateModel(
                name='SeatMove',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('seats', models.SmallIntegerField(help_text='+1, 0 or −1')),
                    ('reason', models.CharField(choices=[('enrolled', 'enrolled'), ('promoted', 'promoted from the waiting list'), ('waitlisted', 'put on the waiting list'), ('withdrawn', 'withdrawn'), ('replaced', 'replaced'), ('cancelled', 'class cancelled'), ('skipped', 'skipped on the waiting list'), ('walked_in', 'walk-in'), ('share', 'seat share changed'), ('released', 'seat share released'), ('capacity', 'number of seats changed')], max_length=10)),
                    ('remark', models.CharField(blank=True, max_length=200)),
                    ('at', models.DateTimeField(default=common.clock.now)),
                    ('erased_at', models.DateTimeField(help_text='When the remark was erased.', null=True)),
                    ('enrollment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='seat_moves', to='enrollment.enrollment')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seat_moves', to='courses.courserun')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(('seats__gte', -1), ('seats__lte', 1)), name='one_seat_at_a_time'), models.CheckConstraint(condition=models.Q(('enrollment__isnull', False), ('seats', 0), _connector='OR'), name='a_seat_is_somebodys')],
                },
            ),
            migrations.CreateModel(
                name='SeatShare',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('seats', models.PositiveIntegerField()),
                    ('release_on', models.DateField(blank=True, help_text='From this day unused seats are open to everyone; leave blank for the day on which the class starts.', null=True)),
                    ('released_at', models.DateTimeField(editable=False, null=True)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='seat_shares', to='agencies.agency')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seat_shares', to='courses.courserun')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('run', 'agency'), name='one_share_per_run_and_agency'), models.CheckConstraint(condition=models.Q(('seats__gte', 1)), name='a_share_has_a_seat', violation_error_message='A seat share needs at least one seat.')],
                },
            ),
            migrations.CreateModel(
                name='CompletionSplitAssignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('recorded_at', models.DateTimeField(default=common.record_time.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency')),
                    ('completion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='split_assignments', to='enrollment.completion')),
                    ('succession', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.succession')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('completion', 'succession'), name='one_successor_per_completion_and_split')],
                },
            ),
            migrations.CreateModel(
                name='CompletionException',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(max_length=250, verbose_name='reason')),
                    ('granted_at', models.DateTimeField(default=common.clock.now)),
                    ('granted_by', models.CharField(max_length=200)),
                    ('earlier', models.JSONField(blank=True, default=list)),
                    ('enrollment', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='exception', to='enrollment.enrollment')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('reason__gt', '')), name='an_exception_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='Attendance',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('mark', models.CharField(choices=[('present', 'present'), ('late', 'late'), ('excused', 'excused'), ('absent', 'absent')], max_length=7)),
                    ('evidence', models.CharField(choices=[('signed_sheet', 'signed attendance sheet'), ('qr_check_in', 'QR check-in'), ('trainers_mark', "trainer's mark"), ('conference_log', 'conference log'), ('paper', 'results on paper'), ('elsewhere', 'completed elsewhere'), ('self_paced', 'self-paced: units and test')], max_length=15)),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('earlier', models.JSONField(blank=True, default=list)),
                    ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='courses.session')),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='enrollment.enrollment')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('enrollment', 'session'), name='one_mark_per_person_and_session')],
                },
            ),
            migrations.CreateModel(
                name='ClassMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.UUIDField()),
                    ('subject', models.CharField(max_length=200, verbose_name='subject')),
                    ('body', models.TextField(max_length=5000, verbose_name='text')),
                    ('sent_at', models.DateTimeField(default=common.clock.now)),
                    ('sent_by', models.CharField(max_length=200)),
                    ('sent_as', models.CharField(choices=[('programme_office', 'Programme office'), ('trainer', 'Trainer'), ('coordinator', 'Coordinator'), ('trainee', 'Trainee'), ('auditor', 'Auditor')], max_length=20)),
                    ('people', models.PositiveIntegerField(help_text='How many were written to, letters included.')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='courses.courserun')),
                    ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.UniqueConstraint(fields=('run', 'key'), name='one_message_per_run_and_key')],
                },
            ),
            migrations.CreateModel(
                name='ClassMessageFile',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=220)),
                    ('file', models.FileField(upload_to='class-messages/%Y/')),
                    ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='enrollment.classmessage')),
                ],
                options={
                    'ordering': ('id',),
                },
            ),
            migrations.CreateModel(
                name='ClassMessageRecipient',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages_received', to='enrollment.enrollment')),
                    ('letter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='people.letter')),
                    ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='enrollment.classmessage')),
                    ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notices.notice')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('message', 'enrollment'), name='one_row_per_message_and_recipient')],
                },
            ),
        ]),
    ]
