import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from agencies.errors import AgencyError
from agencies.models import Agency, Coordinator, Succession
from agencies.querysets import current_successor
from agencies.services import import_successions, record_succession, void_succession
from agencies.sheets import read_successions
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from tests.factories import make_agency, make_coordinator, make_succession

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]
ON = dt.date(2025, 3, 1)
LAST = dt.date(2025, 2, 28)


def record(kind: str, before: list[Agency], after: list[Agency], on: dt.date = ON) -> Succession:
    return record_succession(by=OFFICE, kind=kind, on=on, predecessors=before, successors=after)


def refused(code: str):
    return pytest.raises(AgencyError, check=lambda error: error.code == code)


def last_days(*agencies: Agency) -> list[dt.date | None]:
    return [Agency.objects.get(pk=agency.pk).valid_to for agency in agencies]


def test_a_merger_ends_all_predecessors_the_day_before() -> None:
    one, two, new = make_agency(), make_agency(), make_agency()
    succession = record("merger", [one, two], [new])
    assert last_days(one, two, new) == [LAST, LAST, None]
    assert succession.links.count() == 2


def test_pickers_offer_agencies_valid_on_the_day() -> None:
    old, new = make_agency(), make_agency(valid_from=ON)
    record("renaming", [old], [new])
    assert set(Agency.objects.valid_on(LAST)) == {old}
    assert set(Agency.objects.valid_on(ON)) == {new}


def test_a_split_leads_to_several() -> None:
    old, one, two = make_agency(), make_agency(), make_agency()
    record("split", [old], [one, two])
    assert last_days(old) == [LAST]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [("merger", 2, 2), ("merger", 0, 1), ("renaming", 2, 1), ("split", 1, 1), ("split", 2, 2)],
)
def test_each_kind_has_its_shape(kind: str, before: int, after: int) -> None:
    with refused("wrong_shape"):
        record(kind, [make_agency() for _ in range(before)], [make_agency() for _ in range(after)])


def test_no_agency_succeeds_itself() -> None:
    one, two = make_agency(), make_agency()
    with refused("succeeds_itself"):
        record("merger", [one, two], [two])


def test_no_circle_of_successions() -> None:
    one, two, three = make_agency(), make_agency(), make_agency()
    record("renaming", [one], [two])
    record("renaming", [two], [three], on=dt.date(2025, 7, 1))
    with refused("outside_validity"):
        record("renaming", [three], [one], on=dt.date(2025, 9, 1))
    Agency.objects.update(valid_to=None)
    with refused("circle"):
        record("renaming", [three], [one], on=dt.date(2025, 9, 1))


def test_the_database_itself_refuses_to_go_back_into_what_has_ended() -> None:
    one, two = make_agency(), make_agency()
    record("renaming", [one], [two])
    with pytest.raises(IntegrityError), transaction.atomic():
        make_succession(two, one, on=dt.date(2025, 9, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [({"valid_from": ON}, {}), ({}, {"valid_from": dt.date(2025, 3, 2)}), ({}, {"valid_to": LAST})],
)
def test_the_database_itself_refuses_days_outside_validity(old: Any, new: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_succession(make_agency(**old), make_agency(**new), on=ON)


def test_a_circle_from_elsewhere_is_followed_once_round() -> None:
    assert current_successor(1, {1: 2, 2: 3, 3: 1}) == 3
    assert current_successor(1, {1: 1}) == 1


def test_an_agency_ends_once() -> None:
    one, two, three = make_agency(), make_agency(), make_agency()
    record("renaming", [one], [two])
    with refused("already_ended"):
        record("renaming", [one], [three])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"valid_from": dt.date(2025, 4, 1)}, {}),
        ({"valid_to": dt.date(2024, 12, 31)}, {}),
        ({}, {"valid_from": dt.date(2025, 4, 1)}),
        ({}, {"valid_to": dt.date(2024, 12, 31)}),
    ],
)
def test_a_day_outside_an_agencys_life_is_refused(old: dict, new: dict) -> None:
    before, after = make_agency(**old), make_agency(**new)
    with refused("outside_validity"):
        record("renaming", [before], [after])
    assert not Succession.objects.exists()


def test_a_voided_succession_stays_on_record_and_reopens_the_predecessor() -> None:
    old, new = make_agency(), make_agency()
    succession = record("renaming", [old], [new])
    void_succession(by=OFFICE, succession=succession, reason="Nhầm ngày")
    assert last_days(old) == [None]
    assert Succession.objects.get().void_reason == "Nhầm ngày"
    record("renaming", [old], [new], on=dt.date(2025, 7, 1))
    with refused("already_voided"):
        void_succession(by=OFFICE, succession=succession, reason="Lần nữa")


def test_voiding_leaves_a_last_day_that_the_data_had_set() -> None:
    old, new = make_agency(valid_to=LAST), make_agency()
    void_succession(by=OFFICE, succession=record("renaming", [old], [new]), reason="Nhầm")
    assert last_days(old) == [LAST]


def test_after_a_merger_the_successors_coordinator_acts_for_both() -> None:
    old, new = make_agency(), make_agency()
    ours, theirs = make_coordinator(old), make_coordinator(new)
    record("merger", [old], [new])
    assert set(Agency.objects.visible_to_coordinator(theirs)) == {old, new}
    assert set(Agency.objects.visible_to_coordinator(ours)) == {old}


def test_what_has_ended_is_only_looked_at_whatever_else_its_coordinator_coordinates() -> None:
    old, new, other = make_agency(), make_agency(), make_agency()
    ours, theirs = make_coordinator(old), make_coordinator(new)
    Coordinator.objects.create(user=ours, agency=other)
    record("merger", [old], [new])
    assert set(Agency.objects.visible_to_coordinator(ours)) == {old, other}
    assert set(Agency.objects.manageable_by(ours)) == {other}
    assert set(Agency.objects.manageable_by(theirs)) == {old, new}


def test_a_department_that_went_elsewhere_is_only_looked_at_by_its_former_ministry() -> None:
    ministry, new = make_agency(), make_agency()
    staying, leaving = make_agency(parent=ministry), make_agency(parent=ministry)
    ours, theirs = make_coordinator(ministry), make_coordinator(new)
    record("merger", [leaving], [new])
    assert set(Agency.objects.manageable_by(ours)) == {ministry, staying}
    assert set(Agency.objects.manageable_by(theirs)) == {new, leaving}


HEAD = "Loại,Ngày,Cơ quan cũ,Cơ quan kế thừa,Căn cứ\n"


def test_a_file_of_successions_goes_in_once() -> None:
    for slug in ("a", "b", "c", "d", "e"):
        make_agency(slug)
    text = HEAD + "Sáp nhập,01/03/2025,a; b,c,NQ 176\nChia tách,01/07/2025,c,d; e,\n"
    rows = read_successions(text.encode())
    assert import_successions(by=OFFICE, rows=rows)["recorded"] == 2
    assert import_successions(by=OFFICE, rows=rows) == {"rows": 2, "recorded": 0, "already": 2}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("Sáp nhập,01/03/2025,a,nope,", "unknown_agency"),
        ("Sáp nhập,2025,a,b,", "bad_row"),
        ("Biến mất,01/03/2025,a,b,", "bad_row"),
        ("Đổi tên,01/04/2025,a,b,", "already_ended"),
    ],
)
def test_one_bad_row_records_nothing_and_is_named(line: str, code: str) -> None:
    for slug in ("a", "b"):
        make_agency(slug)
    text = HEAD + f"Đổi tên,01/03/2025,a,b,\n{line}\n"
    with pytest.raises(AgencyError, match="3") as error:
        import_successions(by=OFFICE, rows=read_successions(text.encode()))
    assert error.value.code == code
    assert not Succession.objects.exists()


def test_a_file_without_headings_names_the_missing_ones(tmp_path: Path) -> None:
    with refused("no_known_columns"):
        read_successions(b"1,2,3\n")


def test_recording_later_is_believed_from_then_on_only() -> None:
    old, new = make_agency(), make_agency()
    with clock.set_to(dt.date(2025, 6, 1)):
        record("renaming", [old], [new])
    assert Succession.objects.get().recorded_at.date() == dt.date(2025, 6, 1)
