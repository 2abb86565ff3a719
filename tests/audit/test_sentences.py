"""The audit log reads as sentences: who did what to whom, names in place of keys."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.details import LABELS, TECHNICAL
from audit.models import AuditEntry
from audit.readable import Readable, readable
from audit.sentences import SENTENCES
from audit.services import PROGRAMME_OFFICE, SYSTEM, Actor
from common import clock
from common.registries import log_names
from tests.audit.test_words import actions_in_the_code, details_in_the_code
from tests.factories import make_agency, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db
ANNA = Actor(None, "Anna")


@pytest.fixture
def auditor():
    user = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=user)
    return user


def enter(action: str, by: Actor = ANNA, **details: Any) -> AuditEntry:
    return AuditEntry.objects.create(
        action=action, actor_id=by.id, actor_label=by.label, details=details
    )


def said(entry: AuditEntry, reader: Any, language: str = "en") -> Readable:
    with translation.override(language):
        return readable([entry], reader=reader)[0]


def words(text: str) -> str:
    return re.sub("<[^>]+>", "", text)


def test_every_action_has_a_sentence():
    missing = actions_in_the_code() - set(SENTENCES)
    assert missing == set(), "write what these actions did in audit/sentences.py"


def test_every_detail_has_a_label_or_is_named_in_a_sentence_or_is_technical():
    placed = {key for text in SENTENCES.values() for key in re.findall(r"(\w+)\}", str(text))}
    missing = details_in_the_code() - set(LABELS) - TECHNICAL - placed
    assert missing == set(), "label these in audit/details.py"


@pytest.mark.parametrize("action", sorted(SENTENCES))
def test_a_sentence_names_the_same_in_both_languages(action):
    places = []
    for language in ("vi", "en"):
        with translation.override(language):
            places.append(sorted(re.findall(r"\{[^}]*\}", str(SENTENCES[action]))))
    assert places[0] == places[1]
    for kind in re.findall(r"\{(\w+):", str(SENTENCES[action])):
        assert kind in log_names


def test_an_entry_names_class_person_and_agency_and_links_to_them(auditor):
    run, person = make_run(), make_trainee(full_name="Lê Thị Ánh")
    entry = enter("enrollment_requested", run=run.code, trainee=person.code, state="waitlisted")
    text = said(entry, auditor).sentence
    assert words(text) == f"requested a seat for Lê Thị Ánh in the class {run.code}"
    assert f'href="{reverse("person", args=[person.code])}"' in text
    assert f'href="{reverse("run", args=[run.code])}"' in text
    assert (
        words(said(entry, auditor, "vi").sentence) == f"đăng ký cho Lê Thị Ánh vào lớp {run.code}"
    )


def test_what_else_is_known_stands_beside_it_in_words(auditor):
    agency = make_agency(name_vi="Bộ A", name_en="Ministry A")
    entry = enter(
        "roster_imported", run="AI-1", agency=agency.slug, created=4, rejected=8,
        rows_digest="ab12", partial=True, on="2026-11-30",
    )  # fmt: skip
    facts = dict(said(entry, auditor, "vi").facts)
    assert facts == {
        "Mới": "4",
        "Số dòng bị từ chối": "8",
        "Nhập một phần": "có",
        "Ngày": "30/11/2026",
    }


def test_states_and_marks_are_in_the_readers_language(auditor):
    entry = enter("attendance_marked", run="AI-1", mark="late", was="absent")
    assert [value for _label, value in said(entry, auditor).facts] == ["late", "absent"]
    assert [value for _label, value in said(entry, auditor, "vi").facts] == [
        "đi muộn",
        "vắng không phép",
    ]


def test_of_an_erased_person_the_code_remains(auditor):
    person = make_trainee(full_name="Lê Thị Ánh", erased_at=clock.now())
    text = said(enter("erasure_begun", trainee=person.code), auditor).sentence
    assert words(text) == f"started to erase the data of {person.code}"
    assert "href" not in text


def test_a_reader_without_the_right_reads_codes_alone():
    person = make_trainee(full_name="Lê Thị Ánh")
    entry = enter("number_revealed", trainee=person.code)
    text = said(entry, make_user(Role.TRAINER)).sentence
    assert text == f"viewed the personal number of {person.code}"


def test_the_actor_is_named_also_where_the_label_is_a_number(auditor):
    user = make_user(Role.TRAINEE, full_name="")
    person = make_trainee(full_name="Lê Thị Ánh", user=user)
    by = user.as_actor()
    assert said(enter("sessions_ended", by, user=by.id), auditor).actor == "Lê Thị Ánh"
    person.erased_at = clock.now()
    person.save()
    assert "Lê Thị Ánh" not in str(said(enter("sessions_ended", by, user=by.id), auditor))


def test_the_machine_and_the_command_line_are_named_in_words(auditor):
    assert said(enter("reconciled", SYSTEM), auditor, "vi").actor == "Hệ thống"
    assert "dòng lệnh" in said(enter("reconciled", PROGRAMME_OFFICE), auditor, "vi").actor


def test_an_old_entry_without_a_detail_shows_the_label_of_its_action(auditor):
    assert said(enter("run_closed"), auditor).sentence == "– Class closed"
    assert said(enter("forgotten_action", run="AI-1"), auditor).sentence == "– forgotten action"


def test_what_an_entry_holds_is_never_read_as_markup(auditor):
    entry = enter("outbox_paused", Actor(None, "<b>Anna</b>"), reason="<script>x</script>")
    ((_label, reason),) = said(entry, auditor).facts
    assert reason == "&lt;script&gt;x&lt;/script&gt;"


def test_the_queries_of_a_page_do_not_grow_with_its_entries(auditor, client):
    client.force_login(auditor)
    client.get(reverse("audit"))
    counts = []
    for _more in range(2):
        for _n in range(6):
            run, person = make_run(), make_trainee()
            enter("enrollment_requested", run=run.code, trainee=person.code)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("audit")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_entries_stand_under_their_days_and_raw_data_on_demand(auditor, client):
    client.force_login(auditor)
    with clock.set_to(dt.date(2026, 11, 27)):
        enter("outbox_paused", reason="Bảo trì")
    entry = enter("outbox_resumed", waiting=3)
    page = client.get(reverse("audit"), headers={"accept-language": "en"}).content.decode()
    assert "Friday, 27/11/2026" in page
    assert "paused the sending of messages" in page
    one = client.get(reverse("audit_entry", args=[entry.pk])).content.decode()
    assert "<details" in one
    assert "&quot;waiting&quot;: 3" in one


@pytest.mark.parametrize(
    "name",
    ["2024-12-31 Tổng hợp", "2024-13-40", "9999-12-31T23:59", "0001-01-01T00:00", "٢٠٢٤-١٢-٣١"],
)
def test_a_name_that_begins_like_a_day_leaves_the_log_readable(auditor, client, name):
    entry = enter("roster_view_saved", view=name)
    client.force_login(auditor)
    assert name in client.get(reverse("audit_entry", args=[entry.pk])).content.decode()
    assert client.get(reverse("audit")).status_code == 200
