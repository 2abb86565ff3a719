"""Search over what a user may see: people, classes, courses, certificates, agencies.

Each kind is asked of the question that its list asks, so nothing is found here that is not shown
there. Exact codes and printed numbers lead; everything else matches by each of its words, without
case and accents.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.choices import STAFF
from accounts.models import User
from agencies.models import Agency
from certificates.models import Certificate
from certificates.services.verification import normalised_code
from certificates.views.register import TONES, state_label
from common import formats
from common.vietnamese import search_key
from courses.models import Course, CourseRun
from courses.views import run_facts
from enrollment.services.people import people_listed_for
from people.models import Trainee
from profiles.training_status import TrainingStatuses
from profiles.views.people import STATUS_TONES

FEW, MANY = 5, 50  # hits of each kind on the page of all kinds, and on that of one
SHORTEST = 2
MOST_COUNTED = 1000
_REGISTER_NUMBER = re.compile(r"0*(\d{1,9})/(\d{4})(?:/([\w-]{1,20}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    href: str
    facts: str
    badge: str = ""
    tone: str = ""
    explain: str = ""  # address of why a person is counted, or not


@dataclass(frozen=True, slots=True)
class Kind:
    """``rows`` in the order of their list, exact ones apart; ``hits`` shows some of them."""

    key: str
    label: Promise
    rows: Callable[[User, "Sought"], QuerySet[Any]]
    exact: Callable[[User, str], QuerySet[Any]]
    hits: Callable[[list[Any], "Sought"], Iterable[Hit]]


@dataclass(frozen=True)
class Sought:
    text: str
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", search_key(self.text).split())

    def in_column(self, column: str) -> Q:
        """Rows whose search key has every word."""
        wanted = Q()
        for word in self.words:
            wanted &= Q(**{f"{column}__contains": word})
        return wanted

    def marked(self, text: str) -> SafeString:
        """The text with its words that match, whatever their accents, marked."""
        shown = [
            format_html("<mark>{}</mark>", word) if self._has(word) else conditional_escape(word)
            for word in text.split(" ")
        ]
        return SafeString(" ".join(shown))

    def _has(self, word: str) -> bool:
        bare = search_key(word)
        return any(wanted in bare for wanted in self.words)


@dataclass(frozen=True, slots=True)
class Group:
    kind: Kind
    hits: list[Hit]
    count: int

    @property
    def number(self) -> str:
        more = "+" if self.count >= MOST_COUNTED else ""
        return formats.number(self.count) + more

    @property
    def has_more(self) -> bool:
        return self.count > len(self.hits)


def search(user: User, text: str, only: str = "") -> list[Group]:
    """A group for each kind; those with an exact hit first. Too short a text finds nothing."""
    sought = Sought(text.strip())
    if len(sought.text) < SHORTEST or not sought.words:
        return []
    most = MANY if only else FEW
    found = [_group(user, kind, sought, most if only in ("", kind.key) else 0) for kind in KINDS]
    return [group for _rank, group in sorted(found, key=lambda one: one[0])]


def _group(user: User, kind: Kind, sought: Sought, most: int) -> tuple[int, Group]:
    exact = list(kind.exact(user, sought.text)[:most]) if most else []
    known = [row.pk for row in exact]
    others = kind.rows(user, sought)
    rows = [*exact, *others.exclude(pk__in=known)[: most - len(exact)]] if most else []
    count = len(rows)
    if not most or count == most:
        # Counted only where more may have matched, and no further than anybody would read.
        count = others.order_by()[:MOST_COUNTED].count()
    return 0 if exact else 1, Group(kind, list(kind.hits(rows, sought)), max(count, len(rows)))


# People ---------------------------------------------------------------------------------


def _people(user: User, sought: Sought) -> QuerySet[Trainee]:
    if not user.has_role(*STAFF):
        return Trainee.objects.none()
    people = people_listed_for(user).select_related("agency")
    return people.filter(sought.in_column("search_key")).in_roster_order()


def _person_by_code(user: User, text: str) -> QuerySet[Trainee]:
    if not user.has_role(*STAFF):
        return Trainee.objects.none()
    return people_listed_for(user).select_related("agency").filter(code=text.upper())


def _person_hits(people: list[Trainee], sought: Sought) -> Iterable[Hit]:
    statuses = TrainingStatuses().of(person.pk for person in people) if people else {}
    for person in people:
        born = formats.day(person.birth_date) if person.birth_date else person.birth_year
        work = ", ".join(part for part in (person.position, person.unit) if part)
        facts = [person.code, born and _("born %(day)s") % {"day": born}, work, person.agency.name]
        status = statuses[person.pk]
        yield Hit(
            title=sought.marked(person.full_name),
            href=reverse("person", args=[person.code]),
            facts=" · ".join(str(fact) for fact in facts if fact),
            badge=str(status.label),
            tone=STATUS_TONES[status],
            explain=reverse("explain", args=[person.code]),
        )


# Classes and courses --------------------------------------------------------------------


def _runs(user: User, sought: Sought) -> QuerySet[CourseRun]:
    runs = CourseRun.objects.visible_to(user).of_the_programme().select_related("course")
    return runs.matching(sought.text)


def _run_by_code(user: User, text: str) -> QuerySet[CourseRun]:
    runs = CourseRun.objects.visible_to(user).of_the_programme().select_related("course")
    return runs.filter(code=text.upper())


def _run_hits(runs: list[CourseRun], sought: Sought) -> Iterable[Hit]:
    for run in runs:
        facts = run_facts(run)
        yield Hit(
            title=sought.marked(run.course.title),
            href=reverse("run", args=[run.code]),
            facts=" · ".join(one for one in (run.code, facts["days"], run.venue) if one),
            badge=str(facts["state"]),
            tone=facts["tone"],
        )


def _courses(user: User, sought: Sought) -> QuerySet[Course]:
    return Course.objects.visible_to(user).matching(sought.text).order_by("code")


def _course_by_code(user: User, text: str) -> QuerySet[Course]:
    return Course.objects.visible_to(user).filter(code=text.upper())


def _course_hits(courses: list[Course], sought: Sought) -> Iterable[Hit]:
    for course in courses:
        yield Hit(
            title=sought.marked(course.title),
            href=reverse("course", args=[course.code]),
            facts=course.code,
        )


# Certificates ---------------------------------------------------------------------------


def _certificates(user: User, sought: Sought) -> QuerySet[Certificate]:
    named = Trainee.objects.named().filter(sought.in_column("search_key"))
    wanted = Q(erased_at=None, completion__trainee__in=named.values("pk"))
    if sought.text.isascii():
        wanted |= Q(serial_number__startswith=sought.text.upper())
    visible = Certificate.objects.visible_to(user).select_related("completion")
    return visible.filter(wanted).order_by("-issued_at", "-pk")


def _certificate_by_number(user: User, text: str) -> QuerySet[Certificate]:
    """By any number that is printed on it: verification code, serial number, register number."""
    wanted = Q(serial_number=text.upper()) | Q(blank_number=text) & ~Q(blank_number="")
    if code := normalised_code(text):
        wanted |= Q(verification_code=code)
    if match := _REGISTER_NUMBER.fullmatch(text):
        number, year, register = match.groups()
        of_register = Q(register=register.upper()) if register else Q()
        wanted |= of_register & Q(register_number=int(number), year=int(year))
    return Certificate.objects.visible_to(user).select_related("completion").filter(wanted)


def _certificate_hits(certificates: list[Certificate], sought: Sought) -> Iterable[Hit]:
    for one in certificates:
        facts = [
            _("Register number %(number)s") % {"number": one.register_label},
            one.printed_value("full_name"),
            _("issued on %(day)s") % {"day": formats.day(one.issued_at)},
        ]
        yield Hit(
            title=one.serial_number,
            href=reverse("certificate", args=[one.verification_code]),
            facts=SafeString(" · ".join(sought.marked(fact) for fact in facts if fact)),
            badge=state_label(one),
            tone=TONES[str(one.public_state)],
        )


# Agencies -------------------------------------------------------------------------------


def _agencies(user: User, sought: Sought) -> QuerySet[Agency]:
    return Agency.objects.filter(sought.in_column("search_key"))


def _agency_by_slug(user: User, text: str) -> QuerySet[Agency]:
    return Agency.objects.filter(slug=text.lower())


def _agency_hits(agencies: list[Agency], sought: Sought) -> Iterable[Hit]:
    for agency in agencies:
        term = formats.term(None, agency.valid_to)
        yield Hit(
            title=sought.marked(agency.name),
            href=reverse("agency", args=[agency.slug]),
            facts=" · ".join(one for one in (agency.get_kind_display(), term) if one),
        )


KINDS = (
    Kind("people", pgettext_lazy("menu", "Trainees"), _people, _person_by_code, _person_hits),
    Kind("classes", pgettext_lazy("menu", "Classes"), _runs, _run_by_code, _run_hits),
    Kind("courses", gettext_lazy("Courses"), _courses, _course_by_code, _course_hits),
    Kind(
        "certificates",
        gettext_lazy("Certificates"),
        _certificates,
        _certificate_by_number,
        _certificate_hits,
    ),
    Kind("agencies", gettext_lazy("Agencies"), _agencies, _agency_by_slug, _agency_hits),
)
