"""What a signed report freezes: everything that is printed of it, as plain data.

Each person of the list is committed to by a salted hash, and the hash of the list covers the
commitments: so it can be checked with names and without. Lists are read and written in parts:
memory does not grow with their rows.
"""

import datetime as dt
import secrets
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.models import Agency
from audit.signing import SignedHead, public_keys
from certificates.models import Certificate
from common import clock
from common.bulk import batches, in_list
from common.ids import IdTable
from counting.groups import groups
from counting.models import CountingRule, Indicator
from counting.replay import Count, GroupBy
from enrollment.models import Completion
from people.models import Trainee
from targets.choices import ListName
from targets.models import FrozenLists, FrozenPart
from targets.progress import milestones
from targets.progress.checklist import checklist
from targets.progress.opening import Opening
from targets.progress.quality import quality
from targets.progress.signed_list import commitment, hash_of_list
from targets.progress.task_status import tasks_of_period
from targets.services.opening_content import opening_content
from targets.services.pack_readme import README
from targets.services.percentages_content import percentages_content

_BATCH = 2_000
Data = dict[str, Any]
Advance = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Frozen:
    """The lists, all else, and the hash of the list of people."""

    lists: FrozenLists
    content: Data
    names_sha256: str


def freeze(
    opening: Opening,
    letter: Data,
    audit_head: SignedHead | None = None,
    advance: Advance = lambda: None,
) -> Frozen:
    """Everything behind a figure that its report prints, in Vietnamese.

    ``audit_head`` is the signed end of the audit log at that moment; ``advance`` is called again
    and again.
    """
    lists = FrozenLists.objects.create()
    with override("vi"):
        agencies = _agencies(opening.count)
        listed = _Listed(opening.count)
        people = _people(opening, listed, agencies)
        sha256 = hash_of_list(_stored(lists, ListName.PEOPLE, people, advance))
        rows = _completion_rows(opening.count, agencies, listed.number)
        for _row in _stored(lists, ListName.COMPLETIONS, rows, advance):
            pass
        content = _content(opening, letter, audit_head, agencies)
        content |= opening_content(opening, listed.number)
    return Frozen(lists, content, sha256)


def _stored(
    lists: FrozenLists, name: ListName, rows: Iterable[Data], advance: Advance
) -> Iterator[Data]:
    """Store the rows of a list part by part, and pass them on."""
    for number, part in enumerate(batches(rows, _BATCH), start=1):
        advance()
        columns = list(part[0])
        # Any: encrypted JSON is a text field to the type checker.
        values: Any = [columns, [[row[column] for column in columns] for row in part]]
        FrozenPart.objects.create(lists=lists, name=name, number=number, rows=values)
        yield from part


def _content(
    opening: Opening, letter: Data, audit_head: SignedHead | None, agencies: dict[int, Agency]
) -> Data:
    count, starts_on = opening.count, opening.starts_on
    new_by_sector, new_by_kind, new_by_agency = _new(count, starts_on, agencies)
    return {
        "letter": letter,
        "known_as_of": count.known_as_of.astimezone(clock.HANOI).isoformat(),
        "indicator": _indicator(count),
        "rule": _rule(count.rule),
        "targets": _targets(count),
        "sectors": _groups(count, GroupBy.SECTOR, new_by_sector),
        "kinds": _groups(count, GroupBy.KIND, new_by_kind),
        "by_agency": _groups(count, GroupBy.AGENCY, new_by_agency),
        "months": [
            {"key": group.key, "label": group.label, "persons": group.persons}
            for group in groups(count, GroupBy.MONTH)
        ],
        "agencies": [_agency(agency) for agency in agencies.values()],
        "quality": quality(count).as_json(),
        "percentages": percentages_content(opening),
        "tasks": [one.as_json() for one in tasks_of_period(count, starts_on)],
        "audit_head": _audit_head(audit_head),
        "readme": README,
        "checklist": {point.code: point.count for point in checklist(opening)},
    }


def _audit_head(head: SignedHead | None) -> Data | None:
    """With the public key, since the report outlives the settings that name it."""
    if head is None:
        return None
    return head.to_json() | {"public_key": public_keys().get(head.key, "")}


# The list -------------------------------------------------------------------------------


class _Listed:
    """Everybody who counts in the order of the list, by name, then code; the ids alone."""

    def __init__(self, count: Count) -> None:
        self.first = IdTable()  # of each person the completion by which they count
        for one in count.each_person():
            self.first[one.person_id] = one.first.id
        in_order = Trainee.objects.order_by("sort_key", "code").values_list("pk", flat=True)
        self.people = array("q", (pk for pk in in_order.iterator() if self.first[pk]))
        self.number = IdTable()
        for number, person in enumerate(self.people, start=1):
            self.number[person] = number


def _people(opening: Opening, listed: _Listed, agencies: dict[int, Agency]) -> Iterator[Data]:
    for part in batches(listed.people, _BATCH):
        # The number is not printed, and slow to decrypt.
        trainees = Trainee.objects.defer("personal_number").in_bulk(part)
        firsts = _completions(listed.first[person] for person in part)
        for person in part:
            first = firsts[listed.first[person]]
            previous = " ".join(map(str, opening.numbers_of(person)))
            row = _person(listed.number[person], trainees[person], first, agencies)
            yield row | {"previous": previous}


def _person(number: int, who: Trainee, first: Completion, agencies: dict[int, Agency]) -> Data:
    birth = who.birth_date.isoformat() if who.birth_date else str(who.birth_year or "")
    salt = secrets.token_hex(16)
    return {
        "number": number,
        "person": who.pk,
        "code": who.code,
        "full_name": who.full_name,
        "birth": birth,
        "agency": agencies[first.sending_agency_id].slug,
        "agency_name": agencies[first.sending_agency_id].name_vi,
        "kind": first.agency_kind,
        "sector": first.sector,
        "since": first.completed_on.isoformat(),
        "course": first.course_code,
        "run": first.run.code,
        "completion": first.pk,
        "salt": salt,
        "other_day": _other_day(first),
        "commitment": commitment(salt, who.code, who.full_name, birth),
    }


def _other_day(first: Completion) -> str:
    """Why somebody counts by another day than their class's own; empty for most."""
    if not first.is_outside_class_days:
        return ""
    return first.day_reason or _("no reason on record")


# What the figure rests on ---------------------------------------------------------------


def _completions(ids: Iterable[int]) -> dict[int, Completion]:
    rows = Completion.objects.filter(pk__in=in_list(list(ids))).select_related("run", "paper")
    return {row.pk: row for row in rows.order_by()}


def _completion_rows(
    count: Count, agencies: dict[int, Agency], number_by_person: IdTable
) -> Iterator[Data]:
    for part in batches(count.each_completion(), _BATCH):
        rows = _completions(one.id for one in part)
        certificates = Certificate.objects.labels_by_completion(rows.keys())
        for one in part:
            yield {
                "id": one.id,
                "trainee": one.trainee_id,
                "person": number_by_person[one.person_id],
                "completed_on": one.completed_on.isoformat(),
                "recorded_at": one.recorded_at.astimezone(clock.HANOI).isoformat(),
                "course": rows[one.id].course_code,
                "periods": rows[one.id].periods,
                "run": rows[one.id].run.code,
                "evidence": rows[one.id].evidence,
                "document_sha256": _document(rows[one.id]),
                "attendance_percent": rows[one.id].attendance_percent,
                "certificate": certificates.get(one.id, ""),
                "agency": agencies[one.sending_agency_id].slug,
                "kind": one.agency_kind,
                "sector": one.sector,
            }


def _document(completion: Completion) -> str:
    return completion.paper.sha256 if completion.paper else ""


def _agencies(count: Count) -> dict[int, Agency]:
    found = Agency.objects.in_bulk(count.parts(GroupBy.AGENCY).keys())
    return {pk: found[pk] for pk in sorted(found)}


def _agency(agency: Agency) -> Data:
    return {
        "slug": agency.slug,
        "name": agency.name_vi,
        "kind": agency.kind,
        "sector": agency.sector,
        "identifier": agency.identifier if agency.identifier_confirmed else "",
        "valid_from": agency.valid_from.isoformat() if agency.valid_from else "",
        "valid_to": agency.valid_to.isoformat() if agency.valid_to else "",
    }


def _rule(rule: CountingRule | None) -> Data:
    assert rule is not None
    terms = rule.courses.select_related("course").order_by("course__code")
    return {
        "version": rule.version,
        "adopted_on": rule.adopted_on.isoformat(),
        "sentence_vi": rule.sentence_vi,
        "sentence_en": rule.sentence_en,
        "sectors": rule.sectors,
        "kinds": rule.kinds,
        "evidence_kinds": rule.evidence_kinds,
        "minimum_periods": rule.minimum_periods,
        "agencies_left_out": sorted(rule.agencies_left_out.values_list("slug", flat=True)),
        "courses": [
            {
                "code": term.course.code,
                "title": term.course.title_vi,
                "counts_from": term.counts_from.isoformat() if term.counts_from else "",
                "counts_to": term.counts_to.isoformat() if term.counts_to else "",
            }
            for term in terms
        ],
    }


def _indicator(count: Count) -> Data:
    row = Indicator.objects.get(slug=count.indicator)
    return {"slug": row.slug, "title_vi": row.title_vi, "title_en": row.title_en}


def _targets(count: Count) -> list[Data]:
    return [
        {
            "due_on": goal.due_on.isoformat(),
            "minimum": goal.minimum,
            "persons": goal.persons,
            "met_on": goal.met_on.isoformat() if goal.met_on else "",
            "met": goal.met,
            "legal_basis": goal.legal_basis,
        }
        for goal in milestones(count)
    ]


def _new(
    count: Count, starts_on: dt.date, agencies: dict[int, Agency]
) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """People first counted since a day: by sector, by kind and by agency."""
    sectors, kinds, by_agency = Counter[str](), Counter[str](), Counter[str]()
    for first in (person.first for person in count.each_person()):
        if first.completed_on >= starts_on:
            sectors[first.sector] += 1
            kinds[first.agency_kind] += 1
            by_agency[agencies[first.sending_agency_id].slug] += 1
    return sectors, kinds, by_agency


def _groups(count: Count, by: GroupBy, new: Counter[str]) -> list[Data]:
    return [
        {
            "key": group.key,
            "label": group.label,
            "persons": group.persons,
            "new": new[group.key],
            "completions": group.completions,
        }
        for group in groups(count, by)
    ]
