"""Whether an incoming row is a person on record.

Same number and compatible name and birth: the same person. Same number with another name or birth:
a conflict, for a human. No number on one side, alike in name and birth: entered as new and listed
as a candidate. Two different numbers: two people.

The number decides first, so names are compatible whatever their accents and word order. Without a
number, a human compares people with such a name and the same birth date; only a row whose name is
spelled the same is the same line sent again.

Whoever sends a roster for some agencies (``own``) learns nothing about other agencies' people: for
these a trainee code alone proves nothing, and the office looks at those who are alike.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from sys import intern
from typing import Final, NamedTuple, Protocol

from common.bulk import fast_rows, in_list
from common.encryption import keyed_digest
from people.models import Trainee, digests_of, likeness_key, name_keys

# What is read of the people that rows are compared with; the rest waits until it is asked for.
_KNOWN = (
    "id", "code", "full_name", "birth_date", "birth_year", "sex", "agency_id", "unit", "position",
    "email", "phone", "personal_number_digest", "personal_number_tail", "claimed_number_digest",
    "likeness_key",
)  # fmt: skip


class MatchInput(Protocol):
    """What one row says about a person; empty text and ``None`` say nothing."""

    full_name: str
    birth_date: dt.date | None
    birth_year: int | None
    personal_number: str | None

    @property
    def trainee_code(self) -> str | None: ...
    @property
    def number_tail(self) -> str:
        """The last three digits of the number, where only they are given."""

    @property
    def year(self) -> int | None: ...


@dataclass(slots=True)
class Incoming:
    full_name: str
    birth_date: dt.date | None = None
    birth_year: int | None = None
    personal_number: str | None = None
    number_tail: str = ""
    trainee_code: str = ""

    @property
    def year(self) -> int | None:
        return self.birth_date.year if self.birth_date else self.birth_year


class Verdict(StrEnum):
    NEW = "new"
    KNOWN = "known"
    FOREIGN = "foreign"
    CANDIDATE = "candidate"
    CONFLICT = "conflict"
    UNKNOWN_CODE = "unknown_code"


class Match(NamedTuple):
    """The result for one row.

    ``trainee`` is the known person (KNOWN, or FOREIGN where they work for an agency that the sender
    does not act for) or the one it conflicts with (CONFLICT). ``repeats`` is the position of an
    earlier row of the same file that is this person. ``candidates`` are the ids of people, and
    ``candidate_rows`` the positions of earlier rows, that a human should compare it with (those of
    a NEW row are other agencies' people). ``is_guess`` says that the row conflicts with something
    that the sender may not know.
    """

    verdict: Verdict
    trainee: Trainee | None = None
    repeats: int | None = None
    candidates: tuple[int, ...] = ()
    candidate_rows: tuple[int, ...] = ()
    is_guess: bool = False


NEW: Final = Match(Verdict.NEW)
_REJECTED: Final = (Verdict.CONFLICT, Verdict.UNKNOWN_CODE)


def match_all(
    incoming: Sequence[MatchInput],
    *,
    already_enrolled: Collection[int] = (),
    own: Collection[int] | None = None,
) -> list[Match]:
    """Match rows against everybody on record and against the rows before them.

    ``already_enrolled`` are the ids of people on the roster that the rows are meant for: for them,
    equal name and birth is the same line sent again, not a second person. ``own`` are the ids of
    the agencies that the sender acts for; by default all.
    """
    return Matcher(already_enrolled, own).match(incoming)


def compatible(row: MatchInput, known: "_Earlier | Trainee") -> bool:
    return _same_name(row.full_name, known.full_name) and _births_agree(row, known)


def guess_digest(row: MatchInput) -> str:
    year = row.birth_date or row.year
    number = row.personal_number or row.number_tail
    values = (row.trainee_code, number, str(year or ""), name_keys(row.full_name)[3])
    return keyed_digest("people.guess", repr(values))


def _same_name(one: str, other: str) -> bool:
    return one == other or name_keys(one)[3] == name_keys(other)[3]


def _is_spelled_similarly(row: MatchInput, known: "_Earlier | Trainee") -> bool:
    """True for Hòa and Hoà, false for Hoa."""
    one, other = row.full_name, known.full_name
    return one == other or name_keys(one)[2] == name_keys(other)[2]


def _births_agree(row: MatchInput, known: "_Earlier | Trainee") -> bool:
    if row.birth_date and known.birth_date:
        return row.birth_date == known.birth_date
    known_year = known.birth_date.year if known.birth_date else known.birth_year
    return row.year is None or known_year is None or row.year == known_year


class _Earlier(NamedTuple):
    full_name: str
    birth_date: dt.date | None
    birth_year: int | None


class Matcher:
    """Matches a long list in parts, keeping little of earlier rows.

    Each part makes a fixed number of queries, then matches row by row in memory. Positions count
    through all parts. ``formerly_own`` are enrolled people who belonged to the sender when it sent
    them, wherever they work today.
    """

    def __init__(
        self,
        already_enrolled: Collection[int] = (),
        own: Collection[int] | None = None,
        formerly_own: Collection[int] = (),
    ) -> None:
        self.already_enrolled = frozenset(already_enrolled)
        self.own = None if own is None else frozenset(own)
        self.formerly_own = frozenset(formerly_own)
        self.entered: set[int] = set()
        self.already_matched: set[int] = set()
        self.earlier: list[_Earlier] = []
        self.seen_digest: dict[str, int] = {}
        # Of rows without a number, and of those with one.
        self.seen_name = (defaultdict[str, list[int]](list), defaultdict[str, list[int]](list))

    def match(self, part: Sequence[MatchInput]) -> list[Match]:
        self.first = len(self.earlier)
        self.earlier += [
            _Earlier(intern(row.full_name), row.birth_date, row.birth_year) for row in part
        ]
        self.names = [likeness_key(row.full_name, row.year) for row in part]
        self.digests = digests_of([row.personal_number for row in part])
        self._look_up(part)
        return [self._matched(at, row) for at, row in enumerate(part)]

    def enter(self, trainee_ids: Iterable[int]) -> None:
        """Report people of earlier parts that were entered: later rows are compared with the rows
        instead.
        """
        self.entered.update(trainee_ids)

    def _look_up(self, part: Sequence[MatchInput]) -> None:
        digests = self.digests
        self.by_digest = {
            str(trainee.personal_number_digest): trainee
            for trainee in self._trainees("personal_number_digest", set(digests) - {""})
        }
        self._look_up_claims()
        codes = {row.trainee_code for row in part if row.trainee_code}
        self.by_code = {trainee.code: trainee for trainee in self._trainees("code", codes)}
        self.by_name: dict[str, list[Trainee]] = defaultdict(list)
        # Whoever is known by number or code needs no comparing of names, and two people with a
        # number each are never taken for one.
        named = [
            (name, digest)
            for name, digest, row in zip(self.names, digests, part, strict=True)
            if name and not row.trainee_code and digest not in self.by_digest
        ]
        with_number = {name for name, digest in named if digest}
        without = {name for name, digest in named if not digest}
        numberless = self._trainees("likeness_key", with_number - without, personal_number_tail="")
        for trainee in (*numberless, *self._trainees("likeness_key", without)):
            self.by_name[trainee.likeness_key].append(trainee)

    def _look_up_claims(self) -> None:
        foreign = {one for one, bearer in self.by_digest.items() if self.is_foreign(bearer)}
        for trainee in self._trainees("claimed_number_digest", foreign):
            if not self.is_foreign(trainee):
                self.by_digest[trainee.claimed_number_digest] = trainee

    def _trainees(self, field: str, values: Collection[str], **further: str) -> Iterator[Trainee]:
        if not values:
            return
        found = Trainee.objects.filter(**{f"{field}__in": in_list(values)}, **further).order_by()
        for trainee in fast_rows(found, _KNOWN):
            if trainee.id not in self.entered:
                yield trainee

    def _matched(self, at: int, row: MatchInput) -> Match:
        digest = self.digests[at]
        match = self._match(row, digest, self.names[at])
        if match.verdict in _REJECTED:
            return match
        position = self.first + at
        if digest:
            self.seen_digest.setdefault(digest, position)
        if name := self.names[at]:
            # By number too: on a long roster many bear one name.
            self.seen_name[bool(digest)][name].append(position)
        return match

    def _match(self, row: MatchInput, digest: str, name: str) -> Match:
        if row.trainee_code:
            return self._by_code(row, digest)
        if digest and (by_number := self._by_number(row, digest)):
            return by_number
        return self._by_name(row, digest, name) if name else NEW

    def _by_code(self, row: MatchInput, digest: str) -> Match:
        trainee = self.by_code.get(row.trainee_code or "")
        if trainee is None:
            return Match(Verdict.UNKNOWN_CODE, is_guess=self.own is not None)
        own_digest = trainee.personal_number_digest or trainee.claimed_number_digest
        same_number = not (digest and own_digest and own_digest != digest)
        same_tail = not row.number_tail or row.number_tail == trainee.personal_number_tail
        owner = self.by_digest.get(digest)
        is_claimed = bool(digest) and digest == trainee.claimed_number_digest
        number_is_free = owner is None or owner.pk == trainee.pk or is_claimed
        fits = same_number and same_tail and number_is_free and compatible(row, trainee)
        if not self.is_foreign(trainee):
            is_guess = not number_is_free and owner is not None and self.is_foreign(owner)
            return Match(Verdict.KNOWN if fits else Verdict.CONFLICT, trainee, is_guess=is_guess)
        if fits and (trainee.pk in self.already_enrolled or _is_proven(row, digest, trainee)):
            return Match(Verdict.FOREIGN, trainee)
        return Match(Verdict.CONFLICT, trainee, is_guess=True)

    def is_foreign(self, trainee: Trainee) -> bool:
        return self.own is not None and trainee.agency_id not in self.own

    def _by_number(self, row: MatchInput, digest: str) -> Match | None:
        if trainee := self.by_digest.get(digest):
            foreign = self.is_foreign(trainee)
            if compatible(row, trainee):
                return Match(Verdict.FOREIGN if foreign else Verdict.KNOWN, trainee)
            return Match(Verdict.CONFLICT, trainee, is_guess=foreign)
        if digest in self.seen_digest:
            earlier = self.seen_digest[digest]
            if compatible(row, self.earlier[earlier]):
                return Match(Verdict.KNOWN, repeats=earlier)
            return Match(Verdict.CONFLICT, repeats=earlier)
        return None

    def _by_name(self, row: MatchInput, digest: str, name: str) -> Match:
        has_number = bool(digest)
        candidates = [
            trainee
            for trainee in self.by_name.get(name, ())
            if _is_similar(row, trainee) and not (has_number and trainee.personal_number_digest)
        ]
        earlier_rows = [
            earlier
            for earlier in self._namesakes(name, without_number=has_number)
            if _is_similar(row, self.earlier[earlier])
        ]
        if not has_number:
            here = [
                t for t in candidates if self._is_known_here(t) and _is_spelled_similarly(row, t)
            ]
            if here:
                nearest = self._nearest(here)
                foreign = self.is_foreign(nearest)
                return Match(Verdict.FOREIGN if foreign else Verdict.KNOWN, nearest)
            again = [at for at in earlier_rows if _is_spelled_similarly(row, self.earlier[at])]
            if again:
                return Match(Verdict.KNOWN, repeats=again[0])
        if candidates or earlier_rows:
            ids = tuple(trainee.pk for trainee in candidates)
            seen = earlier_rows or any(not self.is_foreign(trainee) for trainee in candidates)
            verdict = Verdict.CANDIDATE if seen else Verdict.NEW
            return Match(verdict, candidates=ids, candidate_rows=tuple(earlier_rows))
        return NEW

    def _is_known_here(self, trainee: Trainee) -> bool:
        """Whether name and birth date may identify this enrolled person.

        Not if the sender only nominated them: rows with every day of a year would find the birth
        date.
        """
        if trainee.pk not in self.already_enrolled:
            return False
        return not self.is_foreign(trainee) or trainee.pk in self.formerly_own

    def _nearest(self, here: Sequence[Trainee]) -> Trainee:
        """Which of several enrolled namesakes a row without a number is.

        Preferably one without a number who was not matched yet, so that a list sent again matches
        everybody whom it entered and enters nobody else.
        """
        order = [(bool(t.personal_number_digest), t.pk in self.already_matched, t.pk) for t in here]
        nearest = here[order.index(min(order))]
        self.already_matched.add(nearest.pk)
        return nearest

    def _namesakes(self, name: str, *, without_number: bool) -> Sequence[int]:
        bare = self.seen_name[False].get(name, ())
        if without_number:
            return bare
        return sorted([*bare, *self.seen_name[True].get(name, ())])


def _is_proven(row: MatchInput, digest: str, known: Trainee) -> bool:
    has_number = bool(digest) and digest == known.personal_number_digest
    has_birth = row.birth_date is not None and row.birth_date == known.birth_date
    return has_number or has_birth


def _is_similar(row: MatchInput, known: _Earlier | Trainee) -> bool:
    """Whether a human should compare two who share a likeness key.

    A bare year stands for a birth date only where the name is spelled alike: many share a year.
    """
    if row.birth_date and known.birth_date:
        return row.birth_date == known.birth_date
    return _is_spelled_similarly(row, known)
