"""Frameworks as data: versions, workbooks, adoption; and what a course teaches."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils.translation import override

from accounts.choices import Role
from accounts.models import User
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from competencies.errors import CompetencyError
from competencies.layouts import FrameworkRow, rows_of
from competencies.models import CourseCompetency, Framework
from competencies.services.course_competencies import (
    remove_course_competency,
    set_course_competency,
)
from competencies.services.frameworks import adopt_framework
from competencies.sheets import read_framework, write_framework
from courses.models import Course
from lms.reference import load_reference
from tests.competencies.factories import ROWS, make_framework, teach
from tests.factories import make_course, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with override("en"):
        yield


def office() -> User:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


def test_a_workbook_comes_back_as_the_framework_that_it_was_written_from():
    framework = make_framework()
    read = read_framework(b"".join(write_framework(framework)))
    assert [replace(row, row=0) for row in read] == ROWS == rows_of(framework)


def test_a_change_is_the_next_version_and_the_newest_adopted_one_is_in_force():
    first = make_framework()
    second = make_framework(is_adopted=False)
    assert (first.version, second.version) == (1, 2)
    assert list(Framework.objects.in_force()) == [first]
    adopt_framework(by=SYSTEM, framework=second, reason="Quyết định 13")
    assert list(Framework.objects.in_force()) == [second]


@pytest.mark.both_engines
def test_the_database_refuses_to_change_a_published_framework():
    framework = make_framework(is_adopted=False)
    for rows, change in (
        (framework.competencies.all(), {"name_vi": "Khác"}),
        (framework.levels.all(), {"name_vi": "Khác"}),
        (Framework.objects.all(), {"title_vi": "Khác"}),
        (Framework.objects.all(), {"adopted_because": "Khác"}),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


def test_a_framework_is_adopted_once_and_with_its_decision():
    framework = make_framework(is_adopted=False)
    with pytest.raises(CompetencyError, match="decision"):
        adopt_framework(by=SYSTEM, framework=framework, reason=" ")
    adopt_framework(by=SYSTEM, framework=framework, reason="Quyết định 12")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.details["reason"]) == ("framework_adopted", "Quyết định 12")
    with pytest.raises(CompetencyError, match="already"):
        adopt_framework(by=SYSTEM, framework=framework, reason="Quyết định 12")


LEVEL, TASK = ROWS[0], ROWS[3]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([LEVEL], "from 1 to"),
        ([TASK], "numbered 1, 2, 3"),
        ([replace(LEVEL, code="2"), TASK], "numbered 1, 2, 3"),
        ([replace(LEVEL, code="một"), TASK], "number"),
        ([LEVEL, TASK, replace(TASK, row=9)], "Row 9: “A1” is there twice"),
        ([LEVEL, replace(TASK, vi="", row=4)], "Row 4: the text in Vietnamese"),
        ([LEVEL, replace(TASK, kind="thing", row=4)], "Row 4: the kind"),
        ([LEVEL, replace(TASK, code="", row=4)], "Row 4: the code"),
        ([LEVEL, replace(TASK, url="javascript:alert(1)", row=4)], "not a web address"),
    ],
)
def test_a_framework_that_is_not_whole_is_refused_with_the_row(rows: Any, message: str):
    with pytest.raises(CompetencyError, match=message):
        make_framework(rows=rows)
    assert not Framework.objects.exists()


def test_a_page_publishes_what_was_downloaded(client):
    client.force_login(office())
    content = b"".join(write_framework(make_framework()))
    sent = {
        "slug": "ai",
        "title_vi": "Khung AI",
        "url": "https://khung.example/",
        "file": SimpleUploadedFile("khung.xlsx", content),
    }
    answer = client.post(reverse("new_framework"), sent)
    assert answer["Location"] == reverse("framework", args=[Framework.objects.latest("pk").pk])
    assert Framework.objects.latest("pk").version == 2
    refused = client.post(
        reverse("new_framework"), sent | {"file": SimpleUploadedFile("khung.csv", b"a,b\n1,2\n")}
    )
    assert refused.status_code == 400
    assert "kind" in refused.content.decode()
    assert Framework.objects.count() == 2


def test_the_reference_data_hold_frameworks_that_nobody_has_adopted():
    load_reference(by=SYSTEM)
    digcomp = Framework.objects.get(slug="digcomp")
    assert (digcomp.competencies.count(), digcomp.levels.count()) == (21, 8)
    assert not Framework.objects.adopted().exists()
    tallies = load_reference(by=SYSTEM)
    assert (tallies["competency_frameworks"].created, Framework.objects.count()) == (0, 2)


# What a course teaches ------------------------------------------------------------------


def test_only_an_adopted_framework_can_be_named():
    framework = make_framework(is_adopted=False)
    course = make_course()
    with pytest.raises(CompetencyError, match="adopted"):
        teach_row(course, framework)


def teach_row(
    course: Course, framework: Framework, level_of: Framework | None = None
) -> CourseCompetency:
    return set_course_competency(
        by=SYSTEM,
        course=course,
        competency=framework.competencies.earliest("pk"),
        level=(level_of or framework).levels.earliest("pk"),
    )


def test_a_level_belongs_to_the_framework_of_its_competency():
    with pytest.raises(CompetencyError, match="another framework"):
        teach_row(make_course(), make_framework(), make_framework("other"))


def test_a_course_teaches_a_competency_once_on_any_day():
    course, change = make_course(), dt.date(2026, 7, 1)
    teach(course, level=1, last_day=change - dt.timedelta(days=1))
    teach(course, level=3, first_day=change)
    several: list[dict[str, Any]] = [{}, {"first_day": change}, {"last_day": dt.date(2020, 1, 1)}]
    for days in several:
        with pytest.raises(CompetencyError, match="A1"):
            teach(course, **days)
    links = CourseCompetency.objects.of_course(course)
    assert [link.level.number for link in links.on(dt.date(2026, 6, 30))] == [1]
    assert [link.level.number for link in links.on(change)] == [3]
    make_framework()  # the same code in the next version is the same competency
    with pytest.raises(CompetencyError, match="A1"):
        teach(course, first_day=change)


def test_days_stand_in_their_order():
    with pytest.raises(ValidationError, match="cannot lie before"):
        teach(make_course(), first_day=dt.date(2026, 2, 1), last_day=dt.date(2026, 1, 1))


def test_the_page_of_a_course_shows_what_it_teaches_today(client):
    course = make_course()
    teach(course)
    teach(course, "A2", last_day=clock.today() - dt.timedelta(days=1))
    page = client.get(reverse("course", args=[course.code])).content.decode()
    assert "Dùng trợ lý ảo" in page
    assert "Bảo vệ dữ liệu" not in page
    client.force_login(office())
    assert "Bảo vệ dữ liệu" in client.get(reverse("course", args=[course.code])).content.decode()


def test_the_office_changes_and_removes_what_a_course_teaches(client):
    course = make_course()
    link = teach(course)
    client.force_login(office())
    address = reverse("course_competency", args=[link.pk])
    form = client.get(address).context["form"]
    higher = link.competency.framework.levels.get(number=3)
    sent = {"competency": link.competency_id, "level": higher.pk}
    answer = client.post(address, sent | {"version": form.current_version})
    assert answer.status_code == 302
    link.refresh_from_db()
    assert link.level == higher
    assert client.post(address, sent | {"version": form.current_version}).status_code == 400
    client.post(reverse("remove_course_competency", args=[link.pk]))
    assert not CourseCompetency.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.details["competency"]) == ("course_competency_removed", "A1")


def test_removing_leaves_one_entry_with_what_it_was():
    link = teach(make_course("K-1"))
    remove_course_competency(by=SYSTEM, link=link)
    details = AuditEntry.objects.latest("pk").details
    assert details == {"course": "K-1", "competency": "A1", "framework": "ai", "level": 2}


def test_a_text_too_long_is_refused_with_its_column():
    rows = [*ROWS, FrameworkRow("competency", "A3", "Dài " * 60)]
    content = ["kind,code,vi,en,area_vi,area_en,text_vi,text_en,url"]
    content += [f"{row.kind},{row.code},{row.vi},,,,,," for row in rows]
    with pytest.raises(CompetencyError, match="Row 7, column “vi”"):
        read_framework("\n".join(content).encode())
