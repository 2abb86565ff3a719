"""Documents lead to what is there."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_decision_has_a_number_of_its_own():
    numbers = Counter(file.name[:4] for file in DECISIONS)
    assert [number for number, count in numbers.items() if count > 1] == []


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_links_of_a_document_lead_to_files(file):
    links = re.findall(r"\]\(([^)#\s]+)", file.read_text("utf-8"))
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (file.parent / link).exists()] == []


def test_whoever_names_a_decision_by_number_links_to_it():
    named = re.compile(r"\[decision (\d+)\]\([^)]*?(\d{4})-[^)]*\)")
    wrong = [
        f"{file.name}: {match[0]}"
        for file in DOCUMENTS
        for match in named.finditer(file.read_text("utf-8"))
        if int(match[1]) != int(match[2])
    ]
    assert wrong == []
