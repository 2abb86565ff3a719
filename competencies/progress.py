"""What the people of an audience should have learnt, and who has not yet."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from common import clock
from common.bulk import in_list
from competencies.matching import belongs, facts_by_person, members
from competencies.models import Audience, AudienceRule, CourseCompetency, RequiredCompetency
from courses.models import Course
from enrollment.models import Completion
from enrollment.querysets import CompletionQuerySet
from people.models import Merge
from people.querysets import TraineeQuerySet, having, resolved

Key = tuple[str, str]


@dataclass(frozen=True)
class Learnt:
    """What somebody has completed by a day, and the level reached in each competency."""

    courses: set[int] = field(default_factory=set)
    levels: dict[Key, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A course to complete or a competency to have; of a rule that names none, any course."""

    course: Course | None = None
    competency: RequiredCompetency | None = None

    def __str__(self) -> str:
        if self.course:
            return str(self.course)
        if self.competency:
            level = {"competency": self.competency.competency, "level": self.competency.level}
            return _("%(competency)s, level %(level)s") % level
        return _("any course")

    def is_met(self, learnt: Learnt) -> bool:
        if self.course:
            return self.course.pk in learnt.courses
        if self.competency:
            reached = learnt.levels.get(self.competency.competency.key, 0)
            return reached >= self.competency.level.number
        return bool(learnt.courses)

    def met_by(self, completions: CompletionQuerySet) -> CompletionQuerySet:
        """Those that meet it: the same question, asked of the database."""
        if self.course:
            return completions.filter(run__course=self.course)
        if self.competency:
            slug, code = self.competency.competency.key
            links = CourseCompetency.objects.filter(
                _on("completed_on"),
                course=OuterRef("run__course"),
                competency__framework__slug=slug,
                competency__code=code,
                level__number__gte=self.competency.level.number,
            )
            return completions.filter(Exists(links))
        return completions


def requirements_of(rule: AudienceRule) -> list[Requirement]:
    """Of a rule read ``with_requirements``."""
    found = [Requirement(course=course) for course in rule.courses.all()]
    found += [Requirement(competency=one) for one in rule.competencies.all()]
    return found or [Requirement()]


def lacking(rule: AudienceRule, day: dt.date, people: TraineeQuerySet | None = None) -> Any:
    """The members of an audience who have not met all that it asks for by a day."""
    survivors = Merge.objects.present_survivor_by_absorbed()
    completions = _completions(day)
    met = Q()
    for requirement in requirements_of(rule):
        met &= having(requirement.met_by(completions), survivors)
    return members(rule, day, people).exclude(met)


def lacking_in(people: TraineeQuerySet, slug: str) -> Any:
    """Of people those who belong to an audience today and are not yet trained for it."""
    rule = rule_in_force(slug)
    return lacking(rule, clock.today(), people) if rule else people.none()


def rule_in_force(slug: str, day: dt.date | None = None) -> AudienceRule | None:
    rules = AudienceRule.objects.in_force(day or clock.today()).with_requirements()
    return rules.filter(audience__slug=slug).first()


def rules_in_use() -> list[AudienceRule]:
    audiences = Audience.objects.in_use()
    rules = AudienceRule.objects.in_force(clock.today()).filter(audience__in=audiences)
    return list(rules.with_requirements().order_by("audience"))


@dataclass(frozen=True, slots=True)
class AgencyPart:
    agency: int
    members: int
    lacking: int

    @property
    def trained(self) -> int:
        return self.members - self.lacking


def by_agency(
    rule: AudienceRule, day: dt.date, people: TraineeQuerySet | None = None
) -> list[AgencyPart]:
    """The members of each agency, and how many of them are not yet trained."""
    everybody = _numbers(members(rule, day, people))
    behind = _numbers(lacking(rule, day, people))
    return [AgencyPart(agency, number, behind[agency]) for agency, number in everybody.items()]


def _numbers(people: Any) -> Counter[int]:
    rows = people.order_by().values_list("agency_then").annotate(number=Count("pk"))
    return Counter(dict(rows))


def learnt_by(people: Collection[int], day: dt.date) -> Mapping[int, Learnt]:
    """By person; rows merged into one are the person's."""
    survivors = Merge.objects.present_survivor_by_absorbed()
    wanted = set(people)
    merged = [row for row in survivors if resolved(row, survivors) in wanted]
    rows = _completions(day).filter(trainee__in=in_list([*wanted, *merged])).order_by()
    results = list(rows.values_list("trainee_id", "run__course_id", "completed_on"))
    taught = _taught_by({course for _person, course, _day in results})
    found: dict[int, Learnt] = defaultdict(Learnt)
    for row, course, completed_on in results:
        learnt = found[resolved(row, survivors)]
        learnt.courses.add(course)
        for link in taught.get(course, ()):
            if link.covers(completed_on):
                key = link.competency.key
                learnt.levels[key] = max(learnt.levels.get(key, 0), link.level.number)
    return found


@dataclass(frozen=True, slots=True)
class Gap:
    """What somebody lacks of what one audience asks for."""

    rule: AudienceRule
    requirements: Sequence[Requirement]

    def __str__(self) -> str:
        return f"{self.rule.audience}: {'; '.join(map(str, self.requirements))}"


def gaps_of(people: Collection[int]) -> dict[int, list[Gap]]:
    """What each person lacks today, audience by audience; rows merged into one are theirs."""
    rules, day = rules_in_use(), clock.today()
    if not rules:
        return {}
    learnt, facts = learnt_by(people, day), facts_by_person(people, day)
    asked = {rule.pk: requirements_of(rule) for rule in rules}
    found: dict[int, list[Gap]] = {}
    for person, known in facts.items():
        own = learnt.get(person, Learnt())
        gaps = [
            Gap(rule, missing)
            for rule in rules
            if belongs(rule, known)
            if (missing := [one for one in asked[rule.pk] if not one.is_met(own)])
        ]
        if gaps:
            found[person] = gaps
    return found


def _completions(day: dt.date) -> CompletionQuerySet:
    return Completion.objects.not_voided().filter(completed_on__lte=day)


def _on(name: str) -> Q:
    return (Q(first_day=None) | Q(first_day__lte=OuterRef(name))) & (
        Q(last_day=None) | Q(last_day__gte=OuterRef(name))
    )


def _taught_by(courses: Iterable[int]) -> dict[int, list[CourseCompetency]]:
    links = CourseCompetency.objects.filter(course__in=list(courses))
    found: dict[int, list[CourseCompetency]] = {}
    for link in links.select_related("competency__framework", "level"):
        found.setdefault(link.course_id, []).append(link)
    return found
