"""What a person should learn next, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from common import clock
from competencies.models import CourseCompetency
from competencies.progress import Gap, Requirement, gaps_of, learnt_by
from courses.models import Course, CourseRun
from enrollment.models import Enrollment
from people.models import Merge, Trainee
from people.querysets import resolved, rows_of

MOST = 3


@dataclass(frozen=True)
class Recommendation:
    """A course, for which audiences it is meant, what it would add, and the class to join."""

    course: Course
    position: str
    audiences: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    run: CourseRun | None = None

    @property
    def heading(self) -> str:
        who = {"audience": ", ".join(self.audiences), "position": self.position}
        if self.position:
            return _("Audience: %(audience)s. Your position: %(position)s.") % who
        return _("Audience: %(audience)s.") % who


def recommended_to(person: Trainee) -> list[Recommendation]:
    """For what the person lacks, courses on offer; those with an open class first.

    Of several courses that teach a competency the one that leads least far beyond the level. A
    course whose prerequisites are missing waits behind them; one that somebody is enrolled in is
    not recommended.
    """
    survivors = Merge.objects.present_survivor_by_absorbed()
    person_id = resolved(person.pk, survivors)
    gaps = gaps_of([person_id]).get(person_id, [])
    if not gaps:
        return []
    enrolled = Enrollment.objects.filter(trainee__in=rows_of(person_id, survivors)).in_progress()
    busy = set(enrolled.values_list("run__course", flat=True))
    done = learnt_by([person_id], clock.today()).get(person_id)
    courses = _courses_for(gaps, busy, done.courses if done else set(), person.position)
    runs = _open_runs(courses)
    found = [
        Recommendation(one.course, one.position, one.audiences, one.reasons, runs.get(pk))
        for pk, one in courses.items()
    ]
    return sorted(found, key=lambda one: one.run is None)[:MOST]


def _courses_for(
    gaps: Sequence[Gap], busy: set[int], done: set[int], position: str
) -> dict[int, Recommendation]:
    teaching = _teaching(gaps)
    found: dict[int, Recommendation] = {}
    for gap in gaps:
        for requirement in gap.requirements:
            reason = _reason(requirement)
            course = requirement.course or _best(requirement, teaching)
            if course is None or not course.is_offered or course.pk in busy:
                continue
            before = [one for one in course.prerequisites.all() if one.pk not in done]
            if before:
                reason = _("needed before %(course)s") % {"course": course.title}
            for one in before or [course]:
                if one.is_offered and one.pk not in busy:
                    known = found.setdefault(one.pk, Recommendation(one, position))
                    _add(known.audiences, gap.rule.audience.title)
                    _add(known.reasons, reason)
    return found


def _add(texts: list[str], text: str) -> None:
    if text not in texts:
        texts.append(text)


def _reason(requirement: Requirement) -> str:
    if requirement.course:
        return _("this course is asked for")
    if requirement.competency:
        return _("%(requirement)s is missing") % {"requirement": requirement}
    return _("no course has been completed yet")


def _teaching(gaps: Iterable[Gap]) -> list[CourseCompetency]:
    """What courses on offer teach today of what is missing, the lowest level first."""
    missing = [one.competency for gap in gaps for one in gap.requirements if one.competency]
    wanted = Q(pk__in=[])
    for one in missing:
        slug, code = one.competency.key
        wanted |= Q(competency__framework__slug=slug, competency__code=code)
    links = CourseCompetency.objects.on(clock.today()).filter(wanted, course__is_offered=True)
    related = links.select_related("competency__framework", "level", "course")
    prefetched = related.prefetch_related("course__prerequisites")
    return list(prefetched.order_by("level__number", "course__code"))


def _best(requirement: Requirement, teaching: Sequence[CourseCompetency]) -> Course | None:
    """None where no course on offer teaches it up to the level, or any course would do."""
    needed = requirement.competency
    if needed is None:
        return None
    return next(
        (
            link.course
            for link in teaching
            if link.competency.key == needed.competency.key
            and link.level.number >= needed.level.number
        ),
        None,
    )


def _open_runs(courses: Mapping[int, Recommendation]) -> dict[int, CourseRun]:
    """Of each course the first class that takes enrollment, one with a seat before a full one."""
    runs = CourseRun.objects.of_the_programme().taking_enrollment(clock.today())
    found = list(runs.filter(course__in=list(courses)).order_by("starts_on", "code"))
    found.sort(key=lambda run: run.seats_left <= 0)
    first: dict[int, CourseRun] = {}
    for run in found:
        first.setdefault(run.course_id, run)
    return first
