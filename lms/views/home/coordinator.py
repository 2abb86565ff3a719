"""A coordinator's home: what the agency must answer, its people, its seats, its quota."""

from typing import Any

from django.db.models import Count, F, Min
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from agencies.models import Agency
from certificates.models import NameConfirmation
from common import clock, formats
from counting.counter import counted
from courses.models import CourseRun
from courses.views import run_facts
from enrollment.choices import HOLDING_A_SEAT
from enrollment.models import Enrollment, SeatShare
from lms.views.home.lines import Line, Queue, due, waiting_since
from lms.views.home.people import people_by_status
from people.choices import TrainingStatus
from people.models import Letter, TransferRequest
from rosters.choices import ImportState, Outcome
from rosters.models import RosterImport
from rosters.views.uploads import STATE_TONES
from targets.models import AgencyTask, CooperatingUnit, Quota
from targets.progress.quota_status import quota_statuses
from targets.views.overview import TONES

MOST_RUNS, MOST_ROSTERS, MOST_QUOTAS = 5, 3, 3


def coordinator_home(user: User) -> dict[str, Any]:
    agencies = list(Agency.objects.visible_to_coordinator(user))
    if not agencies:
        return {"agencies": []}
    rosters = list(
        RosterImport.objects.visible_to(user)
        .select_related("run")
        .defer("content", "letter_file", "table")[:MOST_ROSTERS]
    )
    acting = list(Agency.objects.manageable_by(user))
    return {
        "agencies": agencies,
        "heading": acting or agencies,
        "only_read": [agency for agency in agencies if acting and agency not in acting],
        "queue": Queue.of([*_roster_lines(rosters), *_lines(user, agencies)]),
        "people": people_by_status(user),
        "runs": _open_runs(agencies),
        "quotas": _quotas(user),
        "rosters": [(one, STATE_TONES.get(ImportState(one.state), "")) for one in rosters],
    }


def _roster_lines(rosters: list[RosterImport]) -> list[Line]:
    """A line for each of the latest uploads that is not entered as a whole."""
    return [
        Line(
            title=_("Rejected rows not corrected yet")
            if _rejected(one)
            else _("Roster to check and import"),
            href=reverse("roster", args=[one.pk]),
            count=_rejected(one) or 1,
            more=_("%(file)s, class %(code)s") % {"file": one.file_name, "code": one.run.code},
            **_until(one),
        )
        for one in rosters
        if one.state == ImportState.STAGED and one.job_id is not None
    ]


def _rejected(roster: RosterImport) -> int:
    parts = (roster.report or {}).get("parts") or []
    return sum(part.get(Outcome.REJECTED, 0) for part in parts)


def _until(roster: RosterImport) -> dict[str, str]:
    if last := roster.run.enrollment_closes_on:
        by = _("enrollment until %(day)s") % {"day": formats.day(last)}
        return due(last, by=by)
    return waiting_since(roster.uploaded_at)


def _lines(user: User, agencies: list[Agency]) -> list[Line]:
    today = clock.today()
    tasks = AgencyTask.objects.open().manageable_by(user).filter(due_on__lt=today)
    late = tasks.aggregate(count=Count("pk"), first=Min("due_on"), title=Min("title"))
    asked = CooperatingUnit.objects.unanswered().answerable_by(user)
    units = asked.aggregate(count=Count("pk"), title=Min("task__title"))
    moves = TransferRequest.objects.answerable_by(user)
    transfers = moves.aggregate(count=Count("pk"), first=Min("asked_at"))
    unmailed = Letter.objects.manageable_by(user).to_print()
    letters = unmailed.aggregate(count=Count("pk"), first=Min("created_at"))
    unconfirmed = _unconfirmed(agencies)
    return [
        Line(
            title=_("Tasks overdue"),
            href=reverse("tasks"),
            count=late["count"],
            more=late["title"] or "",
            **(due(late["first"]) if late["first"] else {}),
        ),
        Line(
            title=_("Tasks in which your agency is asked to cooperate"),
            href=reverse("tasks"),
            count=units["count"],
            more=units["title"] or "",
        ),
        Line(
            title=_("Transfer requests to answer"),
            href=reverse("transfer_requests"),
            count=transfers["count"],
            **waiting_since(transfers["first"], transfers["count"]),
        ),
        Line(
            title=_("Letters to print"),
            href=reverse("unmailed_letters"),
            count=letters["count"],
            more=_("For people who cannot be reached by e-mail"),
            **waiting_since(letters["first"], letters["count"]),
        ),
        Line(
            title=_("People who have not confirmed their name"),
            href=f"{reverse('people')}?status={TrainingStatus.ENROLLED}",
            count=unconfirmed["count"],
            more=_("It is printed on the certificate"),
            age=_("first class on %(day)s") % {"day": formats.day(unconfirmed["first"])},
        ),
    ]


def _unconfirmed(agencies: list[Agency]) -> dict[str, Any]:
    confirmed = NameConfirmation.objects.of_present_name().values("trainee")
    seated = Enrollment.objects.filter(
        state__in=HOLDING_A_SEAT,
        run__ends_on__gte=clock.today(),
        trainee__agency__in=agencies,
        trainee__user__isnull=False,
    )
    found: dict[str, Any] = seated.exclude(trainee__in=confirmed).aggregate(
        count=Count("trainee", distinct=True), first=Min("run__starts_on")
    )
    return found


def _open_runs(agencies: list[Agency]) -> list[dict[str, Any]]:
    runs = CourseRun.objects.of_the_programme().taking_enrollment(clock.today())
    shown = list(runs.select_related("course").order_by("starts_on")[:MOST_RUNS])
    shares: dict[int, int] = dict(
        SeatShare.objects.filter(run__in=shown, agency__in=agencies, released_at=None).values_list(
            "run", "seats"
        )
    )
    taken: dict[int, int] = dict(
        Enrollment.objects.holding_a_seat()
        .filter(run__in=shares, sending_agency__in=agencies)
        .order_by()
        .values_list("run")
        .annotate(Count("pk"))
    )
    return [_open_run(run, shares.get(run.pk), taken.get(run.pk, 0)) for run in shown]


def _open_run(run: CourseRun, share: int | None, taken: int) -> dict[str, Any]:
    facts = [run.code, formats.days(run.starts_on, run.ends_on), run.venue]
    facts.append(run_facts(run)["seats"] if run.seats_left else _("full"))
    if share:
        left = {"left": max(0, share - taken), "share": share}
        facts.append(_("your agency's share: %(left)s of %(share)s left") % left)
    if run.enrollment_closes_on:
        until = {"day": formats.day(run.enrollment_closes_on)}
        facts.append(_("enrollment until %(day)s") % until)
    return {
        "run": run,
        "facts": [fact for fact in facts if fact],
        "is_full": not run.seats_left,
    }


def _quotas(user: User) -> list[dict[str, Any]]:
    own = Quota.objects.current().visible_to(user).select_related("target", "agency")
    rows = list(own.order_by(F("due_on").asc(nulls_last=True), "target__due_on")[:MOST_QUOTAS])
    if not rows:
        return []
    return [
        {
            "agency": status.quota.agency.name,
            "due": formats.day(status.due_on),
            "text": f"{formats.number(status.persons)} / {formats.number(status.quota.minimum)}",
            "done": min(status.persons, status.quota.minimum),
            "total": status.quota.minimum,
            "missing": formats.number(status.missing),
            "state": status.state.label,
            "tone": TONES[status.state],
        }
        for status in quota_statuses(rows, counted())
    ]
