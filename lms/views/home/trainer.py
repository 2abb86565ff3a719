"""A trainer's day: today's sessions with their attendance, what comes, what is to be finished."""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from common import clock, formats
from courses.models import CourseRun, Session
from courses.querysets import CourseRunQuerySet
from courses.views import run_facts
from enrollment.choices import Mark
from enrollment.models import Attendance
from lms.views.home.lines import Line, due
from lms.views.home.office import DAYS_TO_CLOSE

MOST_COMING, MOST_TO_FINISH = 3, 5


def trainer_home(user: User) -> dict[str, Any]:
    runs = CourseRun.objects.taught_by(user).exclude(state="cancelled")
    today = _sessions_today(runs)
    coming = runs.filter(starts_on__gt=clock.today()).exclude(state="closed")
    return {
        "sessions": _sessions(today),
        "next": None if today else _next_session(runs),
        "coming": [
            run_facts(run) | {"title": run.course.title}
            for run in coming.select_related("course").order_by("starts_on")[:MOST_COMING]
        ],
        "to_finish": [_to_finish(run) for run in runs.over().order_by("ends_on")[:MOST_TO_FINISH]],
        "taught": runs.filter(state="closed").count(),
        "is_new": not runs.exists(),
    }


def _sessions_today(runs: CourseRunQuerySet) -> list[Session]:
    today = clock.today()
    found = Session.objects.filter(
        run__in=runs.values("pk"),
        starts_at__range=(clock.start_of_day(today), clock.end_of_day(today)),
    )
    return list(found.select_related("run__course").order_by("starts_at"))


def _sessions(sessions: list[Session]) -> list[dict[str, Any]]:
    """As boxes in order of time; the present or next one is the one to press."""
    last = dict(
        Session.objects.filter(run__in=[one.run_id for one in sessions])
        .order_by()
        .values_list("run")
        .annotate(Count("pk"))
    )
    marks = _marks(sessions)
    now = clock.now()
    main = next((one for one in sessions if one.ends_at >= now), None)
    return [
        {
            "starts": f"{one.starts_at.astimezone(clock.HANOI):%H:%M}",
            "ends": f"{one.ends_at.astimezone(clock.HANOI):%H:%M}",
            "run": one.run,
            "number": one.number,
            "topic": one.topic,
            "about": _("session %(number)s of %(total)s")
            % {"number": one.number, "total": last[one.run_id]},
            "people": _people(one.run.seats_taken),
            "marks": _marks_text(marks[one.pk]),
            "is_over": one.ends_at < now,
            "is_main": one is main,
        }
        for one in sessions
    ]


def _marks(sessions: list[Session]) -> dict[int, Counter[str]]:
    found: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Attendance.objects.filter(session__in=sessions).order_by().values_list("session", "mark")
    for session, mark, number in rows.annotate(Count("pk")):
        found[session][mark] = number
    return found


def _marks_text(marks: Counter[str]) -> str:
    return ", ".join(
        f"{formats.number(marks[mark])} {mark.label.lower()}" for mark in Mark if marks[mark]
    )


def _people(number: int) -> str:
    text = ngettext("%(number)s trainee", "%(number)s trainees", number)
    return text % {"number": formats.number(number)}


def _next_session(runs: CourseRunQuerySet) -> dict[str, Any] | None:
    ahead = Session.objects.filter(run__in=runs.values("pk"), starts_at__gt=clock.now())
    first = ahead.select_related("run__course").order_by("starts_at").first()
    if first is None:
        return None
    return {
        "at": formats.instant(first.starts_at),
        "title": first.run.course.title,
        "run": first.run,
    }


def _to_finish(run: CourseRun) -> Line:
    return Line(
        title=_("Close class %(code)s") % {"code": run.code},
        href=reverse("run_results", args=[run.code]),
        count=run.seats_taken,
        more=_("ended on %(day)s") % {"day": formats.day(run.ends_on)},
        **due(run.ends_on + dt.timedelta(days=DAYS_TO_CLOSE)),
    )
