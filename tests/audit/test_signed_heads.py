"""A log that was cut, rebuilt or signed by another is noticed."""

import base64
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as project
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from audit.errors import AuditError
from audit.models import AuditEntry, AuditHead, AuditSeal
from audit.services import SYSTEM, Actor, audit_details, audited, head_files
from audit.services.restored_logs import accept_restored_log
from audit.services.seals import GENESIS, link, seal_pending
from audit.services.stored_heads import heads_in
from audit.services.verification import SEALED_WITHIN, verify
from audit.signing import SignedHead, public_keys, sign
from common import append_only, clock
from tests.audit.heads import last_head

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

ANNA = Actor(7, "Anna")
VERIFY_HEAD = Path(project.BASE_DIR) / "docs" / "verify_head.py"


@audited("box.fill")
def fill(*, number: int, by: Actor) -> None:
    audit_details(number=number)


@pytest.fixture(autouse=True)
def stored(django_capture_on_commit_callbacks):
    """Three batches of four entries, each head written outside of the database as well."""
    for batch in range(3):
        for number in range(4):
            fill(number=10 * batch + number, by=ANNA)
        with django_capture_on_commit_callbacks(execute=True):
            seal_pending()
    assert verify().problems == ()


@pytest.fixture
def attacker():
    """Whoever owns the database: no trigger stands in the way."""
    append_only.remove(connection)


def no_head_outside() -> None:
    """What is found must not rest on the files alone."""
    head_files.set_aside()


def codes(**asked) -> set[str]:
    return {problem.code for problem in verify(**asked).problems}


def cut_entries(count: int) -> None:
    last = list(AuditSeal.objects.order_by("-id")[:count])
    AuditSeal.objects.filter(pk__in=[seal.pk for seal in last]).delete()
    AuditEntry.objects.filter(pk__in=[seal.entry_id for seal in last]).delete()


def restore_backup() -> None:
    """As an earlier copy of the database would have it: numbers go on from there."""
    AuditHead.objects.filter(number=3).delete()
    cut_entries(4)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM audit_auditentry) "
                "WHERE name = 'audit_auditentry'"
            )


def rebuild() -> str:
    """Every seal made again over the entries as they are now."""
    previous = GENESIS
    for seal in AuditSeal.objects.select_related("entry").order_by("id"):
        previous = link(previous, seal.entry)
        AuditSeal.objects.filter(pk=seal.pk).update(chain_hash=previous)
    return previous


def run(*arguments: str) -> tuple[int, dict]:
    out = io.StringIO()
    code = 0
    try:
        call_command("verify_audit", "--json", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


# Attacks --------------------------------------------------------------------------------


def test_a_cut_tail_is_noticed(attacker):
    no_head_outside()
    cut_entries(3)
    assert "log_cut" in codes()


def test_a_tail_cut_with_its_signed_heads_is_noticed_by_the_head_in_a_file(attacker):
    AuditHead.objects.filter(number=3).delete()
    cut_entries(4)
    assert "kept_head_shorter" in codes()
    no_head_outside()
    assert codes() == set(), "the database alone cannot tell"


def test_a_log_that_was_emptied_is_noticed(attacker):
    AuditHead.objects.all().delete()
    cut_entries(12)
    assert "kept_head_shorter" in codes()


def test_a_chain_rebuilt_without_the_key_is_noticed(attacker):
    no_head_outside()
    AuditEntry.objects.filter(details={"number": 12}).update(actor_label="Bình")
    rebuild()
    assert "head_differs" in codes()


def test_a_chain_rebuilt_with_its_heads_but_without_the_key_is_noticed(attacker):
    no_head_outside()
    AuditEntry.objects.filter(details={"number": 22}).update(actor_label="Bình")
    AuditHead.objects.filter(number=3).update(chain_hash=rebuild())
    assert codes() == {"signature_invalid"}


def test_a_chain_rebuilt_and_signed_with_another_key_is_noticed(attacker, settings):
    no_head_outside()
    AuditEntry.objects.filter(details={"number": 2}).update(actor_label="Bình")
    end = rebuild()
    AuditHead.objects.all().delete()
    ours, settings.AUDIT_KEY = settings.AUDIT_KEY, Fernet.generate_key().decode()
    forged = sign(number=1, length=12, chain_hash=end, sealed_at=clock.now().isoformat())
    forged.as_row().save(force_insert=True)
    settings.AUDIT_KEY = ours
    assert codes() == {"key_unknown"}


def test_swapped_signatures_are_noticed(attacker):
    no_head_outside()
    first, second = AuditHead.objects.order_by("number")[:2]
    AuditHead.objects.filter(pk=first.pk).update(signature=second.signature)
    AuditHead.objects.filter(pk=second.pk).update(signature=first.signature)
    assert codes() == {"signature_invalid"}


def test_an_old_head_does_not_stand_for_the_end(attacker):
    """Replayed under the last number, or left as the last: the entries after it are not signed."""
    no_head_outside()
    old = SignedHead.of(AuditHead.objects.get(number=2))
    AuditHead.objects.filter(number__gte=2).delete()
    replayed = old.as_row()
    replayed.number = 3
    replayed.save(force_insert=True)
    assert codes() == {"head_missing", "signature_invalid", "unsigned_end"}


def test_a_middle_seal_that_was_taken_out_is_noticed(attacker):
    no_head_outside()
    middle = AuditSeal.objects.order_by("id")[5]
    entry = middle.entry_id
    AuditSeal.objects.filter(pk=middle.pk).delete()
    found = verify()
    assert found.broken_at == entry + 1
    AuditEntry.objects.filter(pk=entry).delete()
    rebuild()
    assert "head_differs" in codes()


def test_a_middle_head_that_was_taken_out_is_noticed(attacker):
    no_head_outside()
    AuditHead.objects.filter(number=2).delete()
    assert codes() == {"head_missing"}


def test_an_entry_taken_out_before_it_was_sealed_is_noticed_where_numbers_have_no_gaps(attacker):
    no_head_outside()
    fill(number=90, by=ANNA)
    fill(number=91, by=ANNA)
    AuditEntry.objects.filter(details={"number": 90}).delete()
    seal_pending()
    assert codes() == ({"entries_missing"} if connection.vendor == "sqlite" else set())


def test_an_entry_that_was_left_out_of_the_chain_is_noticed(attacker):
    with clock.set_to(clock.now() + 2 * SEALED_WITHIN):
        fill(number=90, by=ANNA)
        fill(number=91, by=ANNA)
        seal_pending()
        seal = AuditSeal.objects.order_by("-id")[1]
        entry = AuditEntry.objects.get(pk=seal.entry_id)
        AuditHead.objects.filter(number=4).delete()
        AuditSeal.objects.filter(pk__gte=seal.pk).delete()
        AuditEntry.objects.filter(pk=entry.pk).update(at=clock.now() - 2 * SEALED_WITHIN)
        last = AuditEntry.objects.order_by("-pk")[0]
        head = last_head()
        chain_hash = link(head.hash, last)
        AuditSeal.objects.create(entry=last, chain_hash=chain_hash)
        now = clock.now().isoformat()
        sign(number=4, length=13, chain_hash=chain_hash, sealed_at=now).as_row().save()
        assert "entry_left_out" in codes()


# Sealing does not sign what was cut -------------------------------------------------------


def test_a_chain_that_was_rebuilt_is_not_signed_by_the_next_sealing(attacker):
    AuditEntry.objects.filter(details={"number": 2}).update(actor_label="Bình")
    rebuild()
    AuditHead.objects.all().delete()
    fill(number=90, by=ANNA)
    with pytest.raises(AuditError) as refused:
        seal_pending()
    assert refused.value.code == "unsigned_end"


def test_a_log_that_was_cut_with_everything_is_not_signed_again(attacker):
    AuditHead.objects.filter(number=3).delete()
    cut_entries(4)
    fill(number=90, by=ANNA)
    with pytest.raises(AuditError) as refused:
        seal_pending()
    assert refused.value.code == "log_cut"


def test_after_a_backup_was_restored_the_log_goes_on_with_the_reason_on_record(attacker):
    lost = last_head()
    restore_backup()
    assert run()[0] == 1
    assert run("--begin-again", "Khôi phục bản sao lưu 28/11")[0] == 0
    entry = AuditEntry.objects.get(action="audit_heads_set_aside")
    assert entry.details["head"] == lost.hash
    assert verify(stored=heads_in(json.dumps(lost.to_json()).encode(), where="x")).compared[
        0
    ].state in {"shorter", "differs"}


def test_nothing_is_set_aside_without_a_reason():
    with pytest.raises(AuditError):
        accept_restored_log(by=SYSTEM, reason=" ")
    assert head_files.newest_head_file() == last_head()


# Comparing with what was kept ------------------------------------------------------------


def test_a_head_stored_elsewhere_is_present_shorter_differs_or_absent(tmp_path, attacker):
    stored = last_head()
    file = tmp_path / "head.json"
    file.write_text(json.dumps(stored.to_json()))
    first = AuditSeal.objects.order_by("id")[0].chain_hash
    for head, position in ((str(file), 12), (stored.hash, 12), (first, 1)):
        code, answer = run("--head", head)
        (one,) = answer["kept"]
        assert (code, one["state"], one["position"]) == (0, "present", position)
    restore_backup()
    no_head_outside()
    assert run()[0] == 0
    code, answer = run("--head", str(file), "--head", stored.hash)
    states = [(one["state"], one["missing"]) for one in answer["kept"]]
    assert (code, states) == (1, [("shorter", 4), ("absent", 0)])
    for number in range(5):
        fill(number=100 + number, by=ANNA)
    assert run("--head", str(file))[1]["kept"][0]["state"] == "differs"


def test_a_head_that_somebody_else_signed_is_named(tmp_path, settings):
    end, ours = last_head(), settings.AUDIT_KEY
    settings.AUDIT_KEY = Fernet.generate_key().decode()
    forged = sign(number=3, length=12, chain_hash=end.hash, sealed_at=end.sealed_at)
    settings.AUDIT_KEY = ours
    file = tmp_path / "head.json"
    file.write_text(json.dumps(forged.to_json()))
    code, answer = run("--head", str(file))
    assert (code, answer["kept"][0]["state"]) == (1, "forged")


@pytest.mark.parametrize("content", ["", "ab" * 32 + " " + "cd" * 32, '{"hash": 1}'])
def test_a_file_without_one_head_is_refused_in_a_sentence(tmp_path, content):
    file = tmp_path / "mail.txt"
    file.write_text(content)
    with pytest.raises(CommandError, match=r"mail\.txt"):
        call_command("verify_audit", "--head", str(file))


def test_what_is_neither_file_nor_hash_is_refused_in_a_sentence():
    with pytest.raises(CommandError, match="khong-co"):
        call_command("verify_audit", "--head", "khong-co")


def test_a_forwarded_and_encoded_message_is_still_read():
    head = last_head()
    plain = json.dumps(head.to_json(), indent=1)
    quoted = "\n".join(f"> {line}" for line in f"Kính gửi\n{plain}\nTrân trọng".splitlines())
    encoded = base64.encodebytes(f"Xin chào\n{plain}".encode()).decode()
    mail = (
        "Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
        f"Content-Transfer-Encoding: base64\n\n{encoded}"
    )
    for content in (quoted, mail):
        assert [one.signed for one in heads_in(content.encode(), where="mail")] == [head]


def test_a_broken_archive_holds_no_head():
    with pytest.raises(AuditError):
        heads_in(b"PK\x03\x04 no archive", where="x.zip")


# Keys -------------------------------------------------------------------------------------


def test_after_a_change_of_keys_old_heads_are_verified_with_the_former_public_key(settings):
    former = next(iter(public_keys().values()))
    settings.AUDIT_KEY = Fernet.generate_key().decode()
    fill(number=90, by=ANNA)
    with pytest.raises(AuditError) as refused:
        seal_pending()
    assert refused.value.code == "key_unknown"
    settings.AUDIT_PUBLIC_KEYS = [former]
    assert seal_pending() == 1
    assert verify().problems == ()
    assert len(set(AuditHead.objects.values_list("key_id", flat=True))) == 2
    assert len(run()[1]["keys"]) == 2


def test_a_stranger_verifies_a_head_with_the_standard_library(tmp_path):
    head = last_head().to_json()
    public = public_keys()[head["key"]]
    file = tmp_path / "head.json"
    for changed, valid in (({}, True), ({"length": 13}, False), ({"signature": "AA" * 44}, False)):
        file.write_text(json.dumps(head | {"public_key": public} | changed))
        done = subprocess.run(
            [sys.executable, "-I", str(VERIFY_HEAD), str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode == 0, done.stderr) == (valid, "")


# Outside ----------------------------------------------------------------------------------


def test_the_last_head_of_each_day_is_written_to_a_file(django_capture_on_commit_callbacks):
    fill(number=90, by=ANNA)
    with (
        clock.set_to(clock.now() + SEALED_WITHIN * 48),
        django_capture_on_commit_callbacks(execute=True),
    ):
        seal_pending()
    assert [head.number for _name, head in head_files.heads_in_files()] == [3, 4]
    assert head_files.newest_head_file() == last_head()


def test_a_folder_that_cannot_be_written_stops_no_sealing(
    settings, tmp_path, django_capture_on_commit_callbacks
):
    (tmp_path / "file").write_text("")
    settings.AUDIT_HEADS_DIR = tmp_path / "file"
    fill(number=90, by=ANNA)
    with django_capture_on_commit_callbacks(execute=True):
        assert seal_pending() == 1


def test_a_database_of_development_that_was_made_again_begins_a_log_of_its_own(settings, attacker):
    settings.DEBUG = True
    AuditHead.objects.all().delete()
    cut_entries(12)
    assert "kept_head_shorter" in codes(), "something was sealed in this database"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'audit_auditseal'")
        else:
            cursor.execute("ALTER SEQUENCE audit_auditseal_id_seq RESTART")
    assert "kept_head_shorter" not in codes()


def test_an_unreadable_file_outside_is_passed_over_and_logged(caplog):
    (head_files.folder() / "2099-01-01.json").write_text("{")
    assert head_files.newest_head_file() is None
    assert "2099-01-01.json" in caplog.text


def test_the_archive_of_an_evidence_pack_gives_its_head(tmp_path):
    head, pack = last_head(), tmp_path / "pack.zip"
    with zipfile.ZipFile(pack, "w") as archive:
        archive.writestr("audit-head.json", json.dumps(head.to_json()))
        archive.writestr("report.json", "{}")
    assert run("--head", str(pack))[1]["kept"][0]["state"] == "present"
