import certificates.models.register
import common.clock
import common.encryption
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('certificates', '0001_initial'),
        ('certificates', '0002_bundles_of_certificates'),
        ('certificates', '0003_how_files_were_made'),
        ('certificates', '0004_registers_held_after_a_restore'),
        ('certificates', '0005_achievements_of_courses'),
        ('certificates', '0006_sample_signers'),
        ('certificates', '0007_confirmations_of_attendance'),
        ('certificates', '0008_duplicates_after_loss'),
        ('certificates', '0009_index_of_paper_blanks'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('courses', '0004_competencies_of_courses'),
        ('enrollment', '0009_index_of_voided_results'),
        ('jobs', '0002_when_timed_tasks_succeeded'),
        ('people', '0001_initial'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='BakedImage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('sha256', models.CharField(max_length=64, unique=True)),
                    ('content', models.BinaryField()),
                    ('width', models.PositiveSmallIntegerField()),
                    ('height', models.PositiveSmallIntegerField()),
                    ('added_at', models.DateTimeField(default=common.clock.now)),
                ],
            ),
            migrations.CreateModel(
                name='Key',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('use', models.CharField(choices=[('signature', 'signature of the document'), ('credential', 'proof of the credential')], max_length=10)),
                    ('name', models.SlugField(max_length=40, unique=True, verbose_name='name')),
                    ('public', models.TextField()),
                    ('fingerprint', models.CharField(max_length=64, unique=True)),
                    ('subject', models.CharField(blank=True, max_length=250)),
                    ('secret', common.encryption.EncryptedJSONField(editable=False, null=True)),
                    ('secret_file', models.CharField(blank=True, max_length=120)),
                    ('valid_from', models.DateTimeField(null=True)),
                    ('valid_to', models.DateTimeField(null=True)),
                    ('added_at', models.DateTimeField(default=common.clock.now)),
                    ('retired_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'ordering': ('-id',),
                },
            ),
            migrations.CreateModel(
                name='Batch',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('state', models.CharField(choices=[('running', 'running'), ('paused', 'paused'), ('cancelled', 'cancelled'), ('done', 'done')], default='running', max_length=10)),
                    ('parts', models.PositiveSmallIntegerField(default=1)),
                    ('held_back', models.JSONField(default=list)),
                    ('warnings', models.JSONField(default=list)),
                    ('owed_when_revived', models.PositiveIntegerField(null=True)),
                    ('merged', models.FileField(blank=True, upload_to='batches/')),
                    ('started_at', models.DateTimeField(default=common.clock.now)),
                    ('jobs', models.ManyToManyField(related_name='+', to='jobs.job')),
                    ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='courses.courserun')),
                    ('started_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-started_at',),
                },
            ),
            migrations.CreateModel(
                name='CertificateDesign',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('slug', models.SlugField()),
                    ('version', models.PositiveSmallIntegerField(default=1)),
                    ('name', models.CharField(max_length=120, verbose_name='name')),
                    ('html', models.TextField()),
                    ('css', models.TextField()),
                    ('is_default', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField(default=common.clock.now)),
                    ('frozen_at', models.DateTimeField(editable=False, null=True)),
                ],
                options={
                    'ordering': ('slug', '-version'),
                    'constraints': [models.UniqueConstraint(fields=('slug', 'version'), name='one_design_per_version'), models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='one_default_certificate_design')],
                },
            ),
            migrations.CreateModel(
                name='IssuingBody',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=200, verbose_name='name')),
                    ('parent_name', models.CharField(blank=True, max_length=200, verbose_name='parent body')),
                    ('place', models.CharField(blank=True, max_length=80, verbose_name='place')),
                    ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                    ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                    ('seal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.bakedimage')),
                ],
                options={
                    'verbose_name_plural': 'issuing bodies',
                },
            ),
            migrations.CreateModel(
                name='Signer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=150, verbose_name='name')),
                    ('title', models.CharField(max_length=150, verbose_name='title')),
                    ('authority', models.CharField(blank=True, choices=[('', 'in their own name'), ('TM.', 'on behalf of (TM.)'), ('KT.', 'for (KT.)'), ('TL.', 'by order (TL.)'), ('TUQ.', 'by delegation (TUQ.)')], max_length=4, verbose_name='authority')),
                    ('valid_from', models.DateField(blank=True, null=True, verbose_name='valid from')),
                    ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                    ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signers', to='certificates.issuingbody')),
                    ('sealed_signature', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.bakedimage')),
                    ('signature', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.bakedimage')),
                    ('is_sample', models.BooleanField(db_default=False, default=False, editable=False)),
                ],
            ),
            migrations.CreateModel(
                name='SignerCertificate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('is_authority', models.BooleanField(default=False)),
                    ('subject', models.CharField(max_length=250)),
                    ('issuer', models.CharField(max_length=250)),
                    ('serial', models.CharField(max_length=60)),
                    ('fingerprint', models.CharField(max_length=64)),
                    ('der', models.BinaryField()),
                    ('valid_from', models.DateTimeField()),
                    ('valid_to', models.DateTimeField()),
                    ('entered_at', models.DateTimeField(default=common.clock.now)),
                    ('entered_by', models.CharField(max_length=200)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('ended_by', models.CharField(blank=True, max_length=200)),
                    ('end_reason', models.CharField(blank=True, max_length=250)),
                    ('body', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signer_certificates', to='certificates.issuingbody')),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('body', 'fingerprint'), name='one_open_entry_per_body_and_certificate')],
                },
            ),
            migrations.CreateModel(
                name='Certificate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('register', models.CharField(max_length=20)),
                    ('year', models.PositiveSmallIntegerField()),
                    ('register_number', models.PositiveIntegerField(verbose_name='register number')),
                    ('serial_number', models.CharField(max_length=40, unique=True, verbose_name='serial number')),
                    ('blank_number', models.CharField(blank=True, max_length=40, verbose_name='number of the paper blank')),
                    ('verification_code', models.CharField(default=certificates.models.register.new_verification_code, max_length=19, unique=True)),
                    ('printed', models.JSONField(help_text='Every field that the document prints, as printed.')),
                    ('credential', models.JSONField(help_text='The Open Badges credential inside.', null=True)),
                    ('signed_by', models.CharField(choices=[('own_key', "by this server's key"), ('outside', 'externally: token, HSM or signing software'), ('nobody', 'not signed')], default='own_key', max_length=8)),
                    ('outside_signer', models.CharField(blank=True, max_length=250)),
                    ('signed_at', models.DateTimeField(null=True)),
                    ('unsigned_sha256', models.CharField(blank=True, max_length=64)),
                    ('unsigned_size', models.PositiveIntegerField(default=0)),
                    ('file', models.FileField(blank=True, upload_to='certificates/%Y/')),
                    ('sha256', models.CharField(blank=True, db_index=True, max_length=64)),
                    ('state', models.CharField(choices=[('issued', 'issued'), ('superseded', 'superseded'), ('revoked', 'revoked')], default='issued', max_length=10)),
                    ('issued_at', models.DateTimeField(default=common.clock.now)),
                    ('notified_at', models.DateTimeField(null=True)),
                    ('correction_reason', models.CharField(blank=True, max_length=250)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('revocation_reason', models.CharField(blank=True, max_length=250)),
                    ('erased_at', models.DateTimeField(editable=False, null=True)),
                    ('completion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='enrollment.completion')),
                    ('superseded_by', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='certificates.certificate')),
                    ('design', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certificates.certificatedesign')),
                    ('signing_key', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certificates.key')),
                    ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='certificates', to='certificates.signer')),
                    ('trusted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.signercertificate')),
                    ('made_with', models.CharField(blank=True, db_default='', default='', max_length=64)),
                ],
                options={
                    'ordering': ('register', 'year', 'register_number'),
                    'indexes': [models.Index(django.db.models.functions.text.Upper('blank_number'), condition=models.Q(('blank_number', ''), _negated=True), name='certificate_of_blank')],
                    'constraints': [models.UniqueConstraint(fields=('register', 'year', 'register_number'), name='one_certificate_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'issued')), fields=('completion',), name='one_live_certificate_per_completion', violation_error_message='This completion already has a certificate.'), models.UniqueConstraint(condition=models.Q(('blank_number', ''), _negated=True), fields=('blank_number',), name='one_certificate_per_paper_blank'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'revoked'), _negated=True), models.Q(('revocation_reason__gt', ''), ('revoked_at__isnull', False)), _connector='OR'), name='a_revocation_has_a_date_and_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='NameConfirmation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('full_name', models.CharField(max_length=100)),
                    ('confirmed_at', models.DateTimeField(default=common.clock.now)),
                    ('confirmed_by', models.CharField(max_length=200)),
                    ('trainee', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='name_confirmation', to='people.trainee')),
                ],
            ),
            migrations.CreateModel(
                name='RegisterYear',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('register', models.CharField(max_length=20)),
                    ('year', models.PositiveSmallIntegerField()),
                    ('last_number', models.PositiveIntegerField(default=0)),
                    ('is_held', models.BooleanField(db_default=False, default=False)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('register', 'year'), name='one_row_per_register_year')],
                },
            ),
            migrations.CreateModel(
                name='ShareLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(blank=True, max_length=64)),
                    ('token_sha256', models.CharField(max_length=64, unique=True)),
                    ('created_at', models.DateTimeField(default=common.clock.now)),
                    ('expires_at', models.DateTimeField()),
                    ('withdrawn_at', models.DateTimeField(null=True)),
                    ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='certificates.certificate')),
                    ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-created_at',),
                },
            ),
            migrations.CreateModel(
                name='IssuingTerms',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('names_must_be_confirmed', models.BooleanField(default=False, verbose_name='issue only under names confirmed by their holders')),
                    ('signed_by', models.CharField(choices=[('own_key', "by this server's key"), ('outside', 'externally: token, HSM or signing software'), ('nobody', 'not signed')], default='own_key', max_length=8, verbose_name='signed')),
                    ('design', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.certificatedesign', verbose_name='design')),
                    ('run', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='issuing_terms', to='courses.courserun')),
                    ('signer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.signer', verbose_name='signer')),
                ],
            ),
            migrations.CreateModel(
                name='VerificationCount',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('hour', models.DateTimeField()),
                    ('how', models.CharField(max_length=10)),
                    ('state', models.CharField(max_length=12)),
                    ('visits', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'ordering': ('-hour', 'how', 'state'),
                    'constraints': [models.UniqueConstraint(fields=('hour', 'how', 'state'), name='one_verification_count_per_hour')],
                },
            ),
            migrations.CreateModel(
                name='Bundle',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('wanted', models.JSONField(help_text='What was chosen: runs, agency, since, until.')),
                    ('certificate_ids', models.JSONField(default=list, help_text='Known once it is made.')),
                    ('archive', models.FileField(blank=True, upload_to='bundles/')),
                    ('merged', models.FileField(blank=True, upload_to='bundles/')),
                    ('asked_at', models.DateTimeField(default=common.clock.now)),
                    ('expires_at', models.DateTimeField()),
                    ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='certificate_bundles', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-asked_at',),
                },
            ),
            migrations.CreateModel(
                name='Achievement',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.PositiveSmallIntegerField()),
                    ('digest', models.CharField(max_length=64)),
                    ('content', models.JSONField()),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('course', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='achievements', to='courses.course')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('course', 'version'), name='one_achievement_per_course_version'), models.UniqueConstraint(fields=('course', 'digest'), name='one_achievement_per_course_content')],
                },
            ),
            migrations.CreateModel(
                name='AttendanceConfirmation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('register', models.CharField(max_length=20)),
                    ('year', models.PositiveSmallIntegerField()),
                    ('register_number', models.PositiveIntegerField(verbose_name='register number')),
                    ('verification_code', models.CharField(default=certificates.models.register.new_verification_code, max_length=19, unique=True)),
                    ('printed', models.JSONField(help_text='Every field that the document prints, as printed.')),
                    ('file', models.FileField(blank=True, upload_to='certificates/%Y/')),
                    ('sha256', models.CharField(blank=True, db_index=True, max_length=64)),
                    ('state', models.CharField(choices=[('issued', 'issued'), ('superseded', 'superseded'), ('revoked', 'revoked')], default='issued', max_length=10)),
                    ('issued_at', models.DateTimeField(default=common.clock.now)),
                    ('notified_at', models.DateTimeField(null=True)),
                    ('correction_reason', models.CharField(blank=True, max_length=250)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('revocation_reason', models.CharField(blank=True, max_length=250)),
                    ('erased_at', models.DateTimeField(editable=False, null=True)),
                    ('enrollment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendance_confirmations', to='enrollment.enrollment')),
                    ('signer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certificates.signer')),
                    ('superseded_by', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='certificates.attendanceconfirmation')),
                ],
                options={
                    'ordering': ('register', 'year', 'register_number'),
                    'constraints': [models.UniqueConstraint(fields=('register', 'year', 'register_number'), name='one_confirmation_per_number'), models.UniqueConstraint(condition=models.Q(('state', 'issued')), fields=('enrollment',), name='one_live_confirmation_per_enrollment', violation_error_message='This person already has a confirmation of attendance.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'revoked'), _negated=True), models.Q(('revocation_reason__gt', ''), ('revoked_at__isnull', False)), _connector='OR'), name='a_revoked_confirmation_has_a_date_and_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='Duplicate',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveSmallIntegerField()),
                    ('reason', models.CharField(max_length=250)),
                    ('issued_at', models.DateTimeField(default=common.clock.now)),
                    ('issued_by', models.CharField(max_length=200)),
                    ('file', models.FileField(blank=True, upload_to='certificates/%Y/')),
                    ('sha256', models.CharField(db_index=True, max_length=64)),
                    ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duplicates', to='certificates.certificate')),
                ],
                options={
                    'ordering': ('certificate', 'number'),
                    'constraints': [models.UniqueConstraint(fields=('certificate', 'number'), name='one_duplicate_per_number')],
                },
            ),
        ]),
    ]
