import common.clock
import common.encryption
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from common.migration_operations import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('jobs', '0001_initial'),
        ('jobs', '0002_when_timed_tasks_succeeded'),
        ('jobs', '0003_stored_results'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='WorkerHeartbeat',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=100, unique=True)),
                    ('seen_at', models.DateTimeField()),
                ],
            ),
            migrations.CreateModel(
                name='Job',
                fields=[
                    ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                    ('kind', models.CharField(max_length=40)),
                    ('owner_state', models.CharField(blank=True, help_text="The owner's rights that it is done with: accounts.invalidation. Blank: any.", max_length=64)),
                    ('actor_label', models.CharField(max_length=200)),
                    ('state', models.CharField(choices=[('queued', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled')], default='queued', max_length=10)),
                    ('payload', models.JSONField(default=dict)),
                    ('language', models.CharField(default='vi', max_length=2)),
                    ('done', models.PositiveIntegerField(default=0)),
                    ('total', models.PositiveIntegerField(default=0)),
                    ('result', common.encryption.EncryptedJSONField(null=True)),
                    ('error_code', models.CharField(blank=True, max_length=60)),
                    ('error', models.JSONField(help_text='Why it failed: a DeferredMessage as JSON.', null=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('cancel_requested', models.BooleanField(default=False)),
                    ('stoppable', models.BooleanField(default=True, help_text='Whether whoever does the work hears of a wish to cancel.')),
                    ('lease_until', models.DateTimeField(null=True)),
                    ('created_at', models.DateTimeField(default=common.clock.now)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='jobs', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-created_at',),
                    'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['lease_until'], name='job_running_lease')],
                },
            ),
            migrations.CreateModel(
                name='TimedTaskRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=60, unique=True)),
                    ('first_begun_at', models.DateTimeField(default=common.clock.now)),
                    ('succeeded_at', models.DateTimeField(null=True)),
                    ('failed_at', models.DateTimeField(null=True)),
                ],
            ),
            migrations.CreateModel(
                name='StoredResult',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('key', models.CharField(blank=True, max_length=120)),
                    ('part', models.PositiveIntegerField(default=0)),
                    ('content', common.encryption.EncryptedJSONField(null=True)),
                    ('computed_at', models.DateTimeField(null=True)),
                    ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='jobs.job')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('kind', 'key', 'part'), name='one_result_per_question')],
                },
            ),
        ]),
    ]
