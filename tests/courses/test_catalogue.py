import datetime as dt

import pytest

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from courses.errors import CourseError
from courses.models import Course, CourseRun
from courses.services import LONGEST_RUN, change_run, open_run
from courses.services.catalogue import change_course, enter_course
from tests.factories import make_course, make_run, make_trainer, make_user

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 10)
COURSE = {
    "code": "AI-900",
    "title_vi": "Học máy",
    "periods": 8,
    "days": 1,
    "delivery": "online",
    "minimum_attendance": 80,
    "grading": "pass_fail",
    "good_from": 8,
    "fair_from": 7,
    "approval": "both",
    "is_offered": "on",
}


def refused(code: str):
    return pytest.raises(CourseError, check=lambda error: error.code == code)


@pytest.fixture
def office(client):
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def sent_back(page: bytes, **changes) -> dict:
    """What a browser would send of a page's form, with some fields changed."""
    from lxml.html import document_fromstring

    (form,) = [f for f in document_fromstring(page).forms if f.action is None]
    return dict(form.form_values()) | changes


def test_a_course_is_entered_and_changed_on_its_page(office):
    assert office.post("/courses/new/", COURSE)["Location"] == "/courses/AI-900/"
    form = sent_back(office.get("/courses/AI-900/change/").content, title_en="Machine learning")
    assert office.post("/courses/AI-900/change/", form)["Location"] == "/courses/AI-900/"
    course = Course.objects.get(code="AI-900")
    assert (course.title_en, course.approval) == ("Machine learning", "both")


def test_what_was_pasted_from_slides_is_tidied_in_a_title(office):
    office.post("/courses/new/", COURSE | {"title_vi": "Trí tuệ\vnhân\x07 tạo\uffff"})
    assert Course.objects.get(code="AI-900").title_vi == "Trí tuệ nhân tạo"
    course = enter_course(
        by=OFFICE, code="AI-901", title_vi="Học\vmáy", periods=8, delivery="online"
    )
    assert course.title_vi == "Học máy"


def test_what_was_written_on_an_older_version_overwrites_nothing(office):
    course = make_course("AI-900", title_en="First")
    opened = office.get("/courses/AI-900/change/").content
    change_course(by=OFFICE, course=course, title_en="Second")
    answer = office.post("/courses/AI-900/change/", sent_back(opened, title_en="Third"))
    assert answer.status_code == 400
    assert "Someone else changed this in the meantime" in answer.content.decode()
    course.refresh_from_db()
    assert course.title_en == "Second"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "A B"),
        ("code", "x" * 21),
        ("title_vi", ""),
        ("periods", "many"),
        ("minimum_attendance", "101"),
        ("good_from", "6"),
        ("approval", "somebody"),
    ],
)
def test_bad_input_shows_an_error_and_enters_nothing(office, field, value):
    answer = office.post("/courses/new/", COURSE | {field: value})
    assert answer.status_code == 400
    assert 'class="errors"' in answer.content.decode() or 'role="alert"' in answer.content.decode()
    assert not Course.objects.exists()


def test_the_code_stays_once_a_class_has_been_opened(office):
    course = make_course("AI-900")
    assert change_course(by=OFFICE, course=course, code="AI-901").code == "AI-901"
    make_run(course)
    with refused("code_stays"):
        change_course(by=OFFICE, course=course, code="AI-902")


def test_two_courses_never_share_a_code_and_none_requires_itself():
    course = enter_course(by=OFFICE, code="A", title_vi="A", periods=8, delivery="online")
    with refused("code_taken"):
        enter_course(by=OFFICE, code="A", title_vi="B", periods=8, delivery="online")
    with refused("requires_itself"):
        change_course(by=OFFICE, course=course, prerequisites=[course])


def test_a_class_of_centuries_is_refused_before_its_timetable_is_made():
    with refused("days_do_not_fit"):
        open_run(
            by=OFFICE, course=make_course(), code="X", capacity=1,
            starts_on=DAY, ends_on=dt.date(2926, 3, 10),
        )  # fmt: skip
    longest = DAY + dt.timedelta(days=LONGEST_RUN)
    open_run(by=OFFICE, course=make_course(), code="X", capacity=1, starts_on=DAY, ends_on=longest)


NEW_RUN = {
    "code": "R-1", "starts_on": "2026-03-10", "ends_on": "2026-03-11", "capacity": 20,
    "sessions": 3, "is_draft": "on",
}  # fmt: skip


def test_the_office_enters_a_draft_and_changes_it(office):
    make_course("AI-900")
    assert office.post("/runs/new/", NEW_RUN | {"course": "AI-900"})["Location"] == "/runs/R-1/"
    run = CourseRun.objects.get(code="R-1")
    assert (run.state, run.sessions.count()) == ("draft", 3)
    opened = office.get("/runs/R-1/change/").content
    form = sent_back(opened, venue="Đà Nẵng", ends_on="2026-03-12")
    assert office.post("/runs/R-1/change/", form).status_code == 302
    late = office.post("/runs/R-1/change/", sent_back(opened, venue="Huế"))
    assert late.status_code == 400
    run.refresh_from_db()
    assert (run.venue, run.ends_on) == ("Đà Nẵng", dt.date(2026, 3, 12))


@pytest.mark.parametrize(
    "changes",
    [
        {"ends_on": "2026-03-09"},
        {"ends_on": "2030-03-09"},
        {"capacity": "0"},
        {"sessions": "90"},
        {"code": "a/b"},
        {"course": "NO-SUCH"},
        {"enrollment_opens_on": "2026-02-02", "enrollment_closes_on": "2026-02-01"},
    ],
)
def test_a_class_that_cannot_be_is_refused_on_the_form(office, changes):
    make_course("AI-900")
    answer = office.post("/runs/new/", NEW_RUN | {"course": "AI-900"} | changes)
    assert answer.status_code == 400
    assert not CourseRun.objects.exists()


def test_a_trainer_who_opens_a_class_teaches_it(client):
    make_course("AI-900")
    user = make_trainer(make_run())
    client.force_login(user)
    client.post("/runs/new/", NEW_RUN | {"course": "AI-900"})
    assert CourseRun.objects.taught_by(user).filter(code="R-1").exists()


def test_a_class_does_not_end_before_its_last_session():
    run = make_run()
    with refused("sessions_later"):
        change_run(by=OFFICE, run=run, ends_on=run.starts_on)


def test_classes_are_found_by_code_title_and_state(office):
    make_run(make_course(title_vi="Đạo đức trí tuệ nhân tạo"), code="DD-1", state="closed")
    make_run(code="X-2")
    for query, found in (("q=dao+duc", "DD-1"), ("q=x-2", "X-2"), ("state=closed", "DD-1")):
        page = office.get(f"/runs/?{query}").content.decode()
        assert [code for code in ("DD-1", "X-2") if f">{code}<" in page] == [found]


@pytest.mark.parametrize(
    "address", ["/runs/", "/courses/AI-900/", "/api/v1/runs/", "/api/v1/sessions/"]
)
def test_a_draft_is_listed_for_those_who_make_it_alone(client, address):
    run = make_run(make_course("AI-900"), state="draft", code="DRAFT-1")
    for user, sees in ((make_trainer(run), True), (make_user("trainee"), False)):
        client.force_login(user)
        assert ("DRAFT-1" in client.get(address).content.decode()) == sees


@pytest.mark.parametrize(
    "address", ["/courses/", "/courses/OLD-1/", "/api/v1/courses/", "/api/v1/courses/OLD-1/"]
)
def test_a_course_that_is_not_offered_is_known_to_those_who_make_courses(client, office, address):
    title = "Khóa không còn mở"
    make_course("OLD-1", is_offered=False, title_vi=title, title_en=title)
    assert title in office.get(address).content.decode()
    client.force_login(make_user("trainee"))
    assert title not in client.get(address).content.decode()
