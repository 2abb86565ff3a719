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

_SPECIAL: Final = "~=#{}:"
_TITLE: Final = re.compile(r"\s*::(?:[^:]|:(?!:))*::")
_FORMAT: Final = re.compile(r"\s*\[(html|plain|moodle|markdown)\]")
_WEIGHT: Final = re.compile(r"%(-?\d+(?:\.\d+)?)%")
_TAGGED: Final = re.compile(r"\[tag:(\w+)\]")
_TRUTHS: Final = {"T": True, "TRUE": True, "F": False, "FALSE": False}
Problem = tuple[int, Any]  # the line, and a sentence


def read_gift(text: str) -> tuple[list[Draft], list[Problem]]:
    drafts, problems, part = [], [], ""
    for line, block, difficulty in _blocks(text):
        if block.startswith("$CATEGORY:"):
            part = block.removeprefix("$CATEGORY:").strip().rpartition("/")[2][:60]
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
    block = _TITLE.sub("", _hidden(block), count=1) if _TITLE.match(block) else _hidden(block)
    form = _FORMAT.match(block)
    is_html = bool(form and form[1] == "html")
    block = block[form.end() :] if form else block
    before, brace, rest = block.partition("{")
    inside, closing, after = rest.partition("}")
    if not brace or not closing or "{" in inside or "{" in after:
        text = _("Put the answers into one pair of braces { }: add what is missing.")
        raise refused("braces", text)
    if languages.has_pictures(block):
        raise refused("pictures", _("Pictures are not taken: describe what they show in words."))
    stem = f"{before.strip()} _____ {after.strip()}" if after.strip() else before
    inside, _marks, general = inside.partition("####")
    kind, answers = _answers(inside.strip(), is_html)
    text_vi, text_en = languages.split(_shown(stem), is_html=is_html)
    why_vi, why_en = languages.split(_shown(general), is_html=is_html)
    draft = Draft(kind, text_vi, answers, text_en, why_vi, why_en, part, int(difficulty), line)
    require_answerable(draft)
    return draft


# An escaped sign is no sign: it waits as a private character until the parts are known.
_HIDE: Final = {f"\\{sign}": chr(0xE000 + at) for at, sign in enumerate(_SPECIAL)}


def _hidden(text: str) -> str:
    for escaped, private in _HIDE.items():
        text = text.replace(escaped, private)
    return text.replace("\\n", "\n")


def _shown(text: str) -> str:
    for escaped, private in _HIDE.items():
        text = text.replace(private, escaped[1])
    return text


def _answers(inside: str, is_html: bool) -> tuple[str, Answers]:
    truth = inside.partition("#")[0].strip().upper()
    if truth in _TRUTHS:
        return QuestionKind.TRUE_FALSE, {"right": _TRUTHS[truth]}
    if inside.startswith("#"):
        return QuestionKind.NUMBER, _numeric(inside[1:])
    if not inside:
        text = _("An essay has no right answer and cannot be graded here: leave it out.")
        raise refused("essay", text)
    given = [_given(sign, words) for sign, words in re.findall(r"([=~])([^=~]*)", _pairs(inside))]
    if not given:
        raise refused("no_answers", _("Begin a right answer with “=” and a wrong one with “~”."))
    if all("\x01" in words for _weight, words in given):
        return _matching([words for _weight, words in given], is_html)
    if all(weight == Decimal(100) for weight, _words in given):
        accepted = [_shown(words).strip() for _weight, words in given]
        return QuestionKind.SHORT_TEXT, {"accepted": accepted}
    return _choice(given, is_html)


def _pairs(inside: str) -> str:
    """The arrow of a pair holds no sign that begins an answer; \x01 stands for it."""
    return inside.replace("->", "\x01")


def _given(sign: str, words: str) -> tuple[Decimal, str]:
    words = words.partition("#")[0].strip()
    weight = _WEIGHT.match(words)
    share = Decimal(weight[1]) if weight else Decimal(100 if sign == "=" else 0)
    return share, words[weight.end() :].strip() if weight else words


def _choice(given: list[tuple[Decimal, str]], is_html: bool) -> tuple[str, Answers]:
    full = [weight for weight, _words in given if weight == Decimal(100)]
    partly = [weight for weight, _words in given if 0 < weight < Decimal(100)]
    if full and partly:
        text = _("A partly right answer beside a right one is not taken: make it wrong or right.")
        raise refused("partly_right", text)
    options = []
    for weight, words in given:
        vi, en = languages.split(_shown(words), is_html=is_html)
        options.append({"vi": vi, "en": en, "right": weight > 0})
    kind = QuestionKind.SINGLE if full and len(full) == 1 else QuestionKind.MULTIPLE
    return kind, {"options": options}


def _matching(pairs: list[str], is_html: bool) -> tuple[str, Answers]:
    options = []
    for pair in pairs:
        left, _arrow, right = pair.partition("\x01")
        vi, en = languages.split(_shown(left), is_html=is_html)
        match_vi, match_en = languages.split(_shown(right), is_html=is_html)
        options.append({"vi": vi, "en": en, "match_vi": match_vi, "match_en": match_en})
    # GIFT has no order of its own: we write it as pairs of 1, 2, 3 and what comes there.
    if [one["vi"] for one in options] == [str(n) for n in range(1, len(options) + 1)]:
        ordered = [{"vi": one["match_vi"], "en": one["match_en"]} for one in options]
        return QuestionKind.ORDERING, {"options": ordered}
    return QuestionKind.MATCHING, {"options": options}


def _numeric(inside: str) -> Answers:
    words = inside.partition("#")[0].strip()
    if words.startswith("="):
        words = words[1:].partition("=")[0].partition("~")[0].strip()
    if _WEIGHT.match(words):
        raise refused("partly_right", _("A number that is only partly right is not taken."))
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
            yield f"$CATEGORY: {part or 'top'}\n\n".encode()
        name = Difficulty(draft.difficulty).name.lower()
        why = _text(draft.explanation_vi, draft.explanation_en)
        explained = f"####{why}" if why else ""
        body = f"{_text(draft.text_vi, draft.text_en)} {{{_inside(draft)}{explained}}}"
        yield f"// [tag:{name}]\n{body}\n\n".encode()


def _text(vi: str, en: str) -> str:
    return _escaped(languages.join(vi, en, is_html=False)).replace("\n", "\\n")


def _escaped(text: str) -> str:
    return re.sub(r"([~=#{}:])", r"\\\1", text)


def _inside(draft: Draft) -> str:
    answers = draft.answers
    if draft.kind == QuestionKind.TRUE_FALSE:
        return "TRUE" if answers["right"] else "FALSE"
    if draft.kind == QuestionKind.NUMBER:
        return f"#{answers['value']}:{answers['tolerance']}"
    if draft.kind == QuestionKind.SHORT_TEXT:
        return " ".join(f"={_escaped(one)}" for one in answers["accepted"])
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
