"""The page of a class: its head, its people, several at once, and whether they can complete it."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.utils import translation

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE
from common import clock
from courses.models import CourseRun, Session
from enrollment.errors import EnrollmentError
from enrollment.forms import class_messages
from enrollment.models import Attendance, Enrollment
from enrollment.services.enrollments import withdraw
from enrollment.services.moving import move_people
from enrollment.services.progress import Reach, progress_of
from people.models import Trainee
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db


def run_ahead(**fields: Any) -> CourseRun:
    start = clock.today() + dt.timedelta(days=20)
    return make_run(starts_on=start, ends_on=start, state="open", **fields)


def seated(run: CourseRun, trainee: Any = None, **fields: Any) -> Enrollment:
    enrollment = make_enrollment(run, trainee, **{"state": "enrolled"} | fields)
    if enrollment.state == "enrolled":
        run.seats_taken += 1
        run.save(update_fields=["seats_taken"])
    return enrollment


def office(client: Any) -> Any:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=user.as_actor(), user=user)
    client.force_login(user)
    return client


def act(client: Any, run: CourseRun, action: str, *chosen: Enrollment, **more: Any) -> Any:
    data = {"action": action, "who": [one.pk for one in chosen]} | more
    return client.post(f"/runs/{run.code}/enrollments/", data, follow=True)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def states(run: CourseRun) -> list[str]:
    return sorted(run.enrollments.values_list("state", flat=True))


# The head -------------------------------------------------------------------------------


@pytest.mark.parametrize("tab", ["", "seats/", "attendance/", "closing/", "messages/", "planning/"])
def test_each_tab_names_course_state_days_and_next_step(client, tab):
    run = run_ahead(course=make_course(title_vi="Học máy ứng dụng", title_en="Applied learning"))
    client.force_login(make_trainer(run))
    with translation.override("en"):
        page = text(client.get(f"/runs/{run.code}/{tab}", headers={"accept-language": "en"}))
    head = page.split('class="thing-head"')[1].split("<nav")[0]
    assert "<h1>Applied learning</h1>" in head
    assert run.code in head
    assert "Open for enrollment" in head
    assert "Next step" in head


# Found, sorted, linked ------------------------------------------------------------------


def test_names_lead_to_the_person_and_are_found_and_sorted(client):
    run = run_ahead()
    for name in ("Trần Văn Ba", "Lê Thị An", "Phạm Thu Yến"):
        seated(run, make_trainee(full_name=name))
    office(client)
    page = text(client.get(f"/runs/{run.code}/?sort=-name"))
    assert page.index("Phạm Thu Yến") < page.index("Trần Văn Ba") < page.index("Lê Thị An")
    person = run.enrollments.get(trainee__full_name="Lê Thị An").trainee
    assert f'href="/people/{person.code}/"' in page
    found = text(client.get(f"/runs/{run.code}/?q=le+thi"))
    assert "Lê Thị An" in found
    assert "Trần Văn Ba" not in found


def test_the_list_is_narrowed_by_state_and_agency(client):
    run, agency = run_ahead(), make_agency()
    seated(run, make_trainee(full_name="Đang Học"))
    seated(run, make_trainee(agency, full_name="Đã Rút"), state="withdrawn")
    office(client)
    assert "Đang Học" not in text(client.get(f"/runs/{run.code}/?state=withdrawn"))
    page = text(client.get(f"/runs/{run.code}/?agency={agency.slug}"))
    assert ("Đã Rút" in page, "Đang Học" in page) == (True, False)


# Several at once ------------------------------------------------------------------------


def test_several_people_are_approved_and_who_cannot_be_is_named(client):
    run = run_ahead(course=make_course(approval="office"))
    waiting = [make_enrollment(run, state="nominated") for _ in range(2)]
    already = seated(run, make_trainee(full_name="Đã Có Chỗ"))
    page = text(act(office(client), run, "approve", *waiting, already))
    assert states(run) == ["enrolled"] * 3
    assert "Đã Có Chỗ" in page


def test_withdrawing_several_asks_first_with_their_names_and_number(client):
    run = run_ahead()
    people = [seated(run, make_trainee(full_name=f"Người Số {n}")) for n in "ABC"]
    office(client)
    page = text(act(client, run, "withdraw", *people[:2]))
    assert states(run) == ["enrolled"] * 3
    assert "2" in page.split("<h1>")[1].split("</h1>")[0]
    assert ("Người Số A" in page, "Người Số C" in page) == (True, False)
    act(client, run, "withdraw", *people[:2], agreed="1", reason="Họp đột xuất")
    run.refresh_from_db()
    assert states(run) == ["enrolled", "withdrawn", "withdrawn"]
    assert run.seats_taken == 1


def test_a_coordinator_withdraws_only_the_own_people(client):
    run, agency = run_ahead(), make_agency()
    own = seated(run, make_trainee(agency))
    others = seated(run)
    client.force_login(make_coordinator(agency))
    act(client, run, "withdraw", own, agreed="1")
    # A stranger's row is not even in what can be chosen.
    act(client, run, "withdraw", others, agreed="1")
    own.refresh_from_db()
    others.refresh_from_db()
    assert (own.state, others.state) == ("withdrawn", "enrolled")


def test_a_trainer_neither_approves_nor_withdraws(client):
    run = run_ahead()
    person = seated(run)
    client.force_login(make_trainer(run))
    for action in ("approve", "withdraw", "move"):
        assert act(client, run, action, person, agreed="1").status_code == 403
    assert states(run) == ["enrolled"]


def test_people_move_to_another_class_with_their_sender_and_details(client):
    run, to = run_ahead(), run_ahead(capacity=1)
    people = [seated(run, unit="Phòng Tổng hợp"), seated(run)]
    office(client)
    assert "agreed" in text(act(client, run, "move", *people))
    act(client, run, "move", *people, agreed="1", to=to.code)
    assert states(run) == ["withdrawn"] * 2
    assert states(to) == ["enrolled", "waitlisted"]
    moved = to.enrollments.get(trainee=people[0].trainee)
    assert (moved.unit, moved.sending_agency) == ("Phòng Tổng hợp", people[0].sending_agency)


def test_a_coordinator_moves_nobody_whom_they_could_not_nominate(client):
    run, to, agency = run_ahead(), run_ahead(), make_agency()
    coordinator = make_coordinator(agency)
    left = seated(run, make_trainee(full_name="Đã Chuyển"), sending_agency=agency)
    myself = seated(run, make_trainee(agency, user=coordinator, full_name="Chính Tôi"))
    client.force_login(coordinator)
    page = text(act(client, run, "move", left, myself, agreed="1", to=to.code))
    assert (states(run), states(to)) == (["enrolled"] * 2, [])
    assert page.count("không được đề cử") == 2


def test_nobody_moves_where_one_of_them_is_in_the_other_class_already():
    run, to = run_ahead(), run_ahead()
    people = [seated(run), seated(run)]
    seated(to, people[0].trainee)
    ids = [one.pk for one in people]
    with pytest.raises(EnrollmentError) as error:
        move_people(by=PROGRAMME_OFFICE, run=run, to=to, enrollments=ids)
    assert people[0].trainee.full_name in error.value.message
    assert states(run) == ["enrolled"] * 2


def test_chosen_people_are_written_to_and_exported(client):
    run = run_ahead()
    chosen, _other = seated(run), seated(run)
    office(client)
    page = text(act(client, run, "message", chosen))
    assert f'value="{chosen.pk}" id="id_people_0" checked' in page or "checked" in page
    exported = client.get(f"/runs/{run.code}/roster.csv?who={chosen.pk}")
    rows = b"".join(exported.streaming_content).decode("utf-8-sig").strip().splitlines()
    assert len(rows) == 2


def test_of_a_large_class_only_whoever_was_chosen_is_written_to(client, monkeypatch):
    monkeypatch.setattr(class_messages, "MOST_PEOPLE", 1)
    run = run_ahead()
    chosen, _other = seated(run), seated(run)
    page = text(act(office(client), run, "message", chosen))
    assert page.count("checked") == 1
    assert f'name="people" value="{chosen.pk}"' in page
    data = {"people": [chosen.pk], "subject": "s", "body": "b", "key": str(uuid.uuid4())}
    page = text(client.post(f"/runs/{run.code}/messages/new/", data))
    assert re.findall(r'name="people" value="(\d+)"', page) == [str(chosen.pk)]


def test_where_nobody_chosen_can_be_written_to_nobody_else_is(client):
    run, agency = run_ahead(), make_agency()
    seated(run, make_trainee(agency))
    elsewhere = seated(run, sending_agency=agency)
    client.force_login(make_coordinator(agency))
    page = text(act(client, run, "message", elsewhere))
    assert 'name="states"' in page
    assert "checked" not in page


@pytest.mark.parametrize("who", [[], ["x"], ["9" * 400], ["999999"]])
def test_a_choice_of_nobody_is_said(client, who):
    run = run_ahead()
    seated(run)
    answer = office(client).post(
        f"/runs/{run.code}/enrollments/", {"action": "withdraw", "who": who, "agreed": "1"}
    )
    assert answer.status_code == 302
    assert states(run) == ["enrolled"]


# Details --------------------------------------------------------------------------------


def test_unit_position_and_remarks_are_edited_on_the_page(client):
    run, agency = run_ahead(), make_agency()
    person = seated(run, make_trainee(agency), remarks="Ăn chay")
    client.force_login(make_coordinator(agency))
    assert "/details/" in text(client.get(f"/runs/{run.code}/?edit={person.pk}"))
    data = {"unit": "Vụ Pháp chế", "position": "Phó Vụ trưởng", "remarks": ""}
    client.post(f"/runs/{run.code}/enrollments/{person.pk}/details/", data)
    person.refresh_from_db()
    assert (person.unit, person.position, person.remarks) == ("Vụ Pháp chế", "Phó Vụ trưởng", "")


@pytest.mark.parametrize("end", ["withdrawal", "erasure"])
def test_details_are_not_written_after_the_end_of_an_enrollment(client, end):
    run = run_ahead()
    person = seated(run, unit="Vụ Pháp chế")
    office(client)
    if end == "withdrawal":
        withdraw(by=PROGRAMME_OFFICE, enrollment=person)
    else:
        Trainee.objects.filter(pk=person.trainee_id).update(erased_at=clock.now())
    data = {"unit": "Vụ Tổ chức", "position": "", "remarks": ""}
    client.post(f"/runs/{run.code}/enrollments/{person.pk}/details/", data)
    person.refresh_from_db()
    assert person.unit == "Vụ Pháp chế"


def test_details_of_other_agencies_people_are_not_edited(client):
    run = run_ahead()
    person = seated(run)
    client.force_login(make_coordinator(make_agency()))
    answer = client.post(f"/runs/{run.code}/enrollments/{person.pk}/details/", {"unit": "x"})
    assert answer.status_code == 404


# A running class ------------------------------------------------------------------------


def running(*, sessions: int = 5, held: int = 3) -> CourseRun:
    """One session a day: ``held`` of them are over."""
    start = clock.today() - dt.timedelta(days=held)
    run = make_run(
        make_course(minimum_attendance=80),
        starts_on=start,
        ends_on=start + dt.timedelta(days=sessions),
        state="running",
        sessions=0,
    )
    for number in range(1, sessions + 1):
        day = start + dt.timedelta(days=number - 1 + (number > held))
        begins = dt.datetime.combine(day, dt.time(8), tzinfo=clock.HANOI)
        ends = begins + dt.timedelta(hours=3)
        Session.objects.create(run=run, number=number, starts_at=begins, ends_at=ends)
    return run


def mark(enrollment: Enrollment, marks: str) -> None:
    sessions = enrollment.run.sessions.order_by("number")
    for session, letter in zip(sessions, marks, strict=False):
        kind = {"p": "present", "a": "absent", "l": "late"}[letter]
        Attendance.objects.create(enrollment=enrollment, session=session, mark=kind)


@pytest.mark.parametrize(
    ("marks", "attended", "reach"),
    [
        ("ppp", 3, Reach.ON_TRACK),
        ("pla", 2, Reach.NO_MORE_ABSENCE),
        ("paa", 1, Reach.OUT_OF_REACH),
    ],
)
def test_a_running_class_says_whether_each_can_still_reach_the_minimum(marks, attended, reach):
    run = running()
    person = make_enrollment(run, state="enrolled")
    mark(person, marks)
    progress = progress_of(run)[person.pk]
    assert (progress.attended, progress.held, progress.reach) == (attended, 3, reach)


def test_a_session_that_nobody_has_marked_yet_can_still_be_attended():
    assert progress_of(running())[0].reach is Reach.ON_TRACK


def test_a_missed_mandatory_session_is_out_of_reach():
    run = running()
    run.sessions.filter(number=1).update(is_mandatory=True)
    person = make_enrollment(run, state="enrolled")
    mark(person, "app")
    assert progress_of(run)[person.pk].reach is Reach.OUT_OF_REACH


@pytest.mark.parametrize("page", ["", "closing/"])
def test_only_whoever_can_no_longer_complete_is_red(client, page):
    run = running()
    for name, marks in (("Vẫn Đạt", "ppp"), ("Hết Cách", "paa")):
        mark(make_enrollment(run, make_trainee(full_name=name), state="enrolled"), marks)
    shown = text(office(client).get(f"/runs/{run.code}/{page}"))
    rows = {row.split("</a>")[0].rsplit(">", 1)[1]: row for row in shown.split("<tr")[2:]}
    red = [name for name, row in rows.items() if "progress-bad" in row or "badge-bad" in row]
    assert red == ["Hết Cách"]
    assert "80\u00a0%" in rows["Vẫn Đạt"]


def test_a_running_class_cannot_be_closed_and_says_from_when(client):
    run = running()
    make_enrollment(run, state="enrolled")
    page = text(office(client).get(f"/runs/{run.code}/closing/"))
    assert "/closing/close/" not in page
    assert f"{run.sessions.order_by('-number')[0].starts_at:%d/%m/%Y}" in page
