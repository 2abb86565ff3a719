import common.clock
import common.encryption
import common.record_time
import django.db.models.deletion
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('targets', '0001_initial'),
        ('targets', '0002_hash_of_the_evidence_pack'),
        ('targets', '0003_snapshots_of_quarters'),
        ('targets', '0004_versions_and_steps_of_quotas'),
        ('targets', '0005_signed_report_files'),
        ('targets', '0006_progress_and_units_of_tasks'),
        ('targets', '0007_versions_of_answers'),
        ('targets', '0008_base_of_reported_values'),
        ('targets', '0009_lists_of_reports_in_parts'),
        ('targets', '0010_plans_by_audience'),
    ]

    initial = True

    dependencies = [
        ('agencies', '0002_record_times_follow_commits'),
        ('certificates', '0001_initial'),
        ('counting', '0002_record_times_follow_commits'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='AgencyTask',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('title', models.CharField(max_length=250, verbose_name='task')),
                    ('due_on', models.DateField(verbose_name='to be completed by')),
                    ('responsible_unit', models.CharField(max_length=200, verbose_name='responsible unit')),
                    ('done_on', models.DateField(blank=True, null=True, verbose_name='completed on')),
                    ('done_by', models.CharField(blank=True, max_length=200)),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('last_reminder', models.CharField(blank=True, choices=[('', 'none'), ('soon', 'due soon'), ('overdue', 'overdue')], default='', editable=False, max_length=7)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='agencies.agency')),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='counting.indicator')),
                    ('believed_from', models.DateTimeField(editable=False, null=True)),
                    ('believed_until', models.DateTimeField(editable=False, null=True)),
                    ('change_reason', models.CharField(blank=True, editable=False, max_length=250, verbose_name='reason for the change')),
                    ('legal_basis', models.CharField(blank=True, max_length=200, verbose_name='legal basis')),
                    ('replaced_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='earlier', to='targets.agencytask')),
                    ('starts_on', models.DateField(blank=True, null=True, verbose_name='to be started on')),
                ],
                options={
                    'ordering': ('due_on', 'id'),
                },
            ),
            migrations.CreateModel(
                name='Target',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('due_on', models.DateField(verbose_name='due on')),
                    ('minimum', models.PositiveIntegerField(verbose_name='at least')),
                    ('legal_basis', models.CharField(blank=True, max_length=200, verbose_name='legal basis')),
                    ('believed_from', models.DateTimeField(editable=False, null=True)),
                    ('believed_until', models.DateTimeField(editable=False, null=True)),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='targets', to='counting.indicator')),
                    ('replaced_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='earlier', to='targets.target')),
                    ('change_reason', models.CharField(blank=True, editable=False, max_length=250, verbose_name='reason for the change')),
                ],
                options={
                    'ordering': ('due_on',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('believed_until', None)), fields=('indicator', 'due_on'), name='one_current_target_per_indicator_and_day')],
                },
            ),
            migrations.CreateModel(
                name='Quota',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('minimum', models.PositiveIntegerField(verbose_name='at least')),
                    ('due_on', models.DateField(blank=True, null=True, verbose_name='deadline')),
                    ('lead_unit', models.CharField(blank=True, max_length=200, verbose_name='lead unit')),
                    ('cooperating_units', models.CharField(blank=True, max_length=400, verbose_name='cooperating units')),
                    ('last_reminder', models.CharField(blank=True, choices=[('', 'none'), ('soon', 'due soon'), ('overdue', 'overdue')], default='', editable=False, max_length=7)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='quotas', to='agencies.agency')),
                    ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quotas', to='targets.target')),
                    ('believed_from', models.DateTimeField(editable=False, null=True)),
                    ('believed_until', models.DateTimeField(editable=False, null=True)),
                    ('change_reason', models.CharField(blank=True, editable=False, max_length=250, verbose_name='reason for the change')),
                    ('replaced_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='earlier', to='targets.quota')),
                    ('steps', models.JSONField(blank=True, default=list)),
                    ('audience_steps', models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('minimum__gte', 1)), name='a_quota_is_at_least_one', violation_error_message='A quota must be at least one person.'), models.UniqueConstraint(condition=models.Q(('believed_until', None)), fields=('target', 'agency'), name='one_quota_per_target_and_agency', violation_error_message='This agency already has a quota of this target.')],
                },
            ),
            migrations.CreateModel(
                name='IndicatorValue',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('numerator', models.PositiveIntegerField(verbose_name='numerator')),
                    ('denominator', models.PositiveIntegerField(verbose_name='denominator')),
                    ('measured_on', models.DateField(verbose_name='as of')),
                    ('remark', models.CharField(blank=True, max_length=250, verbose_name='remarks')),
                    ('evidence', models.FileField(upload_to='indicators/%Y/', verbose_name='evidence file')),
                    ('evidence_sha256', models.CharField(max_length=64)),
                    ('state', models.CharField(choices=[('submitted', 'awaiting the programme office'), ('accepted', 'accepted'), ('returned', 'returned')], default='submitted', editable=False, max_length=9)),
                    ('submitted_at', models.DateTimeField(default=common.clock.now)),
                    ('submitted_by', models.CharField(max_length=200)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('decided_by', models.CharField(blank=True, max_length=200)),
                    ('decision_note', models.CharField(blank=True, max_length=250)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='indicator_values', to='agencies.agency')),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reported_values', to='counting.indicator')),
                    ('replaced_by', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='targets.indicatorvalue')),
                    ('withdrawal_reason', models.CharField(blank=True, editable=False, max_length=250)),
                    ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                    ('withdrawn_by', models.CharField(blank=True, editable=False, max_length=200)),
                ],
                options={
                    'ordering': ('-submitted_at', '-id'),
                    'constraints': [models.CheckConstraint(condition=models.Q(('denominator__gte', 1)), name='a_percentage_has_a_denominator', violation_error_message='A percentage needs a denominator of at least 1.'), models.CheckConstraint(condition=models.Q(('numerator__lte', models.F('denominator'))), name='a_part_is_within_its_whole', violation_error_message='The numerator cannot exceed the denominator.'), models.CheckConstraint(condition=models.Q(('state', 'submitted'), ('decided_at__isnull', False), _connector='OR'), name='a_decision_has_an_instant'), models.CheckConstraint(condition=models.Q(('withdrawn_at', None), models.Q(('state', 'accepted'), ('withdrawal_reason__gt', '')), _connector='OR'), name='a_withdrawal_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='FrozenLists',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('frozen_at', models.DateTimeField(default=common.clock.now)),
                ],
            ),
            migrations.CreateModel(
                name='PeriodReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('starts_on', models.DateField()),
                    ('ends_on', models.DateField()),
                    ('version', models.PositiveSmallIntegerField(default=1)),
                    ('number', models.CharField(blank=True, max_length=60, verbose_name='number and symbol')),
                    ('known_as_of', models.DateTimeField()),
                    ('persons', models.PositiveIntegerField()),
                    ('new_persons', models.PositiveIntegerField(default=0)),
                    ('completions', models.PositiveIntegerField()),
                    ('names_in_one', common.encryption.EncryptedJSONField(db_column='names', default=list)),
                    ('content', common.encryption.EncryptedJSONField(default=dict)),
                    ('names_sha256', models.CharField(max_length=64)),
                    ('signed_at', models.DateTimeField(default=common.clock.now)),
                    ('signed_by', models.CharField(max_length=200)),
                    ('reopened_at', models.DateTimeField(null=True)),
                    ('reopened_by', models.CharField(blank=True, max_length=200)),
                    ('reopen_reason', models.CharField(blank=True, max_length=250)),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='counting.indicator')),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='counting.countingrule')),
                    ('pack_sha256', models.CharField(blank=True, max_length=64)),
                    ('lists', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, to='targets.frozenlists')),
                    ('signed_in_job', models.UUIDField(null=True, unique=True)),
                ],
                options={
                    'ordering': ('ends_on', 'version'),
                    'constraints': [models.UniqueConstraint(fields=('indicator', 'ends_on', 'version'), name='one_report_per_period_and_version'), models.UniqueConstraint(condition=models.Q(('reopened_at', None)), fields=('indicator', 'ends_on'), name='one_signed_report_per_period', violation_error_message='This period has been signed in the meantime.'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='a_period_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(('reopened_at', None), ('reopen_reason__gt', ''), _connector='OR'), name='a_reopening_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='QuarterSnapshot',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('known_on', models.DateField()),
                    ('new_by_quarter', models.JSONField()),
                    ('rule', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='counting.countingrule')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('rule', 'known_on'), name='one_snapshot_per_rule_and_quarter')],
                },
            ),
            migrations.CreateModel(
                name='ReportDocument',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('content', models.BinaryField()),
                    ('sha256', models.CharField(max_length=64)),
                    ('signer', models.CharField(max_length=250)),
                    ('fingerprint', models.CharField(max_length=64)),
                    ('signed_at', models.DateTimeField(default=common.clock.now)),
                    ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='document', to='targets.periodreport')),
                    ('signing_key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.key')),
                    ('trusted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.signercertificate')),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('signing_key__isnull', False), ('trusted_by__isnull', False), _connector='OR'), name='a_signature_rests_on_a_key_or_certificate')],
                },
            ),
            migrations.CreateModel(
                name='TaskReport',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(verbose_name='as of')),
                    ('text', models.CharField(max_length=1000, verbose_name='progress')),
                    ('is_final', models.BooleanField(default=False, verbose_name='the task is completed')),
                    ('proof', models.FileField(blank=True, upload_to='tasks/%Y/', verbose_name='proof')),
                    ('proof_sha256', models.CharField(blank=True, max_length=64)),
                    ('state', models.CharField(choices=[('submitted', 'awaiting the programme office'), ('accepted', 'accepted'), ('returned', 'returned')], default='submitted', editable=False, max_length=9)),
                    ('submitted_at', models.DateTimeField(default=common.clock.now)),
                    ('submitted_by', models.CharField(max_length=200)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('decided_by', models.CharField(blank=True, max_length=200)),
                    ('decision_note', models.CharField(blank=True, max_length=250)),
                    ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='targets.agencytask')),
                ],
                options={
                    'ordering': ('-day', '-id'),
                },
            ),
            migrations.CreateModel(
                name='CooperatingUnit',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('other', models.CharField(blank=True, max_length=400, verbose_name='other unit')),
                    ('believed_from', models.DateTimeField(editable=False, null=True)),
                    ('believed_until', models.DateTimeField(editable=False, null=True)),
                    ('answer', models.CharField(blank=True, choices=[('accepted', 'accepted'), ('done', 'done'), ('refused', 'refused')], max_length=8)),
                    ('change_reason', models.CharField(blank=True, editable=False, max_length=250, verbose_name='reason for the change')),
                    ('answered_by', models.CharField(blank=True, max_length=200)),
                    ('agency', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cooperations', to='agencies.agency')),
                    ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='units', to='targets.agencytask')),
                    ('replaced_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='earlier', to='targets.cooperatingunit')),
                ],
                options={
                    'ordering': ('id',),
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('agency', None), ('other__gt', '')), models.Q(('agency__isnull', False), ('other', '')), _connector='OR'), name='a_cooperating_unit_is_an_agency_or_another'), models.UniqueConstraint(condition=models.Q(('believed_until', None)), fields=('task', 'agency'), name='an_agency_cooperates_once_in_a_task'), models.CheckConstraint(condition=models.Q(models.Q(('answer', 'refused'), _negated=True), ('change_reason__gt', ''), _connector='OR'), name='a_refusal_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='ReportingDuty',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('since', models.DateField(verbose_name='applies from')),
                    ('kinds', models.JSONField(blank=True, default=list, verbose_name='kinds of agency')),
                    ('sectors', models.JSONField(blank=True, default=list, verbose_name='sectors')),
                    ('months', models.PositiveSmallIntegerField(choices=[(3, 'every quarter'), (6, 'every half-year'), (12, 'every year')], default=12, verbose_name='to be reported')),
                    ('days_to_report', models.PositiveSmallIntegerField(default=30, verbose_name='days to report')),
                    ('legal_basis', models.CharField(blank=True, max_length=200, verbose_name='legal basis')),
                    ('reason', models.CharField(max_length=250, verbose_name='reason')),
                    ('recorded_at', models.DateTimeField(default=common.record_time.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('agencies', models.ManyToManyField(blank=True, related_name='+', to='agencies.agency')),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='counting.indicator')),
                ],
                options={
                    'ordering': ('-since', '-recorded_at', '-id'),
                },
            ),
            migrations.CreateModel(
                name='ReportingReminder',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('period_ends_on', models.DateField()),
                    ('sent_at', models.DateTimeField(default=common.clock.now)),
                    ('sent_by', models.CharField(max_length=200)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='agencies.agency')),
                    ('indicator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reminders', to='counting.indicator')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('indicator', 'agency', 'period_ends_on'), name='one_reminder_per_agency_and_period')],
                },
            ),
            migrations.CreateModel(
                name='FrozenPart',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(choices=[('people', 'People'), ('completions', 'Completions')], max_length=11)),
                    ('number', models.PositiveIntegerField()),
                    ('rows', common.encryption.EncryptedJSONField()),
                    ('lists', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='targets.frozenlists')),
                ],
                options={
                    'ordering': ('number',),
                    'constraints': [models.UniqueConstraint(fields=('lists', 'name', 'number'), name='one_part_of_a_list_per_number')],
                },
            ),
        ]),
    ]
