"""After a whole import no personal number stands in clear anywhere that is kept."""

import datetime as dt
import logging
import re
from pathlib import Path

import pytest
from django.conf import settings as project
from django.core.management import call_command

from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from certificates.services.issuing import issue_for_run
from courses.models import Course
from enrollment.choices import Mark
from enrollment.services.attendance import mark_everyone
from enrollment.services.completion import close_run
from people.models import Trainee
from rosters.models import RosterImport
from rosters.services import staging
from tests.factories import make_coordinator, make_run
from tests.people import dumping

FILE = Path(project.BASE_DIR) / "tests/data/rosters/01-official-letter.xlsx"


def numbers_of_the_file() -> set[str]:
    from openpyxl import load_workbook

    cells = [c for s in load_workbook(FILE) for row in s.iter_rows(values_only=True) for c in row]
    texts = [re.sub(r"[\s.\-']", "", str(cell)) for cell in cells if cell is not None]
    return {text for text in texts if re.fullmatch(r"\d{10,12}", text) and not is_phone(text)}


def is_phone(text: str) -> bool:
    return bool(re.fullmatch(r"0?[35789]\d{8}|02\d{8,9}", text))


@pytest.fixture
def imported(db, settings, tmp_path, caplog, django_capture_on_commit_callbacks):
    settings.KEY_FOLDER, settings.DEVELOPMENT_SIGNING = tmp_path / "keys", True
    caplog.set_level(logging.INFO)
    call_command("load_reference", verbosity=0)
    agency = Agency.objects.get(slug="min-bca")
    run = make_run(Course.objects.get(code="AI-101"), starts_on=dt.date(2026, 3, 10), state="open")
    user = make_coordinator(agency)
    with django_capture_on_commit_callbacks(execute=True):
        upload = staging.stage(
            by=user.as_actor(),
            user=user,
            run=run,
            agency=agency,
            file_name=FILE.name,
            content=FILE.read_bytes(),
        )
    with django_capture_on_commit_callbacks(execute=True):
        staging.confirm(
            by=user.as_actor(),
            user=user,
            partial=True,
            upload=RosterImport.objects.get(pk=upload.pk),
        )
    mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
    close_run(by=OFFICE, run=run)
    issue_for_run(by=OFFICE, run=run)
    return run


@pytest.mark.both_engines
def test_no_personal_number_of_an_import_stands_in_clear(imported, settings, caplog):
    numbers = numbers_of_the_file()
    entered = {t.personal_number for t in Trainee.objects.all()} - {None}
    as_entered = {number.zfill(12) for number in numbers}
    assert entered
    assert entered <= as_entered, "what was entered stands in the file"
    numbers |= as_entered
    assert Certificate.objects.exclude(file="").count() > 0
    kept = {
        "database": dumping.database(),
        "media": dumping.media(settings.MEDIA_ROOT),
        "logs": caplog.text,
    }
    assert kept["media"]
    assert {p: sum(n in text for n in numbers) for p, text in kept.items()} == {
        "database": 0,
        "media": 0,
        "logs": 0,
    }


def test_the_search_sees_a_number_that_does_stand_in_clear(imported):
    number = next(iter(numbers_of_the_file()))
    Trainee.objects.update(unit=f"CCCD {number}")
    assert number in dumping.database()
