"""Reading the audit log: search, one entry, export, the chain as a page."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from accounts.services.auditors import send_daily_head
from audit.models import AuditEntry, AuditSeal
from audit.services import SYSTEM, Actor
from audit.services.seals import seal_pending
from audit.views import PAGE
from common import append_only, clock
from common.spreadsheets import open_sheets
from tests.audit.heads import last_head
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client):
    user = make_user(Role.AUDITOR, full_name="Lê Quang Đạt")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return user


def enter(
    action: str = "run_opened", actor: str = "Anna", day: int = 1, **details: str
) -> AuditEntry:
    moment = clock.start_of_day(dt.date(2026, 3, day)) + dt.timedelta(hours=12)
    return AuditEntry.objects.create(action=action, actor_label=actor, at=moment, details=details)


def shown(client, **question: object) -> set[int]:
    """The entries on the page, by the links that lead to them."""
    page = client.get(reverse("audit"), question).content.decode()
    return {int(pk) for pk in re.findall(r'href="/audit/(\d+)/"', page)}


def rows_of(response) -> list[list[object]]:
    sheet = open_sheets(b"".join(response.streaming_content), "record.csv")[0]
    return [list(row.values) for row in sheet.rows()]


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "question",
    [
        {"action": "run_closed"},
        {"actor": "Bình"},
        {"about": "AI-101-7"},
        {"since": "2026-03-02", "until": "2026-03-02"},
        {"action": "run_closed", "actor": "Bình", "about": "101-7", "until": "2026-03-02"},
    ],
    ids=lambda question: "+".join(question),
)
def test_the_audit_log_is_searched_by_action_actor_object_and_day(client, auditor, question):
    enter(run="AI-101-1")
    wanted = enter("run_closed", "Vũ Bình", day=2, run="AI-101-7")
    assert shown(client, **question) == {wanted.pk}


@pytest.mark.both_engines
def test_the_last_day_of_a_search_is_part_of_it(client, auditor):
    old, new = enter(day=1), enter(day=2)
    found = shown(client, until="2026-03-01")
    assert old.pk in found
    assert new.pk not in found


def test_a_question_that_cannot_be_read_finds_nothing(client, auditor):
    enter()
    assert shown(client, since="yesterday") == set()
    assert shown(client, action="no_such_action") == set()


def test_older_entries_follow_page_by_page_without_a_gap(client, auditor):
    made = {enter(actor="Cúc").pk for _n in range(2 * PAGE + 5)}
    seen: list[int] = []
    address = reverse("audit") + "?actor=C%C3%BAc"
    while address:
        page = client.get(address).content.decode()
        seen += map(int, re.findall(r'href="/audit/(\d+)/"', page))
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = reverse("audit") + older[1].replace("&amp;", "&") if older else ""
    assert seen == sorted(made, reverse=True)


def test_an_entry_shows_all_its_details_and_its_seal(client, auditor):
    entry = enter(run="AI-101-7", reason="<b>Hoãn</b>")
    seal_pending()
    page = client.get(reverse("audit_entry", args=[entry.pk])).content.decode()
    seal = AuditEntry.objects.get(pk=entry.pk).seal.chain_hash
    assert all(text in page for text in ("AI-101-7", "&lt;b&gt;Hoãn&lt;/b&gt;", "Anna", seal))


@pytest.mark.both_engines
def test_a_changed_entry_is_marked_where_it_is_shown(client, auditor):
    entries = [enter(run=f"AI-{n}") for n in range(3)]
    seal_pending()
    append_only.remove(connection)
    AuditEntry.objects.filter(pk=entries[1].pk).update(actor_label="Anne")
    page = client.get(reverse("audit")).content.decode()
    row = re.search(rf'<li>(?:(?!<li>).)*href="/audit/{entries[1].pk}/"', page, re.DOTALL)
    assert page.count("badge-bad") == 1
    assert row
    assert "badge-bad" in row[0]


def test_the_page_of_the_chain_names_the_first_changed_entry(client, auditor):
    entries = [enter() for _n in range(3)]
    seal_pending()
    whole = client.get(reverse("audit_chain"))
    append_only.remove(connection)
    AuditEntry.objects.filter(pk=entries[1].pk).update(actor_label="Anne")
    broken = client.get(reverse("audit_chain"))
    assert whole.context["found"].broken_at is None
    assert reverse("audit_entry", args=[entries[1].pk]) in broken.content.decode()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_holds_the_entries_asked_for_and_is_itself_on_record(client, auditor, form):
    enter(run="AI-1")
    wanted = enter("run_closed", run="=AI-2")
    question = {"action": "run_closed", "actor": "Anna"}
    rows = rows_of(client.get(reverse("audit_file", args=[form]), question))
    assert [str(row[0]) for row in rows[1:]] == [str(wanted.pk)]
    assert '"=AI-2"' in str(rows[1][5])
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_id) == ("audit_exported", auditor.pk)
    assert entry.details["rows"] == 1
    assert entry.details["form"] == form
    assert entry.details["action"] == "run_closed"
    assert "Anna" not in str(entry.details), "a name that was searched for is kept as a digest"


def test_an_export_that_would_not_fit_a_sheet_is_refused(client, auditor, monkeypatch):
    monkeypatch.setattr("audit.services.exports.MOST_EXPORTED", 1)
    enter(), enter()
    answer = client.get(reverse("audit_file", args=["xlsx"]))
    assert answer.status_code == 302
    assert not AuditEntry.objects.filter(action="audit_exported").exists()


def test_an_unknown_form_of_file_is_not_there(client, auditor):
    assert client.get(reverse("audit_file", args=["pdf"])).status_code == 404


def test_an_auditor_whose_term_is_over_reads_nothing(client, auditor):
    yesterday = clock.today() - dt.timedelta(days=1)
    auditor.role_grants.update(until=yesterday)
    assert client.get(reverse("audit")).status_code == 403


def test_entries_say_who_acted_even_when_the_account_is_gone(client, auditor):
    gone = Actor(999_999, "Người đã nghỉ")
    create_second_factor(by=gone, user=auditor)
    auditor.refresh_from_db()
    client.force_login(auditor)  # a new second factor ends the session
    assert "Người đã nghỉ" in client.get(reverse("audit")).content.decode()


def test_the_page_of_the_log_shows_its_last_signed_head_and_the_last_mail(client, auditor):
    enter()
    seal_pending()
    page = client.get(reverse("audit_chain")).content.decode()
    head = last_head()
    assert all(text in page for text in (head.hash, head.signature, head.key))
    assert "Chưa gửi" in page
    send_daily_head()
    assert "Chưa gửi" not in client.get(reverse("audit_chain")).content.decode()


def test_the_page_of_the_log_names_a_cut_tail(client, auditor):
    entries = [enter() for _n in range(3)]
    seal_pending()
    append_only.remove(connection)
    AuditSeal.objects.filter(entry=entries[2]).delete()
    AuditEntry.objects.filter(pk=entries[2].pk).delete()
    page = client.get(reverse("audit_chain"))
    assert page.context["found"].problems[0].code == "log_cut"
    assert "alert-bad" in page.content.decode()
