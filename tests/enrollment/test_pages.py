"""The pages of a run: what they show, what a click does, how often they ask the database."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from certificates.models import IssuingBody, Signer
from common import clock
from courses.models import CourseRun
from enrollment.choices import Mark
from enrollment.models import Attendance, Completion, Enrollment
from enrollment.services.attendance import mark_everyone
from enrollment.services.check_in import current_code, ticket_for
from enrollment.services.enrollments import Nominee, nominate
from notices.models import Notice
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
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db
FAR: dict[str, Any] = {"starts_on": dt.date(2099, 1, 1), "ends_on": dt.date(2099, 1, 2)}
START = dt.datetime(2026, 3, 10, 8, tzinfo=clock.HANOI)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def office() -> Client:
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    return signed_in(user)


def page(client: Client, path: str) -> str:
    response = client.get(path, headers={"accept-language": "en"})
    assert response.status_code == 200, response.content[:300]
    return response.content.decode()


def send(run: CourseRun, *trainees) -> None:
    nominees = [Nominee(trainee.pk) for trainee in trainees]
    nominate(by=OFFICE, run=run, sending_agency=trainees[0].agency, nominees=nominees)


def test_the_grid_of_100_people_and_20_sessions_needs_at_most_12_queries() -> None:
    run = make_run(sessions=20, ends_on=dt.date(2026, 3, 29), capacity=100)
    for _ in range(100):
        make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    client = signed_in(make_trainer(run))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        text = page(client, f"/runs/{run.code}/attendance/")
    assert len(queries) <= 12
    assert text.count('name="cell"') == 2000


@pytest.mark.parametrize("before", [None, "present"])
def test_one_mark_needs_at_most_8_queries(before) -> None:
    enrollment = make_enrollment(make_run())
    session = enrollment.run.sessions.get(number=1)
    if before:
        mark_everyone(by=OFFICE, run=enrollment.run, mark=Mark(before))
    client = signed_in(make_trainer(enrollment.run))
    page(client, f"/runs/{enrollment.run.code}/attendance/")  # now the session is known to be alive
    with CaptureQueriesContext(connection) as queries:
        response = client.post(
            f"/runs/{enrollment.run.code}/attendance/mark/",
            {"cell": f"{enrollment.pk}-{session.pk}-late"},
            headers={"hx-request": "true"},
        )
    assert response.status_code == 200
    assert len(queries) <= 8, [query["sql"][:90] for query in queries]
    assert Attendance.objects.get(session=session).mark == "late"
    assert b"mark-late" in response.content


def test_the_grid_works_without_script_and_for_the_runs_own_trainer_only() -> None:
    enrollment = make_enrollment(make_run())
    session = enrollment.run.sessions.get(number=1)
    path = f"/runs/{enrollment.run.code}/attendance/mark/"
    cell = {"cell": f"{enrollment.pk}-{session.pk}-present"}
    assert signed_in(make_trainer(make_run())).post(path, cell).status_code == 404
    assert signed_in(make_trainer(enrollment.run)).post(path, cell).status_code == 302
    assert signed_in(make_trainer(enrollment.run)).post(path, {"cell": "x"}).status_code == 404
    assert Attendance.objects.get().mark == "present"


def test_the_waiting_list_shows_each_their_position() -> None:
    run, user = make_run(capacity=1, **FAR), make_user()
    agency = make_agency()
    send(run, *(make_trainee(agency, user=u) for u in (None, None, user)))
    assert "position 2 on the waiting list" in page(signed_in(user), f"/runs/{run.code}/")


def test_a_full_class_offers_the_waiting_list_and_the_way_out_of_it() -> None:
    run, user = make_run(capacity=1, **FAR), make_user(Role.TRAINEE)
    send(run, make_trainee(make_agency()))
    address = f"/runs/{run.code}/"
    assert "Join the waiting list" in page(signed_in(user), address)
    send(run, make_trainee(make_agency(), user=user))
    assert "Leave the waiting list" in page(signed_in(user), address)


def test_the_seats_page_shows_waiting_list_ledger_and_reasons(office) -> None:
    run = make_run(capacity=1, **FAR)
    agency = make_agency()
    send(run, *(make_trainee(agency) for _ in range(2)))
    text = page(office, f"/runs/{run.code}/seats/")
    assert "put on the waiting list" in text
    office.post(f"/runs/{run.code}/capacity/", {"capacity": "2"})
    assert "promoted from the waiting list" in page(office, f"/runs/{run.code}/seats/")
    office.post(f"/runs/{run.code}/capacity/", {"capacity": "1"}, headers={"accept-language": "en"})
    assert "there cannot be fewer seats" in page(office, f"/runs/{run.code}/seats/")


def test_long_waiting_lists_go_over_pages_and_positions_run_on(office) -> None:
    run = make_run(capacity=1, **FAR)
    agency = make_agency()
    send(run, *(make_trainee(agency) for _ in range(53)))
    path = f"/runs/{run.code}/seats/"
    assert ">51</td>" not in page(office, path)
    second = page(office, f"{path}?list=waiting&page=2")
    assert ">51</td>" in second
    assert ">52</td>" in second


def test_approval_goes_to_whoever_is_next(office) -> None:
    run = make_run(make_course(approval="both"), ends_on=FAR["ends_on"])
    user, agency = make_user("trainee"), make_agency()
    make_trainee(agency, user=user)
    signed_in(user).post(f"/runs/{run.code}/request/")
    enrollment = Enrollment.objects.get()
    path = f"/runs/{run.code}/enrollments/{enrollment.pk}/approve/"
    assert signed_in(make_coordinator(make_agency())).post(path).status_code == 404
    coordinator = signed_in(make_coordinator(agency))
    assert coordinator.post(path).status_code == 302
    assert coordinator.post(path).status_code == 403
    assert "the programme office" in page(office, f"/runs/{run.code}/seats/")
    office.post(path)
    enrollment.refresh_from_db()
    assert enrollment.state == "enrolled"


def test_a_coordinator_nominates_by_name_with_the_letter() -> None:
    agency = make_agency()
    run, who = make_run(ends_on=FAR["ends_on"]), make_trainee(agency)
    stranger = make_trainee()
    client = signed_in(make_coordinator(agency))
    form = {"agency": agency.slug, "number": "12/CV-TCCB", "dated": "2026-03-01"}
    path = f"/runs/{run.code}/nominate/"
    assert client.post(path, form | {"people": [stranger.code]}).status_code == 200
    assert not Enrollment.objects.exists()
    assert client.post(path, form | {"people": [who.code]}).status_code == 302
    enrollment = Enrollment.objects.get()
    assert enrollment.letter
    assert (enrollment.letter.number, enrollment.trainee) == ("12/CV-TCCB", who)


def test_a_coordinator_nominates_in_the_name_of_their_own_agency_only() -> None:
    own, other = make_agency("hue"), make_agency("lao-cai")
    run, who = make_run(ends_on=FAR["ends_on"]), make_trainee(own)
    client = signed_in(make_coordinator(own))
    path = f"/runs/{run.code}/nominate/"
    offered = page(client, path)
    assert own.name in offered
    assert other.name not in offered
    asked = {"people": [who.code], "agency": other.slug, "number": "1/CV", "dated": "2026-03-01"}
    form = client.post(path, asked).context["form"]
    assert form.has_error("agency", "invalid_choice")
    assert not Enrollment.objects.exists()


def test_a_nominee_is_replaced_by_a_colleague() -> None:
    agency = make_agency()
    run = make_run(**FAR)
    send(run, make_trainee(agency))
    colleague = make_trainee(agency)
    enrollment = Enrollment.objects.get()
    client = signed_in(make_coordinator(agency))
    client.post(
        f"/runs/{run.code}/enrollments/{enrollment.pk}/replace/", {"trainee": colleague.code}
    )
    assert Enrollment.objects.live().get().trainee == colleague


def test_closing_is_previewed_with_reasons_and_confirmed() -> None:
    run = make_run(make_course(minimum_score=Decimal(5)))
    enrollment, other = make_enrollment(run), make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    client = signed_in(make_trainer(run))
    assert "no score, 5.00 required" in page(client, f"/runs/{run.code}/closing/")
    client.post(f"/runs/{run.code}/closing/scores/", {f"score-{enrollment.pk}": "7.5"})
    client.post(f"/runs/{run.code}/closing/close/")
    assert Completion.objects.get().enrollment == enrollment
    other.refresh_from_db()
    assert other.state == "not_completed"
    assert enrollment.trainee.full_name in page(client, f"/runs/{run.code}/closing/")


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        pytest.param({}, 'badge-bad">not completed<', id="over"),
        pytest.param(FAR, 'badge">not completed yet<', id="to come"),
    ],
)
def test_nobody_reads_as_failed_before_the_class_is_over(office, dates, said) -> None:
    run = make_run(**dates)
    make_enrollment(run)
    assert said in page(office, f"/runs/{run.code}/closing/")


def test_where_the_office_recognises_the_trainer_only_proposes(office) -> None:
    run = make_run(make_course(recognised_by_office=True))
    make_enrollment(run)
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    signed_in(make_trainer(run)).post(f"/runs/{run.code}/closing/close/")
    run.refresh_from_db()
    assert (run.state, bool(run.closing_proposed_at)) == ("open", True)
    office.post(f"/runs/{run.code}/closing/close/", {"number": "3/QĐ", "dated": "2026-03-20"})
    run.refresh_from_db()
    assert run.state == "closed"


def test_the_check_in_page_takes_name_and_three_digits() -> None:
    run = make_run()
    who = make_trainee(full_name="Nguyễn Thị Hoà", personal_number="001085000234")
    enrollment = make_enrollment(run, who)
    with clock.set_to(START):
        code = current_code(run.sessions.get(number=1))
        ticket = ticket_for(code)[1]
        assert "Last three digits" in page(Client(), f"/check-in/{code}/")
        answers = [
            Client().post("/check-in/", {"ticket": ticket, "name": name, "last_digits": digits})
            for name, digits in (("Ai đó", "234"), ("nguyễn thị hòa", "234"))
        ]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert Attendance.objects.get().enrollment == enrollment
    assert answers[0].content.count(b"alert-bad") == 1


def test_whoever_is_signed_in_checks_in_with_one_press_and_only_once() -> None:
    user = make_user("trainee")
    enrollment = make_enrollment(make_run(), make_trainee(user=user))
    client = signed_in(user)
    with clock.set_to(START):
        ticket = ticket_for(current_code(enrollment.run.sessions.get(number=1)))[1]
        form = {"ticket": ticket, "account": "1"}
        assert [client.post("/check-in/", form).status_code for _ in range(2)] == [200, 400]
    assert Attendance.objects.count() == 1


def test_an_old_code_is_refused_in_a_sentence() -> None:
    session = make_run().sessions.get(number=1)
    with clock.set_to(START):
        code = current_code(session)
    response = Client().get(f"/check-in/{code}/", headers={"accept-language": "en"})
    assert response.status_code == 400
    assert "no longer valid" in response.content.decode()


def test_the_trainer_sees_the_code_only_while_check_in_is_open() -> None:
    run = make_run()
    client = signed_in(make_trainer(run))
    path = f"/runs/{run.code}/sessions/1/code/"
    assert "check-in is closed" in page(client, path)
    with clock.set_to(START):
        assert 'class="qr"' in page(client, path)


def test_cancelling_asks_first_where_more_than_ten_are_notified(office, settings) -> None:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    run, agency = make_run(ends_on=FAR["ends_on"]), make_agency()
    send(run, *(make_trainee(agency, email=f"p{n}@x.vn") for n in range(11)))
    path = f"/runs/{run.code}/planning/cancel/"
    asked = office.post(path, {"reason": "Bão"}, headers={"accept-language": "en"})
    assert "11 people will be notified" in asked.content.decode()
    assert not Notice.objects.exists()
    office.post(path, {"reason": "Bão", "agreed": "11"})
    run.refresh_from_db()
    assert (run.state, Notice.objects.count()) == ("cancelled", 11)


def test_a_class_is_copied_planned_and_announced(office) -> None:
    run = make_run()
    office.post(f"/runs/{run.code}/planning/copy/", {"code": "COPY", "starts_on": "2099-01-05"})
    office.post(
        "/runs/COPY/planning/pattern/", {"weekdays": ["0", "1"], "parts": ["morning", "evening"]}
    )
    office.post("/runs/COPY/planning/announce/")
    copy = CourseRun.objects.get(code="COPY")
    assert (copy.state, copy.sessions.count()) == ("open", 4)
    assert "05/01/2099" in page(office, "/runs/COPY/planning/")


@pytest.mark.parametrize("sessions", [2, 10])
def test_the_attendance_sheet_has_a_signature_column_per_session(sessions) -> None:
    run = make_run(sessions=sessions, ends_on=dt.date(2026, 3, 20))
    make_enrollment(run, make_trainee(full_name="Đặng Thị Ngọc Ánh"))
    response = signed_in(make_trainer(run)).get(f"/runs/{run.code}/attendance.pdf")
    assert response["Content-Type"] == "application/pdf"
    text = text_of(response.content)
    assert "Đặng Thị Ngọc Ánh" in text
    assert all(f"Buổi {number}" in text for number in range(1, sessions + 1))
    with pikepdf.open(io.BytesIO(response.content)) as file:
        width, height = (float(n) for n in file.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (842, 595)


@pytest.mark.parametrize(
    ("path", "document"), [("attendance.pdf", "attendance"), ("class-opening.pdf", "class_opening")]
)
def test_a_document_that_names_the_class_is_audited_with_its_rows(office, path, document) -> None:
    run = make_run()
    for state in ("enrolled", "nominated"):
        make_enrollment(run, make_trainee(), state=state)
    response = office.get(f"/runs/{run.code}/{path}")
    assert "no-store" in response["Cache-Control"]
    details = AuditEntry.objects.get(action="class_document_exported").details
    assert details == {"run": run.code, "document": document, "form": "pdf", "rows": 1}


def test_the_attendance_sheet_is_headed_and_signed_by_who_issues_for_the_class() -> None:
    run = make_run()
    make_enrollment(run, make_trainee(unit="Vụ Pháp chế"))
    address, client = f"/runs/{run.code}/attendance.pdf", signed_in(make_trainer(run))
    unknown = text_of(client.get(address).content)
    assert "THỦ TRƯỞNG ĐƠN VỊ" in unknown
    assert unknown.count("(Ký, ghi rõ họ tên)") == 2
    body = IssuingBody.objects.create(name="Bộ Khoa học và Công nghệ", place="Hà Nội")
    title = "Bộ trưởng, Vụ trưởng"
    Signer.objects.create(body=body, name="Lê Thị Minh Hằng", title=title, authority="TL.")
    with clock.set_to(clock.start_of_day(dt.date(2026, 3, 9))):
        text = text_of(client.get(address).content)
    for words in (
        "BỘ KHOA HỌC VÀ CÔNG NGHỆ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "DANH SÁCH ĐIỂM DANH",
        "Hà Nội, ngày 09 tháng 3 năm 2026", f"Lớp {run.code}: {run.course.title_vi}",
        "Vụ Pháp chế", "GIẢNG VIÊN", "TL. BỘ TRƯỞNG", "VỤ TRƯỞNG", "Lê Thị Minh Hằng",
    ):  # fmt: skip
        assert words in text
    assert run.enrollments.get().sending_agency.name_vi not in text


def test_the_class_opening_list_bears_the_national_head_and_the_decision(office) -> None:
    run = make_run()
    make_enrollment(run, make_trainee(full_name="Đặng Thị Ngọc Ánh"))
    run.decisions.create(kind="class_opening", number="12/QĐ-ABC", dated=dt.date(2026, 3, 1))
    text = text_of(office.get(f"/runs/{run.code}/class-opening.pdf").content)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "12/QĐ-ABC" in text
    assert "ngày 01 tháng 3 năm 2026" in text
    assert "Đặng Thị Ngọc Ánh" in text


# The roster of a class and its files ----------------------------------------------------

LEFT_OUT = "The files contain 1 of these 4 rows"


def rows_given(client: Client, run: CourseRun) -> int:
    answer: Any = client.get(f"/runs/{run.code}/roster.csv")
    return b"".join(answer.streaming_content).count(b"\n") - 1


def test_a_class_shows_how_many_of_its_rows_the_files_contain(office):
    run = make_run()
    for state in ("completed", "rejected", "withdrawn", "cancelled"):
        make_enrollment(run, state=state)
    assert (LEFT_OUT in page(office, f"/runs/{run.code}/"), rows_given(office, run)) == (True, 1)


def test_a_class_whose_files_contain_every_row_shows_no_note(office):
    run = make_run()
    make_enrollment(run)
    assert "The files contain" not in page(office, f"/runs/{run.code}/")


def test_visitors_without_files_see_no_note_about_them():
    enrollment = make_enrollment(make_run(), state="withdrawn")
    enrollment.trainee.user = make_user("trainee")
    enrollment.trainee.save()
    text = page(signed_in(enrollment.trainee.user), f"/runs/{enrollment.run.code}/")
    assert (enrollment.trainee.full_name in text, "The files contain" in text) == (True, False)
