"""A question on its way from a form or a file into the bank, and the notation of its answers.

In a form and in a workbook answers are lines: ``* Hà Nội | Hanoi`` is a right answer in both
languages, ``Việt Nam = Hà Nội`` a pair, ``12,5 ± 0,5`` a number; lines to be put in order stand in
the right one.
"""

import re
from dataclasses import asdict, dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from common.vietnamese import nfc, search_key
from learning.choices import Difficulty, QuestionKind
from learning.errors import LearningInputError

_TRUE: Final = ("dung", "true", "t", "x")
_FALSE: Final = ("sai", "false", "f")
_OPTIONS: Final = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)
_MOST_OPTIONS: Final = 30
LONGEST: Final = 5_000  # characters of a text
# What neither a text column of PostgreSQL nor XML holds.
_UNSTORABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
Answers = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Draft:
    """``line`` is where it stands in its file; ``answers`` as ``Question`` keeps them."""

    kind: str
    text_vi: str
    answers: Answers
    text_en: str = ""
    explanation_vi: str = ""
    explanation_en: str = ""
    part: str = ""
    difficulty: int = Difficulty.MEDIUM
    line: int = field(default=0, compare=False)

    def fields(self) -> dict[str, Any]:
        plain = asdict(self)
        del plain["line"]
        return plain


def refused(code: str, message: Any) -> LearningInputError:
    return LearningInputError(code, message)


def both(text: str) -> tuple[str, str]:
    """``Hà Nội | Hanoi``; without a bar the text is Vietnamese."""
    vi, _bar, en = nfc(text).partition("|")
    return vi.strip(), en.strip()


def in_both(vi: str, en: str) -> str:
    return f"{vi} | {en}" if en else vi


def number(text: str) -> Decimal:
    """Accepts ``8,5`` and ``8.5``. Error: LearningInputError."""
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found) > Decimal("1e15"):
        raise refused("no_number", _("“%(text)s” is not a number.") % {"text": text[:40]})
    return found


def read_answers(kind: str, text: str) -> Answers:
    """The answers of a question in our notation. Error: LearningInputError."""
    lines = [line.strip() for line in nfc(text).splitlines() if line.strip()]
    if kind in _OPTIONS:
        return {"options": [_option(line) for line in lines]}
    if kind == QuestionKind.TRUE_FALSE:
        return {"right": _truth(" ".join(lines))}
    if kind == QuestionKind.NUMBER:
        value, _sign, tolerance = " ".join(lines).replace("+-", "±").partition("±")
        return {"value": str(number(value)), "tolerance": str(number(tolerance or "0"))}
    if kind == QuestionKind.SHORT_TEXT:
        return {"accepted": lines}
    if kind == QuestionKind.ORDERING:
        return {"options": [_words(line) for line in lines]}
    return {"options": [_pair(line) for line in lines]}


def _words(line: str) -> dict[str, str]:
    vi, en = both(line)
    return {"vi": vi, "en": en}


def _option(line: str) -> Answers:
    return _words(line.removeprefix("*")) | {"right": line.startswith("*")}


def _pair(line: str) -> Answers:
    vi, en = both(line)
    left, sign, right = (part.strip() for part in vi.partition("="))
    left_en, _sign, right_en = (part.strip() for part in en.partition("="))
    if not sign:
        text = _("“%(line)s” is no pair: write what belongs together as “left = right”.")
        raise refused("no_pair", text % {"line": line[:60]})
    return {"vi": left, "en": left_en, "match_vi": right, "match_en": right_en}


def _truth(text: str) -> bool:
    key = search_key(text)
    if key not in _TRUE + _FALSE:
        raise refused("no_truth", _("Write “đúng” or “sai” as the answer."))
    return key in _TRUE


def write_answers(kind: str, answers: Answers) -> str:
    if kind == QuestionKind.TRUE_FALSE:
        return "đúng" if answers["right"] else "sai"
    if kind == QuestionKind.NUMBER:
        exact = answers["tolerance"] == "0"
        return answers["value"] if exact else f"{answers['value']} ± {answers['tolerance']}"
    if kind == QuestionKind.SHORT_TEXT:
        return "\n".join(answers["accepted"])
    lines = []
    for one in answers["options"]:
        if kind == QuestionKind.MATCHING:
            en = f"{one['en']} = {one['match_en']}" if one["en"] else ""
            lines.append(in_both(f"{one['vi']} = {one['match_vi']}", en))
        else:
            lines.append(("* " if one.get("right") else "") + in_both(one["vi"], one["en"]))
    return "\n".join(lines)


def require_answerable(draft: Draft) -> None:
    """Error: LearningInputError, where nobody could answer the question rightly."""
    if not draft.text_vi.strip():
        raise refused("no_text", _("The question has no text."))
    if problem := _of_texts(draft) or _problem(draft) or _of_options(draft.answers):
        raise refused("not_answerable", problem)


def _of_texts(draft: Draft) -> DeferredMessage | None:
    texts = [text for text in draft.fields().values() if isinstance(text, str)]
    options = draft.answers.get("options", ())
    texts += [text for one in options for text in one.values() if isinstance(text, str)]
    texts += draft.answers.get("accepted", ())
    if any(_UNSTORABLE.search(text) for text in texts):
        return _("The question contains control characters, which nobody sees: remove them.")
    if any(len(text) > LONGEST for text in texts):
        text = _("A text of the question has more than %(most)s characters: shorten it.")
        return text % {"most": LONGEST}
    return None


def _of_options(answers: Answers) -> DeferredMessage | None:
    options = answers.get("options", [])
    if len(options) > _MOST_OPTIONS:
        return _("A question has at most %(most)s answers.") % {"most": _MOST_OPTIONS}
    if any(not one["vi"] for one in options):
        return _("An answer is empty.")
    if len({one["vi"] for one in options}) < len(options):
        return _("Two answers are the same.")
    return None


def _right(options: list[Answers]) -> int:
    return sum(bool(one["right"]) for one in options)


def _problem(draft: Draft) -> DeferredMessage | None:
    kind, options = draft.kind, draft.answers.get("options", [])
    if kind == QuestionKind.SHORT_TEXT and not any(draft.answers["accepted"]):
        return _("Give at least one accepted answer.")
    if kind == QuestionKind.NUMBER and number(draft.answers["tolerance"]) < 0:
        return _("The tolerance of a number cannot be below zero.")
    if kind in _OPTIONS and len(options) < 2:
        return _("Give two answers or more.")
    if kind == QuestionKind.SINGLE and _right(options) != 1:
        return _("Mark exactly one answer as right.")
    if kind == QuestionKind.MULTIPLE and not _right(options):
        return _("Mark at least one answer as right.")
    if kind == QuestionKind.ORDERING and len(options) < 2:
        return _("Give two lines or more.")
    if kind == QuestionKind.MATCHING and len(options) < 2:
        return _("Give two pairs or more.")
    if kind == QuestionKind.MATCHING and not all(o["vi"] and o["match_vi"] for o in options):
        return _("A pair lacks one of its sides.")
    return None
