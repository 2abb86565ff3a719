"""Questions from Excel, Moodle's GIFT and Moodle's XML, and back."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from audit.services import SYSTEM
from common.errors import DomainError
from learning.choices import Difficulty, QuestionKind
from learning.models import Question
from learning.parsers import xml_root
from learning.services.questions import add_questions, drafts_of, read_bank
from learning.sheets.drafts import Draft, read_answers, write_answers
from learning.sheets.gift import read_gift, write_gift
from learning.sheets.moodle_xml import read_moodle_xml, write_moodle_xml
from learning.sheets.workbooks import read_workbook, write_workbook
from tests.factories import make_course, make_run, make_trainer

DATA = Path(__file__).parent / "data"


def by_text(drafts: list[Draft]) -> dict[str, Draft]:
    return {draft.text_vi: draft for draft in drafts}


def test_a_file_that_moodle_wrote_as_gift_is_read_right():
    drafts, problems = read_bank((DATA / "moodle.gift").read_bytes(), "moodle.gift")
    assert problems == []
    read = by_text(drafts)
    grant = read["Who is buried in Grant's tomb?"]
    assert (grant.kind, grant.part, grant.difficulty) == ("single", "Khái niệm", Difficulty.EASY)
    assert [one["vi"] for one in grant.answers["options"] if one["right"]] == ["Grant"]
    two = read["Which are machine learning?"]
    assert (two.kind, two.explanation_vi) == ("multiple", "Both learn from data.")
    assert [one["right"] for one in two.answers["options"]] == [True, True, False]
    assert read["The sun rises in the east."].answers == {"right": True}
    pi = read["What is pi (to two decimal places)?"]
    assert pi.answers == {"value": "3.14", "tolerance": "0.005"}
    assert read["A number from one to five"].answers == {"value": "3", "tolerance": "2"}
    assert read["Two plus {two} equals"].answers == {"accepted": ["four", "4"]}
    match = read["Match the countries with their capitals"]
    assert [one["match_vi"] for one in match.answers["options"]] == ["Ottawa", "Rome", "Tokyo"]
    assert "Mahatma Gandhi's birthday is in _____ each year." in read


def test_a_file_that_moodle_wrote_as_xml_is_read_right():
    drafts, problems = read_bank((DATA / "moodle.xml").read_bytes(), "moodle.xml")
    assert problems == []
    read = by_text(drafts)
    bias = read["Thiên lệch đến từ đâu?"]
    assert (bias.text_en, bias.explanation_vi) == ("Where does bias come from?", "Từ dữ liệu.")
    assert (bias.part, bias.difficulty, bias.kind) == ("Nguyên tắc", Difficulty.HARD, "single")
    assert read["AI is never wrong."].answers == {"right": False}
    assert read["Pi?"].answers == {"value": "3.14", "tolerance": "0.01"}
    assert read["Capital of Viet Nam?"].answers == {"accepted": ["Hà Nội", "Hanoi"]}
    assert read["Match."].answers["options"][0]["match_vi"] == "mèo"
    steps = [one["vi"] for one in read["Put in order."].answers["options"]]
    assert steps == ["collect", "train", "use"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Right {=a ~b}\n\nOpen {=a ~b\n", 3),
        ("An essay {}\n", 1),
        ("\n\nNone right {~a ~b}\n", 3),
        ("Picture [html] <img src=x> {=a ~b}", 1),
        ("A number {#twelve}", 1),
        ("Nothing to answer\n", 1),
        ("Partly {=a ~%50%b}", 1),
    ],
)
def test_what_is_wrong_in_gift_is_said_with_its_line(text, line):
    _drafts, problems = read_bank(text.encode(), "x.gift")
    assert [at for at, _sentence in problems] == [line]


def test_what_is_wrong_in_xml_is_said_with_its_line():
    essay = b'<quiz>\n<question type="essay"><name><text>E</text></name></question>\n'
    _drafts, problems = read_bank(essay + b"</quiz>", "x.xml")
    assert [at for at, _sentence in problems] == [2]
    with pytest.raises(DomainError, match="2"):
        read_bank(b"<quiz>\n<question></quiz>", "x.xml")
    for bad in (b"<html></html>", b'<!DOCTYPE q [<!ENTITY a "b">]><quiz>&a;</quiz>'):
        with pytest.raises(DomainError):
            read_bank(bad, "x.xml")


@pytest.mark.django_db
def test_a_file_with_one_bad_question_adds_none_and_names_the_line(client):
    run = make_run()
    client.force_login(make_trainer(run))
    file = SimpleUploadedFile("x.gift", b"Good {=a ~b}\n\nBad {~a ~b}\n")
    address = f"/courses/{run.course.code}/questions/file/"
    page = client.post(address, {"file": file}, follow=True).content.decode()
    assert "3" in page
    assert not Question.objects.exists()


@pytest.mark.django_db
def test_the_same_file_twice_adds_its_questions_once():
    course = make_course()
    drafts, _problems = read_bank((DATA / "moodle.gift").read_bytes(), "moodle.gift")
    first = add_questions(by=SYSTEM, course=course, drafts=drafts)
    again = add_questions(by=SYSTEM, course=course, drafts=drafts)
    assert (first.added, again.added, again.already) == (len(drafts), 0, len(drafts))
    assert set(by_text(drafts_of(course))) == set(by_text(drafts))


# ── What is written is read as it was ──

WORDS = (
    st.text("aăâbcđêô ~=#{}:%<>&'\"/0123456789-.,", min_size=1, max_size=20)
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text and "->" not in text)
)
SIDES = st.lists(WORDS, min_size=2, max_size=5, unique=True)


def options(words: list[str], **others: object) -> list[dict[str, object]]:
    return [{"vi": one, "en": f"en {at}", **others} for at, one in enumerate(words)]


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    kind, words = draw(st.sampled_from(list(QuestionKind))), draw(SIDES)
    plain = options(words)
    answers: Any = {
        QuestionKind.SINGLE: {
            "options": [one | {"right": at == 0} for at, one in enumerate(plain)]
        },
        QuestionKind.MULTIPLE: {
            "options": [one | {"right": at < 2} for at, one in enumerate(plain)]
        },
        QuestionKind.TRUE_FALSE: {"right": draw(st.booleans())},
        QuestionKind.NUMBER: {"value": str(draw(st.integers(-999, 999))), "tolerance": "0.5"},
        QuestionKind.SHORT_TEXT: {"accepted": words},
        QuestionKind.ORDERING: {"options": plain},
        QuestionKind.MATCHING: {
            "options": [
                one | {"match_vi": f"x {at}", "match_en": f"y {at}"} for at, one in enumerate(plain)
            ]
        },
    }[kind]
    level = int(draw(st.sampled_from(list(Difficulty))))
    return Draft(kind, draw(WORDS), answers, "In English", "Vì", "Because", "Phần 1", level)


@given(st.lists(drafts(), min_size=1, max_size=4))
def test_gift_that_we_write_is_read_as_it_was(written):
    read, problems = read_gift(b"".join(write_gift(written)).decode())
    assert (read, problems) == (written, [])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Câu\x00 hỏi {=a ~b}", "control characters"),
        ("Câu hỏi {=a\x01 ~b}", "control characters"),
        ("Câu hỏi {=a\x02}", "control characters"),
        (f"{'x' * 5_001} {{=a ~b}}", "more than"),
        ("Câu hỏi {=}", "accepted answer"),
    ],
)
def test_a_question_that_the_bank_cannot_hold_is_refused(text, words):
    (_drafts, [(line, sentence)]) = read_gift(text)
    assert line == 1
    assert words in sentence.msgid


def test_a_number_with_a_tolerance_below_zero_which_nobody_could_give_is_refused():
    (_drafts, [(line, sentence)]) = read_gift("Bao nhiêu? {#12:-1}")
    assert line == 1
    assert "tolerance" in sentence.msgid


@given(st.lists(drafts(), min_size=1, max_size=4))
def test_xml_that_we_write_is_read_as_it_was(written):
    content = b"".join(write_moodle_xml(written))
    read, problems = read_moodle_xml(xml_root(content), content.decode())
    assert (read, problems) == (written, [])


def test_a_workbook_that_we_write_is_read_as_it_was():
    drafts, _problems = read_bank((DATA / "moodle.gift").read_bytes(), "moodle.gift")
    read, problems = read_workbook(b"".join(write_workbook(drafts)))
    assert (read, problems) == (drafts, [])


@given(st.sampled_from(list(QuestionKind)), SIDES)
def test_the_notation_of_answers_reads_what_it_writes(kind, words):
    clean = [word.replace("*", "").replace("|", "").replace("=", "") for word in words]
    clean = [f"a{at} {word}".strip() for at, word in enumerate(clean)]
    text = {
        QuestionKind.TRUE_FALSE: "đúng",
        QuestionKind.NUMBER: "12,5 ± 0,5",
        QuestionKind.MATCHING: "\n".join(f"{word} = x{word}" for word in clean),
    }.get(kind, "\n".join(clean))
    answers = read_answers(kind, text)
    assert read_answers(kind, write_answers(kind, answers)) == answers
