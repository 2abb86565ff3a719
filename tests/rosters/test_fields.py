"""Each column of a roster is declared once, in rosters/fields.py."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from enrollment.models import Enrollment
from enrollment.services.details import DETAIL_FIELDS
from people.models import Trainee
from rosters.fields import FIELD, FIELDS, IMPORTED_KEYS, PEOPLE_KEYS, ROSTER_KEYS
from rosters.importing.layouts.headings import field_of
from rosters.roster_field import Owner

ROOT = Path(__file__).parents[2]


def test_adding_a_column_is_one_declaration(tmp_path):
    """Exported, recognised, chosen, shown, edited, imported and undone with nothing else said."""
    run = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("added_field.py"))],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "lms.settings",
            "DEBUG": "1",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
            "MEDIA_ROOT": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    header, row = found.pop("exported")
    assert header.endswith(";Pay grade")
    assert row.endswith(";Lê Văn An;A1")
    assert found == {
        "offered": True,
        "read_as": 2,
        "may_be_chosen": True,
        "changes": [{"label": "Pay grade", "before": "A1", "after": "A2"}],
        "edited_as": ["Bậc lương", "A2"],
        "imported": "A2",
        "undone": "A1",
    }


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_heading_of_a_column_means_that_column(field):
    headings = [text for text in f"{field.vi}, {field.en}".split(", ") if text]
    assert {field_of(text) for text in headings} <= {field.key}


@pytest.mark.parametrize("key", [key for key in ROSTER_KEYS if key in IMPORTED_KEYS])
def test_an_import_knows_the_headings_of_our_own_lists(key, settings):
    assert field_of(str(FIELD[key].label)) == key


def test_columns_of_people_and_enrollments_exist_in_their_tables():
    tables = {Owner.PERSON: Trainee, Owner.ENROLLMENT: Enrollment}
    for field in FIELDS:
        for column in field.columns if field.owner in tables else ():
            tables[field.owner]._meta.get_field(column.split("__")[0])
    for key in PEOPLE_KEYS:
        for column in FIELD[key].person_paths:
            Trainee._meta.get_field(column.split("__")[0])


def test_what_an_enrollment_says_is_free_text_or_a_code_that_fits_its_column():
    details = [f for f in FIELDS if f.owner is Owner.ENROLLMENT and f.is_importable]
    assert [field.key for field in details] == list(DETAIL_FIELDS)
    for field in details:
        assert field.columns == (field.key,)
        column: Any = Enrollment._meta.get_field(field.key)
        if field.is_coded:
            assert [code.value for code in field.words] == [code for code, _label in column.choices]
        else:
            assert field.longest == column.max_length
