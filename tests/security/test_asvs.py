"""The table of the security standard speaks of tests that are there."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "asvs.md").read_text().splitlines()
    if re.match(r"\| \d", line)
]
STATES = {"met", "partly", "**not met**", "operator"}


def test_every_test_that_the_table_names_exists():
    named = {path for row in ROWS for path in re.findall(r"`(tests/[\w/]+\.py)`", row[3])}
    assert len(named) > 30
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_row_says_how_it_stands():
    assert [row[0] for row in ROWS if len(row) != 4 or row[2] not in STATES] == []


def test_every_chapter_of_the_standard_is_there_once():
    items = [item for row in ROWS for item in row[0].split(", ")]
    assert len(items) == len(set(items))
    assert {int(item.split(".")[0]) for item in items} == set(range(1, 17))
