"""Audiences from Excel: all or none, what is wrong in which cell, and twice as good as once."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.urls import reverse
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.models import AuditEntry
from audit.services import SYSTEM
from common import clock
from competencies.models import Audience, AudienceRule
from competencies.services.audience_rows import drafts_of_rows, import_audiences
from competencies.sheets import read_audiences, write_audiences
from tests.competencies.factories import make_audience, make_framework, need
from tests.factories import make_course, make_user

pytestmark = pytest.mark.django_db
HEADINGS = (
    "slug", "vi", "en", "positions", "positions_not", "units", "agency_kinds", "trainee_kinds",
    "courses", "competencies",
)  # fmt: skip
LEADERS = (
    "leaders",
    "Lãnh đạo",
    "Leaders",
    "vụ trưởng; cục trưởng",
    "phó",
    "",
    "ministry",
    "",
    "AI",
    "",
)


def workbook(*rows: tuple[str, ...]) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    for row in (HEADINGS, *rows):
        sheet.append(row)
    book.save(file := io.BytesIO())
    return file.getvalue()


def imported(content: bytes) -> tuple[int, int, int]:
    drafts, problems = drafts_of_rows(read_audiences(content))
    assert problems == []
    found = import_audiences(by=SYSTEM, drafts=drafts)
    return found.entered, found.changed, found.unchanged


def test_rows_are_entered_once_and_change_what_they_say_otherwise():
    make_course("AI")
    content = workbook(LEADERS, ("staff", "Mọi người", *[""] * 8))
    assert imported(content) == (2, 0, 0)
    assert imported(content) == (0, 0, 2)
    rule = AudienceRule.objects.get(audience__slug="leaders")
    assert (rule.positions, rule.positions_not) == (["vụ trưởng", "cục trưởng"], ["phó"])
    assert [course.code for course in rule.courses.all()] == ["AI"]
    with clock.set_to(clock.today() + dt.timedelta(days=1)):
        assert imported(workbook((*LEADERS[:3], "vụ trưởng", *LEADERS[4:]))) == (0, 1, 0)
    assert AudienceRule.objects.filter(audience__slug="leaders").count() == 2


def test_what_was_downloaded_changes_nothing_when_uploaded():
    make_framework()
    make_audience("a", positions=["Trưởng phòng"], competencies=need("A1", 2))
    make_audience("b", trainee_kinds=["official"], courses=[make_course("AI")])
    rules = AudienceRule.objects.with_requirements().order_by("audience")
    content = b"".join(write_audiences(rules))
    sheet: Any = load_workbook(io.BytesIO(content)).active
    assert sheet["J2"].value == "ai:A1:2"
    assert imported(content) == (0, 0, 2)


@pytest.mark.parametrize(
    ("column", "cell", "remedy"),
    [
        ("slug", "lãnh đạo", "letters, digits and hyphens"),
        ("slug", "", "letters, digits and hyphens"),
        ("vi", "", "missing"),
        ("en", "x" * 201, "at most 200"),
        ("positions", "!!!", "no phrase"),
        ("agency_kinds", "bộ", "the kinds are: ministry"),
        ("courses", "AI; XX", "no course “XX”: enter it first"),
        ("competencies", "ai:A9:2", "write framework:code:level"),
        ("competencies", "A1", "write framework:code:level"),
    ],
)
def test_a_wrong_cell_is_told_with_row_column_and_remedy(column, cell, remedy):
    make_course("AI"), make_framework()
    wrong = dict(zip(HEADINGS, LEADERS, strict=True)) | {column: cell}
    with override("en"):
        drafts, problems = drafts_of_rows(
            read_audiences(workbook(("staff", "Mọi người", *[""] * 8), tuple(wrong.values())))
        )
    assert drafts == []
    (problem,) = problems
    assert problem.startswith(f"Row 3, column “{column}”: ")
    assert remedy in problem


def test_a_short_name_twice_is_told():
    row = ("staff", "Mọi người", *[""] * 8)
    with override("en"):
        _drafts, problems = drafts_of_rows(read_audiences(workbook(row, row)))
    assert problems == ["Row 3, column “slug”: this short name is there twice."]


def test_the_page_takes_a_file_or_says_all_that_is_wrong(client: Any):
    make_course("AI")
    create_second_factor(by=SYSTEM, user=(office := make_user(Role.PROGRAMME_OFFICE)))
    client.force_login(office)
    address = reverse("import_audiences")

    def upload(*rows: tuple[str, ...]) -> Any:
        return client.post(address, {"file": SimpleUploadedFile("a.xlsx", workbook(*rows))})

    refused = upload(LEADERS, ("x y", "", *[""] * 8))
    assert (refused.status_code, len(refused.context["problems"])) == (400, 2)
    assert not Audience.objects.exists()
    assert upload(LEADERS).status_code == 302
    assert client.get(reverse("audiences_file")).getvalue().startswith(b"PK")
    assert AuditEntry.objects.filter(action="audiences_imported").count() == 1


def test_the_command_imports_or_says_all_that_is_wrong(tmp_path: Path, capsys: Any):
    make_course("AI")
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(workbook(LEADERS))
    bad.write_bytes(workbook(("x y", "", *[""] * 8)))
    call_command("import_audiences", str(good), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer == {"entered": 1, "changed": 0, "unchanged": 0}
    with pytest.raises(CommandError) as refused:
        call_command("import_audiences", str(bad))
    assert len(str(refused.value).splitlines()) == 2
