import datetime as dt
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from common import clock
from common.relations import rows_behind
from common.vietnamese import search_key

if TYPE_CHECKING:
    from courses.models import CalendarEvent, Course, CourseRun, Session


class CourseQuerySet(models.QuerySet["Course"]):
    def offered(self) -> Self:
        return self.filter(is_offered=True)

    def visible_to(self, user: Any) -> Self:
        makes = user.is_authenticated and (user.reads_everything or user.has_role("trainer"))
        return self if makes else self.offered()

    def matching(self, text: str) -> Self:
        return self.filter(pk__in=self.ids_matching(text))

    def ids_matching(self, text: str) -> list[int]:
        """Courses whose code or titles contain the text, whatever its accents.

        Compared in Python: courses are few and store no search key.
        """
        wanted = search_key(text)
        columns = ("pk", "code", "title_vi", "title_en")
        return [
            pk
            for pk, *names in self.values_list(*columns)
            if wanted in search_key(" ".join(names)[:500])
        ]


class CourseRunQuerySet(models.QuerySet["CourseRun"]):
    def matching(self, text: str) -> Self:
        """By code, or by the course."""
        of_course = Q(course__in=rows_behind(self, "course").ids_matching(text))
        return self.filter(Q(code__icontains=text.strip()) | of_course)

    def announced(self) -> Self:
        return self.exclude(state="draft")

    def outside(self) -> Self:
        """Courses of platforms and other organisers, without seats."""
        return self.exclude(outside_key="")

    def of_the_programme(self) -> Self:
        return self.filter(outside_key="")

    def taught_by(self, user: Any) -> Self:
        return self.filter(trainers__user=user)

    def visible_to(self, user: Any) -> Self:
        if user.is_authenticated and user.reads_everything:
            return self
        if not user.is_authenticated or not user.has_role("trainer"):
            return self.announced()
        taught = self.model._default_manager.filter(trainers__user=user).values("pk")
        return self.filter(~Q(state="draft") | Q(pk__in=taught))

    def taking_enrollment(self, day: dt.date) -> Self:
        """``CourseRun.takes_enrollment`` in SQL."""
        return self.filter(
            Q(enrollment_opens_on=None) | Q(enrollment_opens_on__lte=day),
            Q(enrollment_closes_on=None) | Q(enrollment_closes_on__gte=day),
            state__in=("open", "running"),
            ends_on__gte=day,
        )

    def over(self) -> Self:
        """``CourseRun.is_over`` in SQL, without courses held elsewhere."""
        ended = self.of_the_programme().filter(ends_on__lt=clock.today())
        return ended.filter(state__in=("open", "running"))

    def coming(self) -> Self:
        return self.announced().filter(starts_on__gte=clock.today())


# What calendars are told of a session, and where it stands.
CALENDAR_FACTS = {
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "topic": "topic",
    "title_vi": "run__course__title_vi",
    "title_en": "run__course__title_en",
    "venue": "run__venue",
    "link": "run__link",
}


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: Any) -> Self:
        return self.filter(run__in=rows_behind(self, "run").visible_to(user))

    def missing_in_calendars(self) -> Self:
        """Sessions that will take place and of which calendars know nothing, or something else."""
        known = rows_behind(self, "calendar_event").filter(
            session=OuterRef("pk"),
            **{name: OuterRef(path) for name, path in CALENDAR_FACTS.items()},
        )
        return self.exclude(run__state__in=("draft", "cancelled")).filter(~Exists(known))


class CalendarEventQuerySet(models.QuerySet["CalendarEvent"]):
    def coming(self) -> Self:
        """Those that take place, or did."""
        return self.filter(cancelled_at=None)

    def over(self) -> Self:
        """Whose session is gone, and of which nobody was told so."""
        return self.coming().filter(Q(session=None) | Q(run__state="cancelled"))

    def shown(self, since: dt.datetime) -> Self:
        """With those that were cancelled since then."""
        return self.filter(Q(cancelled_at=None) | Q(cancelled_at__gte=since))
