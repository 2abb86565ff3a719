"""Texts for readers use the words of docs/vocabulary.md, in both languages."""

import ast
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django import forms
from django.utils.translation import override

from tests.architecture.test_layers import ROOT
from tests.architecture.test_translations import collect

VOCABULARY = (ROOT / "docs/vocabulary.md").read_text("utf-8")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{[\w:]+\}|<[^>]*>")


def table(heading: str, first_column: str) -> list[tuple[str, str]]:
    """The rows of the table under a heading whose first column has this name."""
    section = VOCABULARY.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = section.split(f"| {first_column} |")[1].split("\n\n")[0].splitlines()[2:]
    cells = ([cell.strip() for cell in row.strip("| ").split("|")] for row in rows)
    return [(left, right) for left, right in cells]


def unused(language: str) -> list[str]:
    rows = table("Words that pages do not use", language)
    return [word for left, _right in rows for word in left.split(", ")]


UNUSED = {"en": unused("English"), "vi": unused("tiếng Việt")}
TERMS = table("Terms with one translation", "English")


def pattern(word: str, endings: str = "") -> re.Pattern[str]:
    """The word or words by themselves, each also with one of the endings."""
    words = r"\s+".join(re.escape(part) + endings for part in word.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


def left_behind(language: str) -> list[re.Pattern[str]]:
    endings = "(?:s|d|ed|ing)?" if language == "en" else ""
    return [pattern(word, endings) for word in UNUSED[language]]


def entries(file: Path) -> list[str]:
    return file.read_text("utf-8").split("\n\n")[1:]


@cache
def sources() -> frozenset[str]:
    """Texts of the code as it is; a catalogue may keep others until script/messages runs."""
    with TemporaryDirectory() as folder:
        return frozenset(text_of("msgid", entry) for entry in entries(collect(Path(folder))))


@cache
def catalogue(language: str) -> list[tuple[str, str]]:
    """Each text of the code with its translation; singular and plural together."""
    file = ROOT / "locale" / language / "LC_MESSAGES/django.po"
    pairs = [(text_of("msgid", entry), text_of("msgstr", entry)) for entry in entries(file)]
    return [(source, shown) for source, shown in pairs if source in sources()]


def text_of(name: str, entry: str) -> str:
    parts = re.findall(rf'^{name}\S* ((?:".*"\n?)+)', entry, re.MULTILINE)
    return PLACEHOLDER.sub(" ", " ".join(ast.literal_eval(f"({part})") for part in parts))


@pytest.mark.parametrize("language", ["en", "vi"])
def test_pages_do_not_use_the_words_left_behind(language: str) -> None:
    forbidden = left_behind(language)
    texts = [shown for _source, shown in catalogue(language)]
    assert [text for text in texts for word in forbidden if word.search(text)] == []


def test_vietnamese_papers_use_our_words() -> None:
    """Official papers are in Vietnamese alone, so their texts are in no catalogue."""
    papers = [path for path in (ROOT / "templates").rglob("*.html") if "papers" in path.parts]
    assert papers
    # Words of ASCII letters may be names in the template's code.
    forbidden = [word for word in left_behind("vi") if not word.pattern.isascii()]
    for path in papers:
        text = path.read_text("utf-8").replace("đào tạo, bồi dưỡng", "")  # the decision's words
        assert [word.pattern for word in forbidden if word.search(text)] == [], path


@pytest.mark.parametrize("field", [getattr(forms, name) for name in forms.fields.__all__])
def test_errors_of_form_fields_are_worded_like_ours(field: type[forms.Field]) -> None:
    """Django's own Vietnamese differs; locale/libraries replaces it."""
    with override("vi"):
        texts = [str(text) for text in getattr(field, "default_error_messages", {}).values()]
    assert [text for text in texts for word in left_behind("vi") if word.search(text)] == []


@pytest.mark.parametrize(("term", "translations"), TERMS)
def test_a_term_has_one_translation(term: str, translations: str) -> None:
    found = pattern(term, "s?")
    allowed = translations.split(" · ")
    wrong = [
        (source, shown)
        for source, shown in catalogue("vi")
        if found.search(source) and not any(word in shown.lower() for word in allowed)
    ]
    assert wrong == []


def test_vietnamese_letters_address_their_reader_as_officials_do() -> None:
    letters = [shown for _source, shown in catalogue("vi") if "Kính gửi" in shown]
    assert [text for text in letters if "Kính gửi ông/bà" not in text] == []


@pytest.mark.parametrize("language", ["en", "vi"])
def test_each_word_left_behind_is_found(language: str) -> None:
    for word, found in zip(UNUSED[language], left_behind(language), strict=True):
        assert found.search(f"… {word.capitalize()}, …"), word


def test_the_catalogue_is_read_whole() -> None:
    assert len(catalogue("vi")) == len(catalogue("en")) > 0.99 * len(sources())


def test_other_forms_are_found_and_other_words_are_not() -> None:
    assert pattern("mend", "(?:s|ed)?").search("It mends what was broken.")
    assert not pattern("bạn").search("ban quản lý chương trình")
