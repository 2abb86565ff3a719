"""A roster that is sent again asks about people who are no longer on it; by default they stay."""

import contextlib
import datetime as dt
import json

import pytest
from django.core.management import call_command
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import AuditEntry
from common import clock
from enrollment.choices import EnrollmentState
from enrollment.models import Enrollment, SeatMove
from people.models import Trainee
from rosters.choices import ImportState
from rosters.importing import row_editing, staging
from rosters.importing.rest import stage_rest
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_run
from tests.rosters.desk import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

HEADINGS = ["Họ và tên", "Ngày sinh", "Số CCCD"]
AN = ["Nguyễn Văn An", "12/03/1980", ""]
BINH = ["Trần Thị Bình", "01/02/1990", ""]
CUONG = ["Lê Văn Cường", "03/04/1985", ""]
DUNG = ["Vũ Thị Dung", "05/06/1986", ""]


@pytest.fixture
def desk(django_capture_on_commit_callbacks):
    return Desk(django_capture_on_commit_callbacks)


@pytest.fixture
def sent(desk):
    """Sends these people and enters them."""

    def send(*people):
        upload = desk.enter(desk.put(workbook(HEADINGS, *people)))
        assert upload.state == ImportState.IMPORTED
        return upload

    return send


def enrollment(name: str) -> Enrollment:
    return Enrollment.objects.get(trainee__full_name=name)


def states() -> dict[str, str]:
    rows = Enrollment.objects.values_list("trainee__full_name", "state")
    return dict(rows)


def test_whoever_is_no_longer_on_the_list_stays_by_default_and_is_named(desk, sent):
    sent(AN, BINH, CUONG)
    upload = desk.put(workbook(HEADINGS, AN))
    missing = [enrollment("Trần Thị Bình").pk, enrollment("Lê Văn Cường").pk]
    assert sorted(upload.report["missing"]) == sorted(missing)
    upload = desk.enter(upload)
    assert set(states().values()) == {EnrollmentState.ENROLLED}
    assert sorted(upload.report["missing"]) == sorted(missing)
    details = AuditEntry.objects.filter(action="roster_imported").latest("pk").details
    assert (details["missing"], details["withdrawn"]) == (2, 0)


def test_each_is_withdrawn_with_a_reason_or_kept(desk, sent):
    sent(AN, BINH, CUONG)
    upload = desk.put(workbook(HEADINGS, AN))
    gone = enrollment("Trần Thị Bình")
    upload = desk.enter(upload, withdraw={gone.pk: "Nghỉ thai sản"})
    assert states() == {
        "Nguyễn Văn An": "enrolled", "Trần Thị Bình": "withdrawn", "Lê Văn Cường": "enrolled",
    }  # fmt: skip
    assert enrollment("Trần Thị Bình").withdrawal_reason == "Nghỉ thai sản"
    assert upload.report["withdrawn"] == [gone.pk]
    assert SeatMove.objects.filter(enrollment=gone, reason="withdrawn", seats=-1).exists()


def test_the_page_asks_for_a_reason_and_withdraws_all_or_one(desk, sent, client):
    sent(AN, BINH, CUONG)
    upload = desk.put(workbook(HEADINGS, AN))
    client.force_login(desk.user)
    page, address = reverse("roster", args=[upload.pk]), reverse("confirm_roster", args=[upload.pk])
    assert "Trần Thị Bình" in client.get(page).content.decode()
    refused = client.post(address, {"withdraw_all": "on"})
    assert refused.status_code == 422
    assert refused.context["missing"]["form"].errors["reason"]
    with desk.at_once():
        own = f"reason_{enrollment('Trần Thị Bình').pk}"
        client.post(address, {"withdraw_all": "on", "reason": "Đổi người", own: "Chuyển công tác"})
    assert enrollment("Trần Thị Bình").withdrawal_reason == "Chuyển công tác"
    assert enrollment("Lê Văn Cường").withdrawal_reason == "Đổi người"
    assert "Lê Văn Cường" in client.get(page).content.decode()


def test_the_seat_of_somebody_withdrawn_goes_to_the_waiting_list(desk, sent):
    desk.run.capacity = 2
    desk.run.save(update_fields=["capacity"])
    sent(AN, BINH)
    upload = desk.put(workbook(HEADINGS, AN, CUONG))
    upload = desk.enter(upload, withdraw={enrollment("Trần Thị Bình").pk: "Đổi người"})
    assert states()["Lê Văn Cường"] == EnrollmentState.ENROLLED
    assert (upload.report["enrolled"], upload.report["waitlisted"]) == (1, 0)


def test_people_of_other_senders_and_other_classes_are_not_asked_about(desk, sent):
    sent(AN)
    other = Desk(lambda execute: desk.at_once())
    other.run = desk.run
    other.enter(other.put(workbook(HEADINGS, BINH)))
    elsewhere = Desk(lambda execute: desk.at_once())
    elsewhere.agency, elsewhere.user = desk.agency, desk.user
    elsewhere.enter(elsewhere.put(workbook(HEADINGS, CUONG)))
    assert desk.put(workbook(HEADINGS, AN)).report["missing"] == []


def test_whoever_may_be_on_a_rejected_row_is_never_withdrawn(desk, sent):
    sent(AN, BINH, CUONG, DUNG)
    wrong = [["Trần Thị Bình", "31/02/1990", ""], ["Người Khác", "05/06/1986", "12"]]
    upload = desk.put(workbook(HEADINGS, AN, *wrong))
    ids = {one.trainee.full_name: one.pk for one in Enrollment.objects.select_related("trainee")}
    assert upload.report["missing"] == [ids["Lê Văn Cường"]]
    upload = desk.enter(upload, partial=True, withdraw=dict.fromkeys(ids.values(), "Đổi người"))
    withdrawn = [name for name, state in states().items() if state == "withdrawn"]
    assert withdrawn == ["Lê Văn Cường"]


def test_the_rest_of_a_partial_import_asks_about_nobody(desk, sent):
    sent(AN, BINH)
    upload = desk.put(workbook(HEADINGS, AN, BINH, ["Lê Văn Cường", "31/02/1990", ""]))
    rest = stage_rest(**desk.who, upload=desk.enter(upload, partial=True))
    cells = row_editing.cells_of(rest, 4) | {"birth": "28/02/1990"}
    row_editing.edit_row(**desk.who, upload=rest, row_number=4, cells=cells)
    assert desk.again(rest).report["missing"] == []


def test_nobody_is_withdrawn_where_the_single_page_refuses_it(desk, sent, client):
    """After the last day only the programme office changes enrollments."""
    sent(AN, BINH)
    upload = desk.put(workbook(HEADINGS, AN))
    desk.run.ends_on = clock.today() - dt.timedelta(days=1)
    desk.run.starts_on = desk.run.ends_on
    desk.run.save(update_fields=["starts_on", "ends_on"])
    client.force_login(desk.user)
    page = client.get(reverse("roster", args=[upload.pk]))
    assert page.context["missing"]["form"] is None
    assert page.context["missing"]["refusal"] in page.content.decode()
    with desk.at_once():
        staging.confirm(
            **desk.who, upload=upload, withdraw={enrollment("Trần Thị Bình").pk: "Đổi người"}
        )
    assert states()["Trần Thị Bình"] == EnrollmentState.ENROLLED
    assert desk.again(upload).state == ImportState.STAGED


def test_somebody_who_works_elsewhere_by_now_is_named_as_they_were_sent(desk, sent, client):
    sent(AN, BINH)
    binh = Trainee.objects.get(full_name="Trần Thị Bình")
    binh.agency = make_agency()
    binh.save()
    upload = desk.put(workbook(HEADINGS, AN, ["Lê Văn Cường", "31/02/1990", ""]))
    # Whether a rejected row agrees with another agency's person is not answered.
    assert upload.report["uncertain"] == [Enrollment.objects.get(trainee=binh).pk]
    client.force_login(desk.user)
    assert binh.code in client.get(reverse("roster", args=[upload.pk])).content.decode()


# ── The command ───────────────────────────────────────────────────────────────────────


@pytest.fixture
def command(desk, tmp_path, capsys):
    def run(*people, options=()) -> dict:
        file = tmp_path / "roster.xlsx"
        file.write_bytes(workbook(HEADINGS, *people))
        sender = ["--run", desk.run.code, "--agency", desk.agency.slug, "--json"]
        with contextlib.suppress(SystemExit):
            call_command("import_roster", str(file), *sender, *options)
        return dict(json.loads(capsys.readouterr().out))

    return run


def test_the_command_keeps_them_and_says_so(command):
    command(AN, BINH)
    report = command(AN)
    assert (report["missing"], report["withdrawn"]) == (1, 0)
    (note,) = report["notes"]
    assert (note["code"], note["row"]) == ("missing_kept", None)
    assert "Trần Thị Bình" in note["message"]
    assert states()["Trần Thị Bình"] == EnrollmentState.ENROLLED


def test_the_command_withdraws_them_with_a_reason(command):
    command(AN, BINH)
    withdraw = ["--missing", "withdraw", "--reason", "Danh sách thay thế"]
    planned = command(AN, options=[*withdraw, "--dry-run"])
    assert (planned["withdrawn"], states()["Trần Thị Bình"]) == (1, EnrollmentState.ENROLLED)
    report = command(AN, options=withdraw)
    assert (report["missing"], report["withdrawn"]) == (0, 1)
    assert [note["code"] for note in report["notes"]] == ["missing_withdrawn"]
    assert enrollment("Trần Thị Bình").withdrawal_reason == "Danh sách thay thế"
    assert command(AN, options=withdraw)["withdrawn"] == 0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--missing", "withdraw"], "reason_missing"),
        (["--missing", "withdraw", "--reason", "  "], "reason_missing"),
        (["--missing", "withdraw", "--reason", "CCCD 001080123456"], "reason_refused"),
        (["--reason", "Đổi người"], "reason_unused"),
    ],
)
def test_the_command_asks_for_a_reason_and_for_nothing_else(command, options, code):
    command(AN, BINH)
    assert command(AN, options=options)["error"]["code"] == code
    assert set(states().values()) == {EnrollmentState.ENROLLED}


PEOPLE = [AN, BINH, CUONG, DUNG]


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.sets(st.integers(0, 3), min_size=1), after=st.sets(st.integers(0, 3), min_size=1))
def test_exactly_those_left_out_are_missing(desk, command, before, after):
    desk.run = make_run(ends_on=dt.date(2099, 1, 2))
    command(*[PEOPLE[at] for at in before])
    report = command(*[PEOPLE[at] for at in after])
    assert report["missing"] == len(before - after)
    named = " ".join(note["message"] for note in report["notes"])
    assert {at for at in range(4) if PEOPLE[at][0] in named} == before - after
