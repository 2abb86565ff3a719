"""Moodle's GIFT: https://docs.moodle.org/en/GIFT_format."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

from common.deferred_messages import DeferredMessage as _
from learning.choices import Difficulty, QuestionKind
from learning.errors import LearningInputError
from learning.sheets import languages
from learning.sheets.drafts import Answers, Draft, number, refused, require_answerable
from learning.sheets.moodle import (
    as_pattern,
    one_number,
    part_of,
    path_of,
    require_equal_shares,
    require_wholly_right,
    without_patterns,
)

_SPECIAL: Final = "\\~=#{}:"
_TITLE: Final = re.compile(r"^\s*::.*?::", re.DOTALL)
_FORMAT: Final = re.compile(r"\s*\[(html|plain|moodle|markdown)\]")
_WEIGHT: Final = re.compile(r"%(-?\d+(?:\.\d+)?)%")
_FEEDBACK: Final = re.compile(r"#[^=~#]*")  # to a single answer
_TAGGED: Final = re.compile(r"\[tag:(\w+)\]")
_TRUTHS: Final = {"T": True, "TRUE": True, "F": False, "FALSE": False}
Problem = tuple[int, Any]  # the line, and a sentence


def read_gift(text: str) -> tuple[list[Draft], list[Problem]]:
    drafts, problems, part = [], [], ""
    for line, block, difficulty in _blocks(text):
        if block.startswith("$CATEGORY:"):
            part = part_of(block.removeprefix("$CATEGORY:"))
            continue
        try:
            drafts.append(_question(block, line, part, difficulty))
        except LearningInputError as error:
            problems.append((line, error.sentence))
    return drafts, problems


def _blocks(text: str) -> Iterator[tuple[int, str, int]]:
    """The line, the text and the difficulty of each question; blank lines stand between them."""
    lines, first, difficulty = list[str](), 0, Difficulty.MEDIUM
    for at, line in enumerate([*text.lstrip("\ufeff").splitlines(), ""], start=1):
        if line.lstrip().startswith("//"):
            for tag in _TAGGED.findall(line):
                difficulty = _NAMES.get(tag.lower(), difficulty)
        elif line.startswith("$CATEGORY:"):
            yield at, line, difficulty
        elif line.strip():
            first = first or at
            lines.append(line)
        elif lines:
            yield first, "\n".join(lines), difficulty
            lines, first, difficulty = [], 0, Difficulty.MEDIUM


_NAMES: Final = {one.name.lower(): one for one in Difficulty}


def _question(block: str, line: int, part: str, difficulty: int) -> Draft:
    block = _TITLE.sub("", _hidden(block), count=1)
    form = _FORMAT.match(block)
    is_html = bool(form and form[1] == "html")
    block = block[form.end() :] if form else block
    before, brace, rest = block.partition("{")
    inside, closing, after = rest.partition("}")
    _require_braces(brace, closing, inside + after)
    inside, _marks, general = inside.partition("####")
    if languages.has_files(before + after + general + _FEEDBACK.sub("", inside)):
        raise refused("pictures", languages.NO_FILES)
    stem = f"{before.strip()} _____ {after.strip()}" if after.strip() else before
    kind, answers = _answers(inside.strip(), is_html)
    text_vi, text_en = _texts(stem, is_html)
    why_vi, why_en = _texts(general, is_html)
    draft = Draft(kind, text_vi, answers, text_en, why_vi, why_en, part, int(difficulty), line)
    require_answerable(draft)
    return draft


def _require_braces(opening: str, closing: str, others: str) -> None:
    if not opening and not closing:
        raise refused("description", _("This text asks nothing: leave it out, or add answers."))
    if not opening or not closing or "{" in others:
        text = _("Put the answers into one pair of braces { }: add what is missing.")
        raise refused("braces", text)


# An escaped sign is no sign: it waits as a private character until the parts are known. The
# backslash is first, or what follows an escaped one would pass for escaped.
_HIDE: Final = {f"\\{sign}": chr(0xE000 + at) for at, sign in enumerate(_SPECIAL)}


def _hidden(text: str) -> str:
    for escaped, private in _HIDE.items():
        text = text.replace(escaped, private)
    return text.replace("\\n", "\n")


def _shown(text: str) -> str:
    for escaped, private in _HIDE.items():
        text = text.replace(private, escaped[1])
    return text


def _texts(text: str, is_html: bool) -> tuple[str, str]:
    """Each text may name a format of its own."""
    form = _FORMAT.match(text)
    if form:
        text, is_html = text[form.end() :], form[1] == "html"
    return languages.split(_shown(text), is_html=is_html)


def _answers(inside: str, is_html: bool) -> tuple[str, Answers]:
    """The kind is found as Moodle finds it, sign by sign in this order."""
    truth = inside.partition("#")[0].strip().upper()
    if truth in _TRUTHS:
        return QuestionKind.TRUE_FALSE, {"right": _TRUTHS[truth]}
    if inside.startswith("#"):
        return QuestionKind.NUMBER, _numeric(inside[1:])
    if inside.startswith(">"):
        return QuestionKind.ORDERING, _ordered(inside, is_html)
    if not inside:
        text = _("An essay has no right answer and cannot be graded here: leave it out.")
        raise refused("essay", text)
    given = [_given(sign, words) for sign, words in re.findall(r"([=~])([^=~]*)", inside)]
    if not given:
        raise refused("no_answers", _("Begin a right answer with “=” and a wrong one with “~”."))
    if "~" in inside:
        return _choice(given, is_html, is_single="=" in inside)
    if "->" in inside:
        return _matching([words for _weight, words in given], is_html)
    return QuestionKind.SHORT_TEXT, {"accepted": _accepted(given)}


def _given(sign: str, words: str) -> tuple[Decimal, str]:
    words = words.partition("#")[0].strip()
    weight = _WEIGHT.match(words)
    share = Decimal(weight[1]) if weight else Decimal(100 if sign == "=" else 0)
    return share, words[weight.end() :].strip() if weight else words


def _accepted(given: list[tuple[Decimal, str]]) -> list[str]:
    require_wholly_right(weight for weight, _words in given)
    right = [_texts(words, is_html=False)[0] for weight, words in given if weight == Decimal(100)]
    return without_patterns(right)


def _choice(
    given: list[tuple[Decimal, str]], is_html: bool, *, is_single: bool
) -> tuple[str, Answers]:
    weights = [weight for weight, _words in given]
    if is_single:
        require_wholly_right(weights)
    else:
        require_equal_shares(weights)
    options = []
    for weight, words in given:
        vi, en = _texts(words, is_html)
        options.append({"vi": vi, "en": en, "right": weight > 0})
    return QuestionKind.SINGLE if is_single else QuestionKind.MULTIPLE, {"options": options}


def _matching(pairs: list[str], is_html: bool) -> tuple[str, Answers]:
    options = []
    for pair in pairs:
        left, _arrow, right = pair.partition("->")
        vi, en = _texts(left.strip(), is_html)
        match_vi, match_en = _texts(right.strip(), is_html=False)
        options.append({"vi": vi, "en": en, "match_vi": match_vi, "match_en": match_en})
    # GIFT has no order of its own: we write it as pairs of 1, 2, 3 and what comes there.
    if [one["vi"] for one in options] == [str(n) for n in range(1, len(options) + 1)]:
        ordered = [{"vi": one["match_vi"], "en": one["match_en"]} for one in options]
        return QuestionKind.ORDERING, {"options": ordered}
    return QuestionKind.MATCHING, {"options": options}


def _ordered(inside: str, is_html: bool) -> Answers:
    """As Moodle's plugin for order writes it: how it is shown and graded, then a line for each."""
    _settings, *lines = inside.splitlines()
    texts = [_texts(line.strip(), is_html) for line in lines if line.strip()]
    return {"options": [{"vi": vi, "en": en} for vi, en in texts]}


def _numeric(inside: str) -> Answers:
    """What stands behind “~” is said of every other number."""
    given = [_given("=", one) for one in inside.partition("~")[0].split("=") if one.strip()]
    require_wholly_right(weight for weight, _words in given)
    words = one_number([words for weight, words in given if weight == Decimal(100)])
    if ".." in words:
        low, _dots, high = words.partition("..")
        first, last = number(low), number(high)
        middle = (first + last) / 2
        return {"value": str(middle), "tolerance": str(abs(last - middle))}
    value, _colon, tolerance = words.partition(":")
    return {"value": str(number(value)), "tolerance": str(number(tolerance or "0"))}


# ── Out ──


def write_gift(drafts: Iterable[Draft]) -> Iterator[bytes]:
    part = ""
    for draft in drafts:
        if draft.part != part:
            part = draft.part
            yield f"$CATEGORY: {path_of(part)}\n\n".encode()
        name = Difficulty(draft.difficulty).name.lower()
        why = _text(draft.explanation_vi, draft.explanation_en)
        explained = f"####{why}" if why else ""
        body = f"{_text(draft.text_vi, draft.text_en)} {{{_inside(draft)}{explained}}}"
        yield f"// [tag:{name}]\n{body}\n\n".encode()


def _text(vi: str, en: str) -> str:
    return _escaped(languages.join(vi, en, is_html=False)).replace("\n", "\\n")


def _escaped(text: str) -> str:
    return re.sub(r"([\\~=#{}:])", r"\\\1", text)


def _inside(draft: Draft) -> str:
    answers = draft.answers
    if draft.kind == QuestionKind.TRUE_FALSE:
        return "TRUE" if answers["right"] else "FALSE"
    if draft.kind == QuestionKind.NUMBER:
        return f"#{answers['value']}:{answers['tolerance']}"
    if draft.kind == QuestionKind.SHORT_TEXT:
        return " ".join(f"={_escaped(as_pattern(one))}" for one in answers["accepted"])
    options = answers["options"]
    if draft.kind == QuestionKind.ORDERING:
        lines = (f"={n} -> {_text(o['vi'], o['en'])}" for n, o in enumerate(options, start=1))
    elif draft.kind == QuestionKind.MATCHING:
        lines = (
            f"={_text(o['vi'], o['en'])} -> {_text(o['match_vi'], o['match_en'])}" for o in options
        )
    else:
        right = sum(one["right"] for one in options)
        share = "=" if draft.kind == QuestionKind.SINGLE else f"~%{round(100 / right, 5):g}%"
        lines = ((share if o["right"] else "~") + _text(o["vi"], o["en"]) for o in options)
    return "\n".join(("", *lines, ""))
