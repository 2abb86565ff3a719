"""Moodle's XML: https://docs.moodle.org/en/Moodle_XML_format."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import partial
from html import escape as html_escape
from typing import Any, Final

from common.deferred_messages import DeferredMessage as _
from learning.choices import Difficulty, QuestionKind
from learning.errors import LearningInputError
from learning.sheets import languages
from learning.sheets.drafts import Answers, Draft, number, refused, require_answerable
from learning.sheets.gift import Problem
from learning.sheets.moodle import (
    as_pattern,
    one_number,
    part_of,
    path_of,
    require_equal_shares,
    require_wholly_right,
    without_patterns,
)

escape = partial(html_escape, quote=False)

_QUESTION: Final = re.compile(r"<question\b")
_NAMES: Final = {one.name.lower(): one for one in Difficulty}


def read_moodle_xml(root: Any, text: str) -> tuple[list[Draft], list[Problem]]:
    """The questions of a ``<quiz>``; the text of the file tells the lines they begin on.

    Error: LearningInputError for what is no quiz of Moodle's.
    """
    if root.tag != "quiz":
        raise refused("no_quiz", _("This is no file of questions from Moodle: it has no <quiz>."))
    lines = [text.count("\n", 0, found.start()) + 1 for found in _QUESTION.finditer(text)]
    drafts, problems, part = [], [], ""
    for at, question in enumerate(root.iter("question")):
        line = lines[at] if at < len(lines) else 0
        if question.get("type") == "category":
            part = part_of(question.findtext("category/text") or "")
            continue
        try:
            drafts.append(_question(question, line, part))
        except LearningInputError as error:
            problems.append((line, error.sentence))
    return drafts, problems


def _question(question: Any, line: int, part: str) -> Draft:
    kind = question.get("type", "")
    if kind not in _READERS:
        text = _("Questions of the kind “%(kind)s” cannot be graded here: leave it out.")
        raise refused("unknown_kind", text % {"kind": kind[:30]})
    if any(map(languages.has_files, _read_texts(question))):
        raise refused("pictures", languages.NO_FILES)
    read_kind, answers = _READERS[kind](question)
    text_vi, text_en = _texts(question.find("questiontext"))
    why_vi, why_en = _texts(question.find("generalfeedback"))
    tags = {(tag.text or "").strip().lower() for tag in question.iterfind("tags/tag/text")}
    difficulty = next((level for name, level in _NAMES.items() if name in tags), Difficulty.MEDIUM)
    draft = Draft(read_kind, text_vi, answers, text_en, why_vi, why_en, part, int(difficulty), line)
    require_answerable(draft)
    return draft


def _read_texts(question: Any) -> Iterator[str]:
    """Those that are taken: not what is said to a single answer."""
    for path in ("questiontext/text", "generalfeedback/text", "answer/text", "subquestion/text"):
        yield from (found.text or "" for found in question.iterfind(path))


def _texts(element: Any) -> tuple[str, str]:
    if element is None:
        return "", ""
    text = element.findtext("text") or ""
    is_html = element.get("format", "html") in ("html", "moodle_auto_format")
    return languages.split(text, is_html=is_html)


def _fraction(answer: Any) -> Decimal:
    return number(answer.get("fraction") or "0")


def _choice(question: Any) -> tuple[str, Answers]:
    options, fractions = [], []
    for answer in question.iterfind("answer"):
        vi, en = _texts(answer)
        fractions.append(_fraction(answer))
        options.append({"vi": vi, "en": en, "right": fractions[-1] > 0})
    is_single = (question.findtext("single") or "true").strip() in ("true", "1")
    if is_single:
        require_wholly_right(fractions)
    else:
        require_equal_shares(fractions)
    return QuestionKind.SINGLE if is_single else QuestionKind.MULTIPLE, {"options": options}


def _truth(question: Any) -> tuple[str, Answers]:
    right = [one for one in question.iterfind("answer") if _fraction(one) == Decimal(100)]
    words = (right[0].findtext("text") or "").strip().lower() if right else ""
    if words not in ("true", "false"):
        raise refused("no_truth", _("Neither true nor false is marked as right (fraction 100)."))
    return QuestionKind.TRUE_FALSE, {"right": words == "true"}


def _number(question: Any) -> tuple[str, Answers]:
    answers = list(question.iterfind("answer"))
    require_wholly_right(map(_fraction, answers))
    right = [one for one in answers if _fraction(one) == Decimal(100)]
    value = number(one_number([one.findtext("text") or "" for one in right]))
    tolerance = number(right[0].findtext("tolerance") or "0")
    return QuestionKind.NUMBER, {"value": str(value), "tolerance": str(tolerance)}


def _short_text(question: Any) -> tuple[str, Answers]:
    """Compared as it stands, unless somebody else's program says that it is HTML."""
    answers = list(question.iterfind("answer"))
    require_wholly_right(map(_fraction, answers))
    right = [one for one in answers if _fraction(one) == Decimal(100)]
    accepted = [
        languages.plain(one.findtext("text") or "", is_html=one.get("format") == "html")
        for one in right
    ]
    return QuestionKind.SHORT_TEXT, {"accepted": without_patterns([one for one in accepted if one])}


def _ordering(question: Any) -> tuple[str, Answers]:
    """The fraction of a line is its rank."""
    ranked = sorted(question.iterfind("answer"), key=_fraction)
    texts = (_texts(answer) for answer in ranked)
    return QuestionKind.ORDERING, {"options": [{"vi": vi, "en": en} for vi, en in texts]}


def _matching(question: Any) -> tuple[str, Answers]:
    """The right sides are chosen from a list, in which Moodle shows no HTML."""
    options = []
    for pair in question.iterfind("subquestion"):
        vi, en = _texts(pair)
        match = languages.split(pair.findtext("answer/text") or "", is_html=False)
        options.append({"vi": vi, "en": en, "match_vi": match[0], "match_en": match[1]})
    return QuestionKind.MATCHING, {"options": options}


_READERS: Final = {
    "multichoice": _choice,
    "truefalse": _truth,
    "numerical": _number,
    "shortanswer": _short_text,
    "ordering": _ordering,
    "matching": _matching,
}
_TYPES: Final = {
    QuestionKind.SINGLE: "multichoice",
    QuestionKind.MULTIPLE: "multichoice",
    QuestionKind.TRUE_FALSE: "truefalse",
    QuestionKind.NUMBER: "numerical",
    QuestionKind.SHORT_TEXT: "shortanswer",
    QuestionKind.ORDERING: "ordering",
    QuestionKind.MATCHING: "matching",
}

# ── Out ──


def write_moodle_xml(drafts: Iterable[Draft]) -> Iterator[bytes]:
    yield b'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'
    part = None
    for draft in drafts:
        if draft.part != part:
            part = draft.part
            path = escape("$course$/" + path_of(part))
            yield _lines('<question type="category">', f"<category><text>{path}</text></category>")
        yield _written(draft).encode()
    yield b"</quiz>\n"


def _lines(*lines: str) -> bytes:
    return "\n".join((*lines, "</question>", "")).encode()


def _written(draft: Draft) -> str:
    name = escape(draft.text_vi[:80].replace("\n", " "))
    tag = Difficulty(draft.difficulty).name.lower()
    return "\n".join(
        (
            f'<question type="{_TYPES[QuestionKind(draft.kind)]}">',
            f"<name><text>{name}</text></name>",
            _element("questiontext", draft.text_vi, draft.text_en),
            _element("generalfeedback", draft.explanation_vi, draft.explanation_en),
            "<defaultgrade>1</defaultgrade>",
            *_answers(draft),
            f"<tags><tag><text>{tag}</text></tag></tags>",
            "</question>",
            "",
        )
    )


def _element(tag: str, vi: str, en: str, *, attributes: str = "", inside: str = "") -> str:
    text = escape(languages.join(vi, en, is_html=True))
    return f'<{tag} format="html"{attributes}><text>{text}</text>{inside}</{tag}>'


def _answers(draft: Draft) -> Iterator[str]:
    answers = draft.answers
    if draft.kind == QuestionKind.TRUE_FALSE:
        for words in ("true", "false"):
            share = 100 if (words == "true") == answers["right"] else 0
            yield f'<answer fraction="{share}"><text>{words}</text></answer>'
    elif draft.kind == QuestionKind.NUMBER:
        tolerance = f"<tolerance>{answers['tolerance']}</tolerance>"
        yield f'<answer fraction="100"><text>{answers["value"]}</text>{tolerance}</answer>'
    elif draft.kind == QuestionKind.SHORT_TEXT:
        for one in answers["accepted"]:
            text = escape(as_pattern(one))
            yield f'<answer fraction="100" format="plain_text"><text>{text}</text></answer>'
    elif draft.kind == QuestionKind.MATCHING:
        for one in answers["options"]:
            match = escape(languages.join(one["match_vi"], one["match_en"], is_html=False))
            inside = f"<answer><text>{match}</text></answer>"
            yield _element("subquestion", one["vi"], one["en"], inside=inside)
    else:
        yield from _options(draft)


def _options(draft: Draft) -> Iterator[str]:
    options = draft.answers["options"]
    if draft.kind != QuestionKind.ORDERING:
        yield f"<single>{str(draft.kind == QuestionKind.SINGLE).lower()}</single>"
    right = sum(bool(one.get("right")) for one in options)
    for at, one in enumerate(options, start=1):
        share = f"{round(100 / right, 5):g}" if one.get("right") else "0"
        fraction = str(at) if draft.kind == QuestionKind.ORDERING else share
        yield _element("answer", one["vi"], one["en"], attributes=f' fraction="{fraction}"')
