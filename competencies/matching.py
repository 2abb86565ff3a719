"""Who belongs to an audience on a day, and why."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import BigIntegerField, F, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce

from agencies.models import Agency
from common import clock
from common.bulk import in_list
from common.vietnamese import search_key
from competencies.models import AudienceRule
from enrollment.models import Enrollment
from people.models import Trainee, Transfer
from people.querysets import TraineeQuerySet


@dataclass(frozen=True, slots=True)
class Facts:
    """What the records say of a person on a day."""

    position: str
    unit: str
    agency_kind: str
    trainee_kind: str


@lru_cache(maxsize=65_536)  # many people have the same position
def _words(text: str) -> str:
    return f" {' '.join(search_key(text).split())} "


def contains_any(text: str, phrases: Iterable[str]) -> bool:
    """Whether a phrase stands in a text, as whole words."""
    words = _words(text)
    return any(_words(phrase) in words for phrase in phrases)


def position_fits(rule: AudienceRule, position: str) -> bool:
    wanted = not rule.positions or contains_any(position, rule.positions)
    return wanted and not contains_any(position, rule.positions_not)


def belongs(rule: AudienceRule, facts: Facts) -> bool:
    """By what is known of one person; ``members`` asks the same of everybody."""
    return (
        position_fits(rule, facts.position)
        and (not rule.units or contains_any(facts.unit, rule.units))
        and (not rule.agency_kinds or facts.agency_kind in rule.agency_kinds)
        and (not rule.trainee_kinds or facts.trainee_kind in rule.trainee_kinds)
    )


def with_facts(people: TraineeQuerySet, day: dt.date) -> Any:
    """People with ``position_then``, ``unit_then``, ``agency_then``, ``kind_then``.

    Today the record tells position, unit and agency. Of a former day, transfers since then tell
    the agency, and the last enrollment recorded by then position and unit, where there is one. The
    last enrollment that names it tells whether somebody is an official or an expert.
    """
    sent = Enrollment.objects.filter(
        trainee=OuterRef("pk"), recorded_at__lte=clock.end_of_day(day)
    ).order_by("-recorded_at", "-pk")
    kind = Subquery(sent.exclude(trainee_kind="").values("trainee_kind")[:1])
    if day >= clock.today():
        return people.annotate(
            position_then=F("position"),
            unit_then=F("unit"),
            agency_then=F("agency"),
            kind_then=kind,
        )
    moved = Transfer.objects.filter(trainee=OuterRef("pk"), moved_on__gt=day)
    left = moved.order_by("moved_on", "pk").values("from_agency")[:1]

    def then(name: str) -> Coalesce:
        return Coalesce(Subquery(sent.exclude(**{name: ""}).values(name)[:1]), F(name))

    return people.filter(recorded_at__lte=clock.end_of_day(day)).annotate(
        position_then=then("position"),
        unit_then=then("unit"),
        agency_then=Coalesce(Subquery(left), F("agency"), output_field=BigIntegerField()),
        kind_then=kind,
    )


def members(rule: AudienceRule, day: dt.date, people: TraineeQuerySet | None = None) -> Any:
    """The people of an audience on a day, each once, with the facts of that day."""
    rows = Trainee.objects.all() if people is None else people
    found = with_facts(rows.unmerged().named(), day)
    if rule.positions or rule.positions_not:
        fitting = _texts("position", day, lambda text: position_fits(rule, text))
        found = found.filter(position_then__in=_texts_in(fitting))
    if rule.units:
        fitting = _texts("unit", day, lambda text: contains_any(text, rule.units))
        found = found.filter(unit_then__in=_texts_in(fitting))
    if rule.agency_kinds:
        agencies = Agency.objects.filter(kind__in=rule.agency_kinds)
        found = found.filter(agency_then__in=agencies.values("pk"))
    if rule.trainee_kinds:
        found = found.filter(kind_then__in=rule.trainee_kinds)
    return found


def _texts(name: str, day: dt.date, fits: Callable[[str], bool]) -> list[str]:
    """The different texts of a column that fit: few, however many people there are."""
    models: list[type[Model]] = [Trainee]
    if day < clock.today():
        models.append(Enrollment)
    texts: set[str] = set()
    for model in models:
        rows = model._default_manager.order_by().values_list(name, flat=True).distinct()
        texts.update(rows)
    return [text for text in texts if fits(text)]


def _texts_in(texts: list[str]) -> Any:
    return in_list(texts) if texts else ()


def facts_by_person(people: Collection[int], day: dt.date) -> dict[int, Facts]:
    rows = with_facts(Trainee.objects.filter(pk__in=in_list(people)), day).order_by()
    found = list(rows.values_list("pk", "position_then", "unit_then", "agency_then", "kind_then"))
    agencies = Agency.objects.filter(pk__in=in_list({row[3] for row in found}))
    kinds = dict(agencies.values_list("pk", "kind"))
    return {
        pk: Facts(position, unit, kinds[agency], kind or "")
        for pk, position, unit, agency, kind in found
    }
