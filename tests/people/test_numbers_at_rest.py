"""After a whole import no personal number is stored in clear anywhere."""

import logging
import re
from pathlib import Path

import pytest
from django.conf import settings as project

from certificates.models import Certificate
from people.models import Trainee
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
def imported(caplog, certified_by_roster):
    caplog.set_level(logging.INFO)
    return certified_by_roster(FILE.name, FILE.read_bytes())


@pytest.mark.both_engines
def test_no_personal_number_of_an_import_is_stored_in_clear(imported, settings, caplog):
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


def test_the_search_finds_a_number_that_is_stored_in_clear(imported):
    number = next(iter(numbers_of_the_file()))
    Trainee.objects.update(unit=f"CCCD {number}")
    assert number in dumping.database()
