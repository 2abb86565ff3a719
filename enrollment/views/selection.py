"""What is done to several people of a class at once, each on the terms of the single action."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.choices import MESSAGE_WRITERS, PEOPLE_MANAGERS, STAFF
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import allow
from common.errors import DomainError
from common.form_errors import error_as_message
from courses.models import CourseRun
from enrollment.choices import NOT_LIVE
from enrollment.forms.enrollments import MoveToForm, SelectionForm, WithdrawSeveralForm
from enrollment.models import Enrollment
from enrollment.services.enrollments import approve, withdraw_several
from enrollment.services.moving import move_people
from enrollment.services.nominations import next_step
from enrollment.services.people import people_nominable_by
from enrollment.views.enrollments import may_decide, message_nomination
from enrollment.views.shared import require_announced
from enrollment.views.taking_back import remember_given_up

Answer = Callable[[AuthenticatedHttpRequest, CourseRun, list[Enrollment]], HttpResponse]


@allow(*STAFF)
@require_POST
def act_on_selection(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    require_announced(run, request.user)
    action, roles = _ACTIONS.get(request.POST.get("action", ""), (None, ()))
    if action and not request.user.has_role(*roles):
        raise PermissionDenied
    visible = Enrollment.objects.visible_to(request.user).filter(run=run)
    form = SelectionForm(request.POST, enrollments=visible)
    if action is None or not form.is_valid():
        messages.error(request, _("Select at least one person of this class."))
        return redirect("run", code)
    chosen = form.cleaned_data["who"].with_person_for(request.user).in_roster_order()
    return action(request, run, list(chosen.select_related("trainee", "run__course")))


def _approve(
    request: AuthenticatedHttpRequest, run: CourseRun, chosen: list[Enrollment]
) -> HttpResponse:
    manageable, others = _manageable(request.user, chosen)
    done, refused = 0, [_not_yours(one) for one in others]
    for enrollment in manageable:
        step = next_step(enrollment)
        if step and not may_decide(request.user, step):
            refused.append(_line(enrollment, _("the programme office decides next")))
            continue
        try:
            approve(by=request.user.as_actor(), enrollment=enrollment)
        except DomainError as error:
            refused.append(_line(enrollment, error.message))
        else:
            done += 1
    if done:
        text = ngettext("%(count)s person approved.", "%(count)s people approved.", done)
        messages.success(request, text % {"count": formats.number(done)})
    for line in refused:
        messages.warning(request, line)
    return redirect("run", run.code)


def _withdraw(
    request: AuthenticatedHttpRequest, run: CourseRun, chosen: list[Enrollment]
) -> HttpResponse:
    going, staying = _those_who_can_go(request.user, chosen)
    form = WithdrawSeveralForm(request.POST if "agreed" in request.POST else None)
    if going and form.is_valid():
        with error_as_message(request):
            reasons = dict.fromkeys((one.pk for one in going), form.cleaned_data["reason"])
            withdraw_several(by=request.user.as_actor(), run=run, reasons=reasons)
            remember_given_up(request, *reasons)
            text = ngettext(
                "%(count)s person withdrawn.", "%(count)s people withdrawn.", len(going)
            )
            messages.success(request, text % {"count": formats.number(len(going))})
        return redirect("run", run.code)
    heading = ngettext(
        "Withdraw %(count)s person from class %(code)s?",
        "Withdraw %(count)s people from class %(code)s?",
        len(going),
    )
    follows = _(
        "Their seats go at once to the first people on the waiting list. Seats that nobody waits "
        "for can be taken back within 15 minutes. The people and their agencies are notified."
    )
    words = {"action": "withdraw", "label": _("Withdraw"), "follows": follows}
    return _confirm(request, run, form, heading, going, staying, words)


def _move(
    request: AuthenticatedHttpRequest, run: CourseRun, chosen: list[Enrollment]
) -> HttpResponse:
    leaving, staying = _those_who_can_go(request.user, chosen)
    # To leave, the sender's word is enough; into the other class they are nominated.
    nominable = people_nominable_by(request.user).filter(pk__in=[one.trainee_id for one in leaving])
    ids = set(nominable.values_list("pk", flat=True))
    going = [one for one in leaving if one.trainee_id in ids]
    others = [one for one in leaving if one.trainee_id not in ids]
    staying += [_line(one, _("you cannot nominate this person")) for one in others]
    form = MoveToForm(request.POST if "agreed" in request.POST else None, run=run)
    if going and form.is_valid():
        to: CourseRun = form.cleaned_data["to"]
        with error_as_message(request):
            by, rows = request.user.as_actor(), [one.pk for one in going]
            outcome = move_people(by=by, run=run, to=to, enrollments=rows)
            message_nomination(request, outcome)
            run = to
        return redirect("run", run.code)
    heading = ngettext(
        "Move %(count)s person from class %(code)s?",
        "Move %(count)s people from class %(code)s?",
        len(going),
    )
    follows = _(
        "They leave this class, and their seats go to its waiting list. In the other class they "
        "get a seat, or the last positions of its waiting list. Everyone is notified."
    )
    words = {"action": "move", "label": _("Move"), "follows": follows}
    return _confirm(request, run, form, heading, going, staying, words)


def _confirm(
    request: AuthenticatedHttpRequest,
    run: CourseRun,
    form: Any,
    heading: str,
    going: Sequence[Enrollment],
    staying: Sequence[str],
    words: dict[str, str],
) -> HttpResponse:
    if not going:
        for line in staying:
            messages.warning(request, line)
        return redirect("run", run.code)
    count = {"count": formats.number(len(going)), "code": run.code}
    context = {"run": run, "form": form, "going": going, "staying": staying}
    context |= words | {"heading": heading % count}
    status = 400 if form.errors else 200
    return render(request, "enrollment/selection.html", context, status=status)


def _message(
    request: AuthenticatedHttpRequest, run: CourseRun, chosen: list[Enrollment]
) -> HttpResponse:
    return _with_who(reverse("new_class_message", args=[run.code]), chosen)


def _export(
    request: AuthenticatedHttpRequest, run: CourseRun, chosen: list[Enrollment]
) -> HttpResponse:
    return _with_who(reverse("roster_file", args=[run.code, "xlsx"]), chosen)


def _with_who(address: str, chosen: Sequence[Enrollment]) -> HttpResponse:
    return redirect(f"{address}?{urlencode([('who', one.pk) for one in chosen])}")


def _manageable(
    user: User, chosen: Sequence[Enrollment]
) -> tuple[list[Enrollment], list[Enrollment]]:
    rows = Enrollment.objects.manageable_by(user).filter(pk__in=[one.pk for one in chosen])
    ids = set(rows.values_list("pk", flat=True))
    return [one for one in chosen if one.pk in ids], [one for one in chosen if one.pk not in ids]


def _those_who_can_go(
    user: User, chosen: Sequence[Enrollment]
) -> tuple[list[Enrollment], list[str]]:
    """Who can leave the class, and why the others cannot."""
    manageable, others = _manageable(user, chosen)
    going = [one for one in manageable if one.state not in NOT_LIVE]
    ended = [_line(one, one.get_state_display()) for one in manageable if one.state in NOT_LIVE]
    return going, [*map(_not_yours, others), *ended]


def _not_yours(enrollment: Enrollment) -> str:
    return _line(enrollment, _("another agency decides on this person"))


def _line(enrollment: Enrollment, why: str) -> str:
    return f"{enrollment.displayed_name}: {why}"


_ACTIONS: dict[str, tuple[Answer, Sequence[Any]]] = {
    "approve": (_approve, PEOPLE_MANAGERS),
    "withdraw": (_withdraw, PEOPLE_MANAGERS),
    "move": (_move, PEOPLE_MANAGERS),
    "message": (_message, MESSAGE_WRITERS),
    "export": (_export, STAFF),
}
