"""Protected tables refuse every statement that would take a row away or change it."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.models import AuditEntry
from audit.services import SYSTEM, audited
from audit.services.seals import seal_pending
from certificates.models import CertificateDesign
from common import append_only, clock
from common.unique_keys import sqlite_keys
from enrollment.models import Completion
from tests.factories import make_completion, make_run, make_trainee

pytestmark = pytest.mark.django_db


@audited("box.fill")
def fill(*, by=SYSTEM):
    """An action without details."""


def refuses(sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


only_sqlite = pytest.mark.skipif("postgres" in str(connection.vendor), reason="SQLite's words")


@only_sqlite
@pytest.mark.parametrize("word", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
def test_an_entry_is_not_replaced_under_its_number(word):
    fill(by=SYSTEM)
    refuses(
        f"{word} INTO audit_auditentry (id, at, actor_label, action, details) "  # noqa: S608
        "SELECT id, at, actor_label, 'box.empty', details FROM audit_auditentry"
    )
    assert AuditEntry.objects.get().action == "box.fill"


@only_sqlite
def test_a_row_is_not_replaced_through_another_unique_column():
    fill(by=SYSTEM)
    seal_pending()
    refuses(
        "INSERT OR REPLACE INTO audit_auditseal (entry_id, chain_hash, sealed_at) "
        "SELECT entry_id, 'ab', sealed_at FROM audit_auditseal"
    )


@only_sqlite
def test_a_row_is_not_replaced_through_a_conditional_key():
    first = make_completion(make_trainee(), make_run())
    second = make_completion(first.trainee, make_run())
    Completion.objects.filter(pk=second.pk).update(voided_at=clock.now(), void_reason="Nhầm")
    columns = ", ".join(f'"{f.column}"' for f in Completion._meta.concrete_fields[1:])
    values = columns.replace('"run_id"', str(first.run_id)).replace('"voided_at"', "NULL")
    values = values.replace('"void_reason"', "''")
    table = Completion._meta.db_table
    refuses(
        f"INSERT OR REPLACE INTO {table} ({columns}) "  # noqa: S608
        f"SELECT {values} FROM {table} WHERE id = {second.pk}"
    )
    assert Completion.objects.filter(pk=first.pk).exists()


@only_sqlite
def test_an_update_takes_no_other_row_away():
    """A voided result brought back by UPDATE OR REPLACE would delete the one that stands."""
    voided = make_completion(make_trainee(), make_run())
    Completion.objects.filter(pk=voided.pk).update(voided_at=clock.now(), void_reason="Nhầm")
    stands = make_completion(voided.trainee, voided.run)
    table = Completion._meta.db_table
    refuses(
        f"UPDATE OR REPLACE {table} "  # noqa: S608
        f"SET voided_at = NULL, void_reason = '' WHERE id = {voided.pk}"
    )
    assert Completion.objects.filter(pk=stands.pk).exists()


@only_sqlite
def test_a_voided_result_and_a_new_one_stand_side_by_side():
    voided = make_completion(make_trainee(), make_run())
    Completion.objects.filter(pk=voided.pk).update(voided_at=clock.now(), void_reason="Nhầm")
    make_completion(voided.trainee, voided.run)
    assert Completion.objects.count() == 2


@only_sqlite
def test_what_is_not_frozen_yet_may_still_be_replaced():
    design = CertificateDesign.objects.create(slug="nhap", name="Nháp", html="<p></p>", css="")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE OR REPLACE certificates_certificatedesign SET name = 'Mới' WHERE id = %s",
            [design.pk],
        )
    design.refresh_from_db()
    assert design.name == "Mới"


@pytest.mark.both_engines
def test_an_upsert_changes_no_entry():
    fill(by=SYSTEM)
    refuses(
        "INSERT INTO audit_auditentry (id, at, actor_label, action, details) "
        "SELECT id, at, actor_label, 'box.empty', details FROM audit_auditentry WHERE true "
        "ON CONFLICT (id) DO UPDATE SET action = excluded.action"
    )
    assert AuditEntry.objects.get().action == "box.fill"


@pytest.mark.both_engines
def test_no_protected_table_is_emptied_at_once():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE: its DELETE is refused")
    for table in append_only.protected_tables():
        refuses(f'TRUNCATE "{table}" CASCADE')


@pytest.mark.both_engines
def test_a_session_that_calls_itself_a_replica_is_refused_too():
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL has replicas")
    fill(by=SYSTEM)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
    refuses("DELETE FROM audit_auditentry")


@only_sqlite
def test_every_protected_table_has_a_trigger_for_every_way():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        present = set(cursor.fetchall())
    for table in append_only.protected_tables():
        for kind in ("no_update", "no_delete", "no_insert_over", "no_update_over"):
            assert (table, f"{table}_{kind}") in present


@only_sqlite
def test_a_trigger_that_was_made_harmless_is_put_right():
    with connection.cursor() as cursor:
        cursor.execute('DROP TRIGGER "audit_auditentry_no_delete"')
        cursor.execute(
            'CREATE TRIGGER "audit_auditentry_no_delete" BEFORE DELETE ON audit_auditentry '
            "BEGIN SELECT 1; END"
        )
    append_only.install(connection)
    fill(by=SYSTEM)
    refuses("DELETE FROM audit_auditentry")


@only_sqlite
def test_the_keys_of_a_table_are_those_of_the_database():
    with connection.cursor() as cursor:
        keys = sqlite_keys(cursor, Completion._meta.db_table)
    assert [(key.columns, key.condition) for key in keys] == [
        (("id",), ""),
        (("trainee_id", "run_id"), '"voided_at" IS NULL'),
    ]
