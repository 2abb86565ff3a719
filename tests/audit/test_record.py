"""The record of actions: written with the action, never changed, sealed into a chain."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from audit.models import AuditEntry, AuditSeal
from audit.services import Actor, audit_details, audited, digest
from audit.services.seals import seal_pending
from audit.services.verification import verify
from common import append_only

pytestmark = pytest.mark.django_db

ANNA = Actor(7, "Anna")


@audited("box.fill")
def fill(*, boxes: int, by: Actor) -> int:
    audit_details(boxes=boxes)
    return boxes


@audited("shelf.fill")
def fill_shelf(*, by: Actor) -> None:
    fill(boxes=1, by=by)
    fill(boxes=2, by=by)
    audit_details(shelf="left")


@audited("box.drop")
def drop(*, by: Actor) -> None:
    fill(boxes=1, by=by)
    raise ZeroDivisionError


def change_behind_its_back(sql: str, *values: int) -> None:
    """What somebody does who owns the database: no trigger stands in the way."""
    append_only.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def fill_and_seal(times: int) -> list[int]:
    for number in range(times):
        fill(boxes=number, by=ANNA)
    seal_pending()
    return list(AuditEntry.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.both_engines
def test_an_action_writes_one_entry_that_names_its_actor():
    assert fill(boxes=3, by=ANNA) == 3
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.actor_label) == ("box.fill", 7, "Anna")
    assert entry.details == {"boxes": 3}


def test_only_the_outermost_action_writes_an_entry():
    fill_shelf(by=ANNA)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("shelf.fill", {"shelf": "left"})


@pytest.mark.both_engines
def test_an_action_that_fails_writes_nothing():
    with pytest.raises(ZeroDivisionError):
        drop(by=ANNA)
    assert not AuditEntry.objects.exists()


def test_after_an_action_that_failed_the_next_one_is_recorded():
    with pytest.raises(ZeroDivisionError):
        drop(by=ANNA)
    fill(boxes=1, by=ANNA)
    assert AuditEntry.objects.get().action == "box.fill"


def test_details_outside_of_every_action_are_lost_and_harm_nothing():
    audit_details(boxes=1)
    assert not AuditEntry.objects.exists()


def test_personal_values_enter_as_digests_that_cannot_be_read():
    assert digest("001085012345") == digest("001085012345") != digest("001085012346")
    assert "0010" not in digest("001085012345")


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditentry SET action = 'box.empty'",
        "UPDATE audit_auditentry SET details = '{}'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_auditseal SET chain_hash = 'other'",
        "DELETE FROM audit_auditseal",
    ],
)
def test_the_database_itself_refuses_to_change_the_record(sql):
    fill_and_seal(1)
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEntry.objects.get().action == "box.fill"


@pytest.mark.both_engines
def test_an_untouched_record_is_verified_to_its_end():
    fill_and_seal(5)
    fill(boxes=9, by=ANNA)
    found = verify()
    assert (found.sealed, found.unsealed, found.broken_at) == (5, 1, None)


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_auditentry SET action = 'box.fall' WHERE id = %s",
        "UPDATE audit_auditentry SET actor_label = 'Anne' WHERE id = %s",
        "UPDATE audit_auditentry SET actor_id = 8 WHERE id = %s",
        "UPDATE audit_auditentry SET at = '2024-05-03 00:00:00+00:00' WHERE id = %s",
        "UPDATE audit_auditentry SET details = '{\"boxes\": 7}' WHERE id = %s",
        "UPDATE audit_auditseal SET chain_hash = 'ab' WHERE entry_id = %s",
    ],
)
def test_an_entry_changed_behind_the_back_is_named(change):
    ids = fill_and_seal(5)
    change_behind_its_back(change, ids[2])
    found = verify()
    assert (found.sealed, found.broken_at) == (2, ids[2])


def test_an_entry_taken_out_is_noticed():
    ids = fill_and_seal(5)
    change_behind_its_back("DELETE FROM audit_auditseal WHERE entry_id = %s", ids[2])
    assert verify().broken_at == ids[3]


def test_sealing_again_seals_nothing_twice():
    fill_and_seal(3)
    assert seal_pending() == 0
    assert AuditSeal.objects.count() == 3


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_two_workers_that_seal_at_once_make_one_unbroken_chain():
    for number in range(200):
        fill(boxes=number, by=ANNA)
    both = Barrier(2)

    def seal() -> int:
        both.wait()
        try:
            return seal_pending()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        sealed = [future.result() for future in [workers.submit(seal) for _ in range(2)]]
    assert sorted(sealed) == [0, 200]
    assert verify().broken_at is None


def test_verify_audit_seals_what_is_left_and_finds_the_record_intact():
    fill(boxes=1, by=ANNA)
    out = io.StringIO()
    call_command("verify_audit", "--json", stdout=out)
    answer = json.loads(out.getvalue())
    head = AuditSeal.objects.get().chain_hash
    expected = {"intact": True, "sealed": 1, "unsealed": 0, "broken_at": None, "head": head}
    assert {name: answer[name] for name in expected} == expected
    assert answer["problems"] == []


def test_verify_audit_fails_on_a_changed_record_and_names_the_entry():
    ids = fill_and_seal(2)
    change_behind_its_back("UPDATE audit_auditentry SET action = 'x' WHERE id = %s", ids[1])
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("verify_audit", stdout=out)
    assert ended.value.code == 1
    assert str(ids[1]) in out.getvalue()
