from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.choices import Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from agencies.models import Agency
from common import clock, formats
from common.access import SIGNED_IN, allow
from counting.counter import counted
from courses.choices import RunState
from courses.models import CourseRun
from courses.querysets import CourseRunQuerySet
from courses.views import run_facts
from enrollment.models import Completion, Enrollment
from enrollment.views import TONES
from lms.views.board import outlook_board
from people.models import CandidatePair, DataRequest, Trainee, TransferRequest
from profiles.views.own_record import own_certificates, own_enrollments, own_profile
from targets.models import CooperatingUnit, TaskReport
from targets.progress import Milestone, milestones

MOST_ROWS = 50


@allow(SIGNED_IN)
@never_cache
def my_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "role_names": [Role(role).label for role in sorted(request.user.roles)]
    }
    context["enrollments"] = own_enrollments(request.user)
    context["certificates"] = own_certificates(request.user)
    context["profile"] = own_profile(request.user)
    asked = TransferRequest.objects.pending().of_user(request.user)
    context["transfers"] = asked.select_related("to_agency")
    context["tones"] = TONES
    if request.user.has_role(Role.TRAINER):
        context["taught"] = _rows(CourseRun.objects.taught_by(request.user))
    if request.user.has_role(Role.COORDINATOR):
        context["coordinator"] = _agencies_of(request.user)
    if request.user.reads_everything:
        context["board"] = _board()
    return render(request, "lms/my.html", context)


def _rows(runs: CourseRunQuerySet) -> list[dict[str, Any]]:
    shown = runs.select_related("course")[:MOST_ROWS]
    return [run_facts(run) | {"title": run.course.title} for run in shown]


def _agencies_of(user: User) -> dict[str, Any]:
    agencies = list(Agency.objects.visible_to_coordinator(user))
    sent = Enrollment.objects.filter(sending_agency__in=agencies)
    completed = Completion.objects.not_voided().filter(sending_agency__in=agencies)
    people = Trainee.objects.named().filter(agency__in=agencies)
    coming = CourseRun.objects.taking_enrollment(clock.today())
    answers = CooperatingUnit.objects.unanswered().answerable_by(user)
    return {
        "agencies": agencies,
        "answers": formats.number(answers.count()),
        "transfers": formats.number(TransferRequest.objects.answerable_by(user).count()),
        "figures": [
            (_("people registered"), formats.number(people.count())),
            (_("currently have a seat"), formats.number(sent.filter(state="enrolled").count())),
            (_("on a waiting list"), formats.number(sent.filter(state="waitlisted").count())),
            (_("pending approval"), formats.number(sent.pending_approval().count())),
            (
                _("people who completed a course"),
                formats.number(completed.values("trainee").distinct().count()),
            ),
        ],
        "runs": _rows(coming.order_by("starts_on")),
    }


def _to_approve() -> list[CourseRun]:
    waiting = CourseRun.objects.filter(enrollments__in=Enrollment.objects.pending_approval())
    runs = waiting.annotate(pending=Count("enrollments")).select_related("course")
    return list(runs.order_by("starts_on", "code")[:MOST_ROWS])


def _board() -> dict[str, Any]:
    count = counted()
    to_close = CourseRun.objects.filter(
        state__in=(RunState.OPEN, RunState.RUNNING), ends_on__lt=clock.today()
    )
    to_approve = _to_approve()
    return {
        "outlook": outlook_board(count),
        "number": formats.number(count.persons),
        "as_of": _("as of %(day)s") % {"day": formats.day(count.as_of)},
        "rule": count.rule,
        "goals": [_goal(goal) for goal in milestones(count)],
        "figures": _figures_of_the_office(anchor="#to-approve" if to_approve else ""),
        "to_approve": to_approve,
        "to_close": _rows(to_close.order_by("ends_on")),
    }


def _goal(goal: Milestone) -> dict[str, Any]:
    return {
        "label": _("At least %(minimum)s by %(day)s")
        % {"minimum": formats.number(goal.minimum), "day": formats.day(goal.due_on)},
        "text": f"{formats.number(goal.persons)} / {formats.number(goal.minimum)}",
        "done": min(goal.persons, goal.minimum),
        "total": goal.minimum,
    }


def _figures_of_the_office(*, anchor: str) -> list[tuple[str, str, str]]:
    asked = DataRequest.objects.all()
    without_certificate = Completion.objects.not_voided().exclude(certificates__state="issued")
    late = formats.number(asked.overdue().count())
    figures = [
        (_("enrollments pending approval"), Enrollment.objects.pending_approval(), anchor),
        (_("possible duplicates"), CandidatePair.objects.open(), reverse("pairs")),
        (
            _("requests about personal data, %(late)s of them late") % {"late": late},
            asked.open(),
            reverse("data_requests"),
        ),
        (
            _("reported progress of tasks to review"),
            TaskReport.objects.waiting(),
            reverse("tasks") + "?to_review=on",
        ),
        (
            _("transfer requests awaiting an answer"),
            TransferRequest.objects.pending(),
            reverse("transfer_requests"),
        ),
        (
            _("completions without a valid certificate"),
            without_certificate,
            reverse("certificates"),
        ),
    ]
    return [(label, formats.number(rows.count()), address) for label, rows, address in figures]
