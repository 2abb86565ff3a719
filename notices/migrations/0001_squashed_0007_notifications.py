import common.clock
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('notices', '0001_initial'),
        ('notices', '0002_message_texts'),
        ('notices', '0003_threads_and_attachments'),
        ('notices', '0004_pauses_bounces_and_reminders'),
        ('notices', '0005_invitations'),
        ('notices', '0006_index_of_failed'),
        ('notices', '0007_notifications'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('recipient', models.EmailField(max_length=254)),
                    ('language', models.CharField(default='vi', max_length=2)),
                    ('subject', models.CharField(max_length=250)),
                    ('body', models.TextField()),
                    ('html_body', models.TextField(blank=True)),
                    ('link_kind', models.CharField(blank=True, max_length=40)),
                    ('link_params', models.JSONField(default=dict)),
                    ('state', models.CharField(choices=[('pending', 'waiting to be sent'), ('sent', 'sent'), ('failed', 'could not be sent'), ('dropped', 'no longer needed'), ('uncertain', 'may have been sent'), ('unmailed', 'not sent by e-mail'), ('digest', 'waiting for the daily digest'), ('digested', 'sent in the daily digest')], default='pending', max_length=10)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('not_before', models.DateTimeField(default=common.clock.now)),
                    ('last_error', models.CharField(blank=True, max_length=250)),
                    ('created_at', models.DateTimeField(default=common.clock.now)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('kind', models.CharField(blank=True, db_default='', default='', help_text='Of notices.kinds, where it has one.', max_length=40)),
                    ('attachments', models.JSONField(null=True)),
                    ('reply_to', models.EmailField(blank=True, db_default='', default='', max_length=254)),
                    ('thread', models.CharField(blank=True, db_default='', default='', help_text='The conversation to which it belongs, such as that of a class.', max_length=40)),
                    ('claimed_at', models.DateTimeField(null=True)),
                    ('may_be_double', models.BooleanField(db_default=False, default=False)),
                    ('calendar', models.TextField(blank=True, db_default='', default='', help_text='Invitations: common.calendars.')),
                    ('account', models.ForeignKey(db_index=False, help_text='Among whose notifications it stands.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL)),
                    ('path', models.CharField(blank=True, db_default='', default='', help_text='The page it is about.', max_length=250)),
                    ('read_at', models.DateTimeField(null=True)),
                    ('rights', models.CharField(blank=True, db_default='', default='', help_text='Those that its text was written for: accounts.invalidation. Blank: any.', max_length=64)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['not_before'], name='notice_pending'), models.Index(condition=models.Q(('state', 'failed')), fields=['created_at'], name='notice_failed'), models.Index(condition=models.Q(('account__isnull', False)), fields=['account', '-created_at'], name='notice_of_account'), models.Index(condition=models.Q(('account__isnull', False), ('read_at', None)), fields=['account'], name='notice_unread'), models.Index(condition=models.Q(('state', 'digest')), fields=['account'], name='notice_digest')],
                },
            ),
            migrations.CreateModel(
                name='MessageText',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('language', models.CharField(max_length=2)),
                    ('subject', models.CharField(blank=True, max_length=200, verbose_name='subject')),
                    ('body', models.TextField(blank=True, max_length=5000, verbose_name='text')),
                    ('changed_at', models.DateTimeField(default=common.clock.now)),
                    ('changed_by', models.CharField(max_length=200)),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(fields=['kind', 'language'], name='message_text_kind')],
                },
            ),
            migrations.CreateModel(
                name='ReminderDays',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('days', models.PositiveSmallIntegerField(help_text='None: never.', null=True)),
                    ('changed_at', models.DateTimeField(default=common.clock.now)),
                    ('changed_by', models.CharField(max_length=200)),
                ],
                options={
                    'ordering': ('-id',),
                },
            ),
            migrations.CreateModel(
                name='OutboxPause',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('paused_at', models.DateTimeField(default=common.clock.now)),
                    ('paused_by', models.CharField(max_length=200)),
                    ('reason', models.CharField(max_length=250, verbose_name='reason')),
                    ('resumed_at', models.DateTimeField(null=True)),
                    ('resumed_by', models.CharField(blank=True, max_length=200)),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('resumed_at', None)), fields=('resumed_by',), name='one_pause_at_a_time')],
                },
            ),
            migrations.CreateModel(
                name='SentReminder',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('occasion', models.CharField(max_length=80)),
                    ('claim', models.UUIDField(db_index=True, help_text='Of the round that wrote it.')),
                    ('sent_at', models.DateTimeField(default=common.clock.now)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('kind', 'occasion'), name='one_reminder_per_occasion')],
                },
            ),
            migrations.CreateModel(
                name='UndeliverableAddress',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('address', models.EmailField(help_text='In lower case.', max_length=254)),
                    ('since', models.DateTimeField(default=common.clock.now)),
                    ('reason', models.CharField(max_length=250)),
                    ('reported_at', models.DateTimeField(help_text='To those who look after its owner.', null=True)),
                    ('cleared_at', models.DateTimeField(null=True)),
                    ('cleared_by', models.CharField(blank=True, max_length=200)),
                ],
                options={
                    'ordering': ('-id',),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('cleared_at', None)), fields=('address',), name='an_address_is_marked_once')],
                },
            ),
            migrations.CreateModel(
                name='DigestReader',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='digest_reader', to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name='MutedKind',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('address', models.EmailField(blank=True, max_length=254)),
                    ('kind', models.CharField(max_length=40)),
                    ('muted_at', models.DateTimeField(default=common.clock.now)),
                    ('account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='muted_kinds', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('account__isnull', False)), fields=('account', 'kind'), name='muted_once_by_account'), models.UniqueConstraint(condition=models.Q(('account', None)), fields=('address', 'kind'), name='muted_once_by_address')],
                },
            ),
        ]),
    ]
