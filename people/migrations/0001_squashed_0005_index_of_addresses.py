import logging

import common.clock
import common.encryption
import common.record_time
import django.db.models.deletion
import django.db.models.functions.text
import people.models
from django.conf import settings
from django.db import DatabaseError, migrations, models, transaction

from common.migration_operations import CreateModels

logger = logging.getLogger(__name__)


def add_index(_apps, schema_editor):
    """Among a million people a part of a name is found by its trigrams, not by reading all."""
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError as error:
        logger.warning("people are searched without an index, for want of pg_trgm: %s", error)
        return
    schema_editor.execute(
        "CREATE INDEX IF NOT EXISTS trainee_search_parts"
        " ON people_trainee USING gin (search_key gin_trgm_ops)"
    )


def remove_index(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS trainee_search_parts")


class Migration(migrations.Migration):

    replaces = [
        ('people', '0001_initial'),
        ('people', '0002_record_times_follow_commits'),
        ('people', '0003_letters'),
        ('people', '0004_search_by_parts_of_names'),
        ('people', '0005_index_of_addresses'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('agencies', '0002_record_times_follow_commits'),
        ('notices', '0006_index_of_failed'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Holiday',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField(unique=True, verbose_name='day')),
                    ('name', models.CharField(max_length=100, verbose_name='name')),
                ],
                options={
                    'ordering': ('day',),
                },
            ),
            migrations.CreateModel(
                name='Trainee',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.CharField(default=people.models.new_trainee_code, max_length=11, unique=True, verbose_name='trainee code')),
                    ('full_name', models.CharField(max_length=100, verbose_name='full name')),
                    ('birth_date', models.DateField(blank=True, null=True, verbose_name='birth date')),
                    ('birth_year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='birth year')),
                    ('sex', models.CharField(blank=True, choices=[('male', 'Male'), ('female', 'Female')], max_length=6, verbose_name='sex')),
                    ('unit', models.CharField(blank=True, max_length=200, verbose_name='unit')),
                    ('position', models.CharField(blank=True, max_length=150, verbose_name='position')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail address')),
                    ('phone', models.CharField(blank=True, max_length=15, verbose_name='phone')),
                    ('personal_number', common.encryption.EncryptedTextField(editable=False, null=True)),
                    ('personal_number_digest', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                    ('personal_number_tail', models.CharField(blank=True, editable=False, max_length=3)),
                    ('claimed_number_digest', models.CharField(blank=True, editable=False, max_length=64)),
                    ('sort_key', models.CharField(editable=False, max_length=250)),
                    ('search_key', models.CharField(editable=False, max_length=120)),
                    ('match_key', models.CharField(editable=False, max_length=120)),
                    ('likeness_key', models.CharField(default='', editable=False, max_length=130)),
                    ('recorded_at', models.DateTimeField(default=common.clock.now, editable=False)),
                    ('erased_at', models.DateTimeField(editable=False, null=True)),
                    ('agency', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='trainees', to='agencies.agency')),
                    ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='trainee', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('sort_key', 'id'),
                    'indexes': [models.Index(fields=['sort_key', 'id'], name='trainee_roster_order'), models.Index(fields=['agency', 'sort_key', 'id'], name='trainee_of_agency'), models.Index(fields=['likeness_key'], name='trainee_likeness'), models.Index(condition=models.Q(('claimed_number_digest', ''), _negated=True), fields=['claimed_number_digest'], name='trainee_claimed_number'), models.Index(condition=models.Q(('personal_number_tail', '')), fields=['likeness_key'], name='trainee_likeness_unnumbered'), models.Index(condition=models.Q(('erased_at__isnull', False)), fields=['id'], name='trainee_erased'), models.Index(django.db.models.functions.text.Upper('email'), condition=models.Q(('email', ''), _negated=True), name='trainee_of_address')],
                },
            ),
            migrations.CreateModel(
                name='SplitAssignment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency')),
                    ('succession', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.succession')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='split_assignments', to='people.trainee')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('trainee', 'succession'), name='one_successor_per_person_and_split')],
                },
            ),
            migrations.CreateModel(
                name='PendingChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('trainee', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.trainee')),
                ],
            ),
            migrations.CreateModel(
                name='Merge',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('reason', models.CharField(blank=True, max_length=250)),
                    ('recorded_at', models.DateTimeField(default=common.record_time.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('undone_by', models.CharField(blank=True, max_length=200)),
                    ('pair_before', models.JSONField(editable=False, null=True)),
                    ('absorbed', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_out', to='people.trainee')),
                    ('survivor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='merges_in', to='people.trainee')),
                ],
                options={
                    'ordering': ('recorded_at', 'id'),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('undone_at', None)), fields=('absorbed',), name='absorbed_by_one_person_at_a_time', violation_error_message='This person has already been merged into another.'), models.CheckConstraint(condition=models.Q(('survivor', models.F('absorbed')), _negated=True), name='nobody_absorbs_themselves')],
                },
            ),
            migrations.CreateModel(
                name='Erasure',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('subject', common.encryption.EncryptedJSONField(null=True)),
                    ('done', models.JSONField(default=list)),
                    ('asked_at', models.DateTimeField(default=common.clock.now)),
                    ('asked_by', models.CharField(max_length=200)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('trainee', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='erasure', to='people.trainee')),
                ],
            ),
            migrations.CreateModel(
                name='DataRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('access', 'a copy of my data'), ('correct', 'a correction of my data'), ('withdraw', 'stop using my contact details'), ('erase', 'erasure')], max_length=10, verbose_name='request type')),
                    ('text', models.TextField(blank=True, max_length=2000, verbose_name='your explanation')),
                    ('state', models.CharField(choices=[('open', 'received'), ('replied', 'acknowledged, in progress'), ('done', 'granted'), ('refused', 'refused')], default='open', max_length=10)),
                    ('asked_at', models.DateTimeField(default=common.clock.now)),
                    ('reply_by', models.DateField()),
                    ('replied_at', models.DateTimeField(null=True)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('settled_by', models.CharField(blank=True, max_length=200)),
                    ('reply', models.TextField(blank=True, verbose_name='first reply')),
                    ('answer', models.TextField(blank=True, max_length=2000, verbose_name='answer')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='data_requests', to='people.trainee')),
                ],
                options={
                    'ordering': ('reply_by', 'id'),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('open', 'replied'))), fields=('trainee', 'kind'), name='one_open_request_per_person_and_kind', violation_error_message='You have already requested this; it is being processed.'), models.CheckConstraint(condition=models.Q(('state__in', ('open', 'replied')), ('answer__gt', ''), _connector='OR'), name='a_settled_request_has_an_answer')],
                },
            ),
            migrations.CreateModel(
                name='CandidatePair',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('open', 'to be reviewed'), ('same', 'the same person'), ('different', 'not the same person')], default='open', max_length=10)),
                    ('found_at', models.DateTimeField(default=common.clock.now)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('settled_by', models.CharField(blank=True, max_length=200)),
                    ('first', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairs_as_first', to='people.trainee')),
                    ('second', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pairs_as_second', to='people.trainee')),
                ],
                options={
                    'ordering': ('-found_at', 'id'),
                    'constraints': [models.UniqueConstraint(fields=('first', 'second'), name='one_row_per_pair_of_people'), models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='pair_of_people_in_order')],
                },
            ),
            migrations.CreateModel(
                name='Transfer',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('moved_on', models.DateField(verbose_name='transfer date')),
                    ('recorded_at', models.DateTimeField(default=common.clock.now)),
                    ('recorded_by', models.CharField(max_length=200)),
                    ('from_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency')),
                    ('to_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='agencies.agency')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='people.trainee')),
                ],
                options={
                    'ordering': ('moved_on', 'id'),
                },
            ),
            migrations.CreateModel(
                name='TransferRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name_as_sent', models.CharField(blank=True, max_length=100, verbose_name='name as submitted')),
                    ('state', models.CharField(choices=[('pending', 'awaiting an answer'), ('accepted', 'accepted'), ('declined', 'declined'), ('withdrawn', 'withdrawn by the sender'), ('lapsed', 'lapsed')], default='pending', max_length=10, verbose_name='state')),
                    ('asked_at', models.DateTimeField(default=common.clock.now)),
                    ('asked_by', models.CharField(max_length=200)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('settled_by', models.CharField(blank=True, max_length=200)),
                    ('reason', models.CharField(blank=True, max_length=250, verbose_name='reason')),
                    ('to_agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers_asked_for', to='agencies.agency')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfer_requests', to='people.trainee')),
                ],
                options={
                    'ordering': ('-asked_at', '-id'),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('trainee', 'to_agency'), name='one_open_transfer_request_per_person_and_agency'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), ('reason__gt', ''), _connector='OR'), name='a_declined_transfer_has_a_reason')],
                },
            ),
            migrations.CreateModel(
                name='RefusedMatch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('actor_id', models.BigIntegerField(null=True)),
                    ('digest', models.CharField(max_length=64)),
                    ('source', models.CharField(blank=True, max_length=40)),
                    ('at', models.DateTimeField(default=common.clock.now)),
                    ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='agencies.agency')),
                ],
                options={
                    'indexes': [models.Index(fields=['actor_id', 'at'], name='refused_match_of_actor')],
                    'constraints': [models.UniqueConstraint(fields=('agency', 'digest'), name='one_refused_match_per_try')],
                },
            ),
            migrations.CreateModel(
                name='Letter',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(blank=True, max_length=40)),
                    ('language', models.CharField(max_length=2)),
                    ('subject', models.CharField(max_length=250)),
                    ('body', models.TextField()),
                    ('created_at', models.DateTimeField(default=common.clock.now)),
                    ('printed_at', models.DateTimeField(null=True)),
                    ('printed_by', models.CharField(blank=True, max_length=200)),
                    ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='letters', to='notices.notice')),
                    ('trainee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='people.trainee')),
                ],
                options={
                    'ordering': ('-id',),
                    'indexes': [models.Index(condition=models.Q(('printed_at', None)), fields=['trainee'], name='letter_to_print')],
                    'constraints': [models.UniqueConstraint(fields=('trainee', 'notice'), name='one_letter_per_person_and_mail')],
                },
            ),
        ]),
        migrations.RunPython(add_index, remove_index),
    ]
