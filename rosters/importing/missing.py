"""People whom the sender nominated for the class before and who are not on this roster.

They stay unless somebody withdraws them with a reason.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agencies.models import Agency
from common.bulk import in_list
from common.deferred_messages import DeferredMessage as _
from common.vietnamese import search_key
from courses.models import CourseRun
from enrollment.models import Completion, Enrollment
from enrollment.querysets import EnrollmentQuerySet
from people.models import Trainee
from rosters.fields import NAME_KEYS
from rosters.importing.rows import Problem, RosterRow, RosterValues

# Enrollment id → why the person is withdrawn; empty: they stay.
WithdrawalReason = Callable[[int], str]


def keep_everybody(_enrollment_id: int) -> str:
    """The default: a roster that is sent again withdraws nobody."""
    return ""


@dataclass(frozen=True, slots=True)
class Missing:
    """Ids of enrollments; ``uncertain`` may be people of rejected rows, and so always stay."""

    kept: Sequence[int] = ()
    withdrawn: Sequence[int] = ()
    uncertain: Sequence[int] = ()

    def withdrawing(self, reason: WithdrawalReason) -> Mapping[int, str]:
        return {one: text for one in self.kept if (text := reason(one).strip())}

    def after(self, withdrawn: Collection[int]) -> "Missing":
        kept = [one for one in self.kept if one not in withdrawn]
        return Missing(kept, sorted(withdrawn), self.uncertain)

    def as_json(self) -> dict[str, list[int]]:
        return {
            "missing": list(self.kept),
            "withdrawn": list(self.withdrawn),
            "uncertain": list(self.uncertain),
        }


NOBODY_MISSING: Final = Missing()


def missing_from(
    enrollments: Iterable[Enrollment],
    *,
    rejected: Sequence[RosterRow],
    is_own: Callable[[Trainee], bool],
) -> Missing:
    """Sort the enrollments that no row names by whether a rejected row may mean their person.

    Of people who are not the sender's own it must not tell whether a row agrees with them.
    """
    rows = [_Rejected.of(row) for row in rejected]
    kept, uncertain = list[int](), list[int]()
    for one in enrollments:
        is_hidden = bool(rows) and not is_own(one.trainee)
        is_there = is_hidden or any(row.may_be(one.trainee) for row in rows)
        (uncertain if is_there else kept).append(one.pk)
    return Missing(kept, (), uncertain)


def sent_before(run: CourseRun, agency: Agency) -> EnrollmentQuerySet:
    """Enrollments that an agency's next roster for the class may leave out."""
    done = Completion.objects.not_voided().filter(run=run).values("trainee")
    sent = Enrollment.objects.filter(run=run, sending_agency=agency).in_progress().named()
    return sent.exclude(trainee__in=done).select_related("trainee").in_roster_order()


_WITHDRAWN: Final = _("%(name)s (%(code)s) is no longer on the roster: withdrawn.")
_KEPT: Final = _(
    "%(name)s (%(code)s) was nominated before and is no longer on the roster; the enrollment stays."
)
_UNCERTAIN: Final = _(
    "%(name)s (%(code)s) was nominated before and may be meant by a rejected row; the enrollment "
    "stays."
)


def notes_on(missing: Missing) -> Iterator[Problem]:
    """One note for each person, in the order of lists."""
    for code, text, ids in (
        ("missing_withdrawn", _WITHDRAWN, missing.withdrawn),
        ("missing_kept", _KEPT, missing.kept),
        ("missing_uncertain", _UNCERTAIN, missing.uncertain),
    ):
        people = Enrollment.objects.filter(pk__in=in_list(ids or [0])).in_roster_order()
        for name, trainee in people.values_list("trainee__full_name", "trainee__code"):
            yield Problem(0, "", code, text % {"name": name, "code": trainee}, "note")


_COMPARED: Final = ("trainee_code", "email", "phone", "birth_date")
_NO_LETTER: Final = re.compile(r"[^\w?�]+")
_LOST_LETTER: Final = re.compile(r"[?�]")


@dataclass(frozen=True, slots=True)
class _Rejected:
    """Whom a row that could not be read may mean; ``texts`` are its name and cells, as words."""

    values: RosterValues
    texts: Sequence[str]

    @classmethod
    def of(cls, row: RosterRow) -> "_Rejected":
        cells = row.cells or {}
        parts = " ".join(cells[key] for key in NAME_KEYS if cells.get(key))
        texts = (row.values.full_name, parts, *cells.values())
        return cls(row.values, [_words(text) for text in texts if text])

    def may_be(self, person: Trainee) -> bool:
        if any(_LOST_LETTER.search(text) for text in self.texts):
            return True
        values = self.values
        known = (person.code, person.email, person.phone, person.birth_date)
        pairs = zip((getattr(values, name) for name in _COMPARED), known, strict=True)
        number, tail = values.personal_number or values.number_tail, person.personal_number_tail
        if any(typed and typed == stored for typed, stored in pairs) or (
            number and tail and number.endswith(tail)
        ):
            return True
        name = _words(person.full_name)
        # Two people in one cell, or a name over two rows.
        return any(name in text or (" " in text.strip() and text in name) for text in self.texts)


def _words(text: str) -> str:
    return f" {_NO_LETTER.sub(' ', search_key(text)).strip()} "
