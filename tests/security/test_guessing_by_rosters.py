"""What the answers to a list tell about other agencies' people, however the list is made up."""

from contextlib import nullcontext

import pytest
from django.db import connection, transaction

from jobs.errors import Cancelled
from people.errors import PeopleError
from people.models import RefusedMatch
from people.services.corrections import transfer
from people.services.guess_limit import MOST_GUESSES, GuessLimit, comparing_one_list_at_a_time
from rosters.importing import check_job, row_editing, staging
from rosters.models import RosterImport
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_trainee
from tests.rosters.desk import Desk, found_in, outcomes
from tests.security.at_once import at_once
from tests.security.test_rosters_about_others import (
    BORN,
    NAME,
    SECRETS,
    Scene,
)
from tests.security.test_rosters_about_others import (
    HEADINGS as WITH_CODE,
)
from tests.security.test_rosters_about_others import scene as scene  # noqa: PLC0414 - a fixture

HEADINGS = ["Họ và tên", "Ngày sinh", "Số CCCD"]
DAYS = [f"{day:02}/03/1985" for day in range(1, 29)]


def put(scene: Scene, *rows: list[str]) -> RosterImport:
    return scene.desk.put(workbook(HEADINGS, *rows))


def test_a_list_of_all_days_reveals_no_birth_date_of_whom_one_only_nominated(scene):
    scene.desk.enter(put(scene, [NAME, "", SECRETS["personal_number"]]))
    upload = put(scene, *([NAME, day, ""] for day in DAYS))
    assert set(outcomes(upload)) == {"created"}


def test_whoever_left_the_sender_is_still_found_by_the_list_that_sent_them(scene):
    row = [NAME, f"{BORN:%d/%m/%Y}", ""]
    own = make_trainee(scene.agency, full_name=NAME, birth_date=BORN)
    scene.desk.enter(scene.desk.put(workbook(["Họ và tên", "Mã học viên"], [NAME, own.code])))
    transfer(by=scene.desk.user.as_actor(), trainee=own, agency=make_agency(), on=BORN)
    assert outcomes(put(scene, row)) == ["unchanged"]


def test_after_too_many_tries_a_number_cannot_be_distinguished_from_an_unknown_one(scene):
    days = [scene.row(birth=f"{day:02}/01/1990") for day in range(1, MOST_GUESSES + 1)]
    scene.put(*days)
    numbers = [SECRETS["personal_number"], "001185012346", "001185012347"]
    upload = put(scene, *(["Lê Văn Khác", "", number] for number in numbers))
    told = [(row.outcome, row.errors[0].code) for row in found_in(upload).results]
    assert set(told) == {("rejected", "too_many_guesses")}


def test_a_check_that_is_cancelled_has_counted_what_it_found(scene, monkeypatch):
    monkeypatch.setattr("rosters.importing.row_plan.PART", 1)
    upload = scene.put(scene.row(birth="01/01/1990"), scene.row(birth="02/01/1990"))
    RefusedMatch.objects.all().delete()

    def cancel(_done: int, _total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        check_job.plan_again(upload, cancel, by=scene.desk.user.as_actor())
    assert RefusedMatch.objects.count() == 1


# Several lists at once -------------------------------------------------------------------


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_lists_that_are_checked_at_once_share_their_tries():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer; its lists follow one another")
    desk = Desk(lambda **_named: nullcontext())
    person = make_trainee(make_agency(), full_name=NAME, birth_date=BORN)

    def send(month: int) -> list[str]:
        days = [f"{day:02}/{month:02}/1990" for day in range(1, MOST_GUESSES)]
        content = workbook(WITH_CODE, *([NAME, day, person.code, *[""] * 4] for day in days))
        upload = staging.stage(
            **desk.who, run=desk.run, agency=desk.agency, file_name="a.xlsx", content=content
        )
        return [row.errors[0].code for row in found_in(desk.again(upload)).results]

    told = [code for codes in at_once(send, (1, 2, 3, 4)) for code in codes]
    assert told.count("conflict") == MOST_GUESSES
    assert RefusedMatch.objects.count() == MOST_GUESSES


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_whoever_edits_a_row_does_not_wait_for_another_list():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer; its lists follow one another")
    desk = Desk(lambda **_named: nullcontext())
    upload = desk.put(workbook(HEADINGS, [NAME, "", ""]))
    cells = row_editing.cells_of(upload, 2)

    def mend(_number: int) -> str:
        try:
            row_editing.edit_row(**desk.who, upload=upload, row_number=2, cells=cells)
        except PeopleError as error:
            return error.code
        return ""

    with transaction.atomic(), comparing_one_list_at_a_time(GuessLimit(desk.agency, None)):
        assert at_once(mend, (1,)) == ["compared_elsewhere"]
    assert at_once(mend, (1,)) == [""]
