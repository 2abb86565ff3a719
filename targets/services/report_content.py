"""What a signed report freezes: everything that is printed of it, as plain data.

Each person of the list is committed to by a salted hash, and the hash of the list covers the
commitments: so it can be checked with names and without.
"""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import override

from agencies.models import Agency
from audit.signing import SignedHead, public_keys
from certificates.models import Certificate
from common import clock
from common.bulk import in_list
from counting.groups import groups
from counting.models import CountingRule, Indicator
from counting.replay import Count, GroupBy
from enrollment.models import Completion
from people.models import Trainee
from targets.progress import milestones
from targets.progress.checklist import checklist
from targets.progress.opening import Opening
from targets.progress.quality import quality
from targets.progress.signed_list import commitment, hash_of_list
from targets.progress.task_status import tasks_of_period
from targets.services.opening_content import opening_content
from targets.services.pack_readme import README
from targets.services.percentages_content import percentages_content

M = TypeVar("M", bound=Model)
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frozen:
    """The list of names in order, all else, and the hash of the list."""

    names: list[Data]
    content: Data
    names_sha256: str


def freeze(opening: Opening, letter: Data, audit_head: SignedHead | None = None) -> Frozen:
    """Everything behind a figure that its report prints, in Vietnamese.

    ``audit_head`` is the signed end of the audit log at that moment.
    """
    count, starts_on = opening.count, opening.starts_on
    rows = _completions(count)
    with override("vi"):
        agencies = _agencies(count)
        names = _names(opening, rows, agencies)
        content = {
            "letter": letter,
            "known_as_of": count.known_as_of.astimezone(clock.HANOI).isoformat(),
            "indicator": _indicator(count),
            "rule": _rule(count.rule),
            "targets": _targets(count),
            "sectors": _groups(count, GroupBy.SECTOR, names, "sector", starts_on),
            "kinds": _groups(count, GroupBy.KIND, names, "kind", starts_on),
            "by_agency": _groups(count, GroupBy.AGENCY, names, "agency", starts_on),
            "months": [
                {"key": group.key, "label": group.label, "persons": group.persons}
                for group in groups(count, GroupBy.MONTH)
            ],
            "agencies": [_agency(agency) for agency in agencies.values()],
            "completions": _completion_rows(count, rows, agencies, names),
            "quality": quality(count).as_json(),
            "percentages": percentages_content(opening),
            "tasks": [one.as_json() for one in tasks_of_period(count, starts_on)],
            "audit_head": _audit_head(audit_head),
            "readme": README,
            "checklist": {point.code: point.count for point in checklist(opening)},
            **opening_content(opening, names),
        }
    return Frozen(names, content, hash_of_list(names))


def _audit_head(head: SignedHead | None) -> Data | None:
    """With the public key, since the report outlives the settings that name it."""
    if head is None:
        return None
    return head.to_json() | {"public_key": public_keys().get(head.key, "")}


# The list -------------------------------------------------------------------------------


def _names(
    opening: Opening, rows: dict[int, Completion], agencies: dict[int, Agency]
) -> list[Data]:
    people = _in_bulk(Trainee, [person.person_id for person in opening.count.people])
    ordered = sorted(
        opening.count.people,
        key=lambda one: (people[one.person_id].sort_key, people[one.person_id].code),
    )
    return [
        _name(number, people[one.person_id], rows[one.first.id], agencies)
        | {"previous": " ".join(map(str, opening.numbers_of(one.person_id)))}
        for number, one in enumerate(ordered, start=1)
    ]


def _name(number: int, who: Trainee, first: Completion, agencies: dict[int, Agency]) -> Data:
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


def _completions(count: Count) -> dict[int, Completion]:
    return _in_bulk(Completion, [one.id for one in count.all_completions], "run", "paper")


def _completion_rows(
    count: Count, rows: dict[int, Completion], agencies: dict[int, Agency], names: list[Data]
) -> list[Data]:
    number_by_person = {one["person"]: one["number"] for one in names}
    certificates = Certificate.objects.labels_by_completion(rows.keys())
    return [
        {
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
        for one in count.all_completions
    ]


def _document(completion: Completion) -> str:
    return completion.paper.sha256 if completion.paper else ""


def _agencies(count: Count) -> dict[int, Agency]:
    ids = sorted({one.sending_agency_id for one in count.all_completions})
    return _in_bulk(Agency, ids)


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


def _groups(
    count: Count, by: GroupBy, names: list[Data], field: str, starts_on: dt.date
) -> list[Data]:
    """The parts of the count, with those first counted since the period began."""
    new = Counter(one[field] for one in names if one["since"] >= starts_on.isoformat())
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


def _in_bulk(model: type[M], ids: Sequence[int], *related: str) -> dict[int, M]:
    rows = model._default_manager.filter(pk__in=in_list(ids))
    if model is Trainee:
        rows = rows.defer("personal_number")  # not printed, and slow to decrypt
    return {row.pk: row for row in (rows.select_related(*related) if related else rows)}
