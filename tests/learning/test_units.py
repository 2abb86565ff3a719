"""What a course teaches, unit by unit: versions, classes, who has done what."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.choices import Role
from audit.services import SYSTEM
from common import clock
from common.markdown import markdown
from courses.choices import RunState
from courses.models import CourseRun
from courses.services.teaching import copy_run
from learning.models import ClassUnit, Unit, UnitDone
from learning.services.progress import set_done
from learning.services.units import add_unit, change_unit, set_class_unit, units_of
from tests.factories import (
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
    make_user,
)

pytestmark = pytest.mark.django_db
DURING = dt.date(2026, 3, 10)


def text(title: str, text_vi: str = "Nội dung", **others: Any) -> dict[str, Any]:
    return {"kind": "text", "title_vi": title, "text_vi": text_vi, **others}


@pytest.fixture
def run() -> CourseRun:
    return make_run(state=RunState.RUNNING)


@pytest.fixture
def unit(run: CourseRun) -> Unit:
    with clock.set_to(dt.date(2026, 1, 5)):
        return add_unit(by=SYSTEM, course=run.course, **text("Bài 1"))


@pytest.fixture
def seat(run: CourseRun):
    return make_enrollment(run, make_trainee(user=make_user(Role.TRAINEE)))


def titles(run: CourseRun) -> list[str]:
    return [one.version.title for one in units_of(run)]


def test_a_class_that_has_ended_keeps_the_version_that_it_saw(run, unit):
    later = make_run(run.course, starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2026, 9, 2))
    with clock.set_to(dt.date(2026, 6, 1)):
        change_unit(
            by=SYSTEM, unit=unit, is_required=True, opens_after_days=None, **text("Bài 1 mới")
        )
    assert (titles(run), titles(later)) == (["Bài 1"], ["Bài 1 mới"])


def test_a_class_may_stay_with_a_version_of_its_choice(run, unit):
    first = unit.versions.get()
    with clock.set_to(DURING):
        change_unit(
            by=SYSTEM, unit=unit, is_required=True, opens_after_days=None, **text("Bài 1 mới")
        )
    assert titles(run) == ["Bài 1 mới"]
    set_class_unit(by=SYSTEM, run=run, unit=unit, version=first)
    assert titles(run) == ["Bài 1"]


def test_saving_without_a_change_makes_no_version(unit):
    again = text("Bài 1") | {"title_en": "", "text_en": "", "link": ""}
    change_unit(by=SYSTEM, unit=unit, is_required=False, opens_after_days=None, **again)
    assert unit.versions.count() == 1


def test_a_copied_class_takes_its_units_files_and_days_along(run, unit):
    with clock.set_to(DURING):
        own = add_unit(by=SYSTEM, course=run.course, run=run, **text("Chỉ lớp này"))
    set_class_unit(by=SYSTEM, run=run, unit=unit, is_hidden=True)
    set_class_unit(by=SYSTEM, run=run, unit=own, visible_from=dt.date(2026, 3, 11))
    run.materials.create(title="Đề cương", file=SimpleUploadedFile("de-cuong.pdf", b"%PDF-1.7 x"))
    copy = copy_run(by=SYSTEM, run=run, code="COPY", starts_on=dt.date(2027, 3, 10))
    with clock.set_to(dt.date(2027, 3, 10)):
        hidden, copied = units_of(copy)
        assert hidden.is_hidden
        assert (copied.version.title, copied.visible_from) == ("Chỉ lớp này", dt.date(2027, 3, 11))
    assert copied.unit.pk != own.pk
    run.materials.get().file.delete()
    assert copy.materials.get().file.read() == b"%PDF-1.7 x"


def test_a_trainee_sees_a_unit_from_its_day_and_marks_it_done(client, run, unit, seat):
    unit.opens_after_days = 1
    unit.save()
    page = f"/runs/{run.code}/units/"
    with clock.set_to(DURING):
        client.force_login(seat.trainee.user)
        assert "Bài 1" not in client.get(page).content.decode()
        assert client.get(f"{page}{unit.pk}/").status_code == 404
        client.post(f"{page}{unit.pk}/", {"done": "1"})
    assert not UnitDone.objects.exists()
    client.logout()
    with clock.set_to(dt.date(2026, 3, 11)):
        client.force_login(seat.trainee.user)
        assert "Bài 1" in client.get(page).content.decode()
        for _twice in range(2):
            client.post(f"{page}{unit.pk}/", {"done": "1"})
    assert UnitDone.objects.get().enrollment == seat


def test_the_trainer_sees_who_has_done_what(client, run, unit, seat):
    other = make_enrollment(run)
    with clock.set_to(DURING):
        set_done(by=SYSTEM, enrollment=seat, unit=unit)
        client.force_login(make_trainer(run))
        page = client.get(f"/runs/{run.code}/units/")
    done = {trainee.pk: total for trainee, _cells, total in page.context["people"]}
    assert done == {seat.trainee_id: 1, other.trainee_id: 0}
    assert page.context["times"] == {unit.pk: 1}


@pytest.mark.parametrize("state", ["nominated", "withdrawn", "waitlisted"])
def test_without_a_seat_units_are_not_there(client, run, unit, state):
    person = make_trainee(user=make_user(Role.TRAINEE))
    number = 1 if state == "waitlisted" else None
    make_enrollment(run, person, state=state, waiting_number=number)
    client.force_login(person.user)
    assert client.get(f"/runs/{run.code}/units/").status_code == 404
    assert client.get(f"/runs/{run.code}/units/{unit.pk}/").status_code == 404


def test_a_file_opens_only_for_those_whose_class_sees_that_version(client, run, seat):
    file = SimpleUploadedFile("bai.pdf", b"%PDF-1.7 one")
    with clock.set_to(DURING):
        unit = add_unit(by=SYSTEM, course=run.course, kind="file", title_vi="Tệp", file=file)
    path = f"/unit-files/{unit.versions.get().pk}/"
    stranger = make_enrollment(make_run(), make_trainee(user=make_user(Role.TRAINEE)))
    for user, status in ((seat.trainee.user, 200), (stranger.trainee.user, 404)):
        client.force_login(user)
        with clock.set_to(DURING):
            assert client.get(path).status_code == status
    set_class_unit(by=SYSTEM, run=run, unit=unit, is_hidden=True)
    client.force_login(seat.trainee.user)
    assert client.get(path).status_code == 404


def test_the_form_of_a_unit_links_to_its_file_as_readers_may_open_it(client, run):
    file = SimpleUploadedFile("bai.pdf", b"%PDF-1.7 one")
    unit = add_unit(by=SYSTEM, course=run.course, kind="file", title_vi="Tệp", file=file)
    client.force_login(make_trainer(run))
    page = client.get(f"/units/{unit.pk}/").content.decode()
    version = unit.versions.get()
    assert f'href="/unit-files/{version.pk}/"' in page
    assert version.file.name not in page


def test_trainers_of_another_course_cannot_touch_a_unit(client, unit):
    client.force_login(make_trainer(make_run()))
    assert client.get(f"/units/{unit.pk}/").status_code == 404
    assert client.post(f"/units/{unit.pk}/withdraw/").status_code == 404
    assert client.get(f"/courses/{unit.course.code}/units/new/").status_code == 404


def test_units_change_their_order_and_are_withdrawn(client, run, unit):
    second = add_unit(by=SYSTEM, course=run.course, **text("Bài 2"))
    client.force_login(make_trainer(run))
    client.post(f"/units/{second.pk}/up/")
    assert list(Unit.objects.values_list("pk", flat=True)) == [second.pk, unit.pk]
    client.post(f"/units/{second.pk}/withdraw/")
    page = client.get(f"/courses/{run.course.code}/units/").content.decode()
    assert "Bài 1" in page
    assert "Bài 2" not in page


def office_page(name: str, content: bytes) -> SimpleUploadedFile:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, content)
    return SimpleUploadedFile("bai.docx", buffer.getvalue())


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (SimpleUploadedFile("bai.pdf", b"<script>alert(1)</script>"), "không đúng"),
        (SimpleUploadedFile("bai.docx", b"PK\x03\x04 cut"), "không đúng"),
        (office_page("word/vbaProject.bin", b"x"), "macro"),
        (SimpleUploadedFile("bai.html", b"<p>x"), "Không nhận"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_in_words(client, run, file, words):
    client.force_login(make_trainer(run))
    sent = {"kind": "file", "title_vi": "Tệp", "file": file}
    answer = client.post(f"/courses/{run.course.code}/units/new/", sent)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Unit.objects.exists()


def test_a_unit_without_what_its_kind_needs_is_refused_in_words(client, run):
    client.force_login(make_trainer(run))
    for kind in ("text", "file", "link", "video"):
        answer = client.post(
            f"/courses/{run.course.code}/units/new/", {"kind": kind, "title_vi": "Bài"}
        )
        assert answer.status_code == 400, kind
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    "written",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        '<img src=x onerror="alert(1)">',
        "![x](https://spy.example/p.png)",
        "[x](data:text/html,<script>alert(1)</script>)",
    ],
)
def test_nothing_in_the_text_of_a_unit_runs_or_calls_home(written):
    html = markdown(f"**Bài** {written}")
    assert "<strong>Bài</strong>" in html
    for danger in ("<script", "<img", 'href="javascript', 'href="data'):
        assert danger not in html


def test_headings_of_a_unit_stand_below_that_of_its_page():
    assert "<h2>Bài 1</h2>" in markdown("# Bài 1")


def test_a_class_sets_nothing_for_a_unit_of_another_course(client, run):
    foreign = add_unit(by=SYSTEM, course=make_course(), **text("Khác"))
    client.force_login(make_trainer(run))
    assert client.post(f"/runs/{run.code}/units/{foreign.pk}/fit/").status_code == 404
    assert not ClassUnit.objects.exists()
