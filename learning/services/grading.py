"""What was given for a question, from a form, and how many points it is worth."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import SystemRandom
from typing import Any

from common.numbers import whole_number
from common.vietnamese import nfc, search_key
from learning.choices import QuestionKind
from learning.errors import LearningInputError
from learning.models import Question
from learning.sheets.drafts import number

LONGEST_TEXT = 500
_random = SystemRandom()
_CHOSEN = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


def shuffled(question: Question) -> dict[str, list[int]]:
    """In which order a form shows options and matches; never in the order that is right."""
    count = len(question.answers.get("options", ()))
    shown = {"options": _shuffle(count)}
    if question.kind == QuestionKind.ORDERING:
        while shown["options"] == sorted(shown["options"]):
            shown["options"] = _shuffle(count)
    if question.kind == QuestionKind.MATCHING:
        shown["matches"] = _shuffle(count)
    return shown


def _shuffle(count: int) -> list[int]:
    return _random.sample(range(count), count)


def given_in(
    kind: str, position: int, shown: Mapping[str, list[int]], data: Mapping[str, Any]
) -> Any:
    """What the fields ``q1`` or ``q1-0``, ``q1-1`` … hold; None for nothing.

    They name slots in the order shown: the order stored would tell which match or rank is right.
    """
    name, options = f"q{position}", shown.get("options", [])
    if kind in _CHOSEN:
        values = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        chosen = {_at(options, value) for value in values}
        return sorted(one for one in chosen if one is not None) or None
    if kind in (QuestionKind.ORDERING, QuestionKind.MATCHING):
        to = shown.get("matches", range(len(options)))
        given = {at: _at(to, data.get(f"{name}-{slot}")) for slot, at in enumerate(options)}
        within = [given[at] for at in sorted(given)]
        return within if any(one is not None for one in within) else None
    return nfc(str(data.get(name, ""))).strip()[:LONGEST_TEXT] or None


def _at(shown: Sequence[int], slot: str | None) -> int | None:
    number = whole_number(slot)
    return shown[number] if number is not None and number < len(shown) else None


def points(question: Question, given: Any) -> Decimal:
    """Between 0 and 1. Of several right answers each counts, a wrong one takes one away."""
    if given is None:
        return Decimal(0)
    share = _SHARES[QuestionKind(question.kind)](question.answers, given)
    return Decimal(share).quantize(Decimal("0.0001"))


def _chosen(answers: dict[str, Any], given: list[int]) -> Decimal:
    right = {at for at, one in enumerate(answers["options"]) if one["right"]}
    found, wrong = len(right & set(given)), len(set(given) - right)
    return Decimal(max(found - wrong, 0)) / len(right)


def _truth(answers: dict[str, Any], given: str) -> Decimal:
    return Decimal(given == ("true" if answers["right"] else "false"))


def _number(answers: dict[str, Any], given: str) -> Decimal:
    try:
        off = abs(number(given) - Decimal(answers["value"]))
    except LearningInputError:
        return Decimal(0)
    return Decimal(off <= Decimal(answers["tolerance"]))


def _text(answers: dict[str, Any], given: str) -> Decimal:
    """Whatever its accents and capitals: phones are typed on without them."""
    return Decimal(search_key(given) in {search_key(one) for one in answers["accepted"]})


def _ordered(answers: dict[str, Any], given: list[int | None]) -> Decimal:
    return Decimal(sum(rank == at for at, rank in enumerate(given))) / len(given)


def _matched(answers: dict[str, Any], given: list[int | None]) -> Decimal:
    matches = [one["match_vi"] for one in answers["options"]]
    right = sum(
        chosen is not None and matches[chosen] == matches[at] for at, chosen in enumerate(given)
    )
    return Decimal(right) / len(matches)


_SHARES: dict[QuestionKind, Any] = {
    QuestionKind.SINGLE: _chosen,
    QuestionKind.MULTIPLE: _chosen,
    QuestionKind.TRUE_FALSE: _truth,
    QuestionKind.NUMBER: _number,
    QuestionKind.SHORT_TEXT: _text,
    QuestionKind.ORDERING: _ordered,
    QuestionKind.MATCHING: _matched,
}
