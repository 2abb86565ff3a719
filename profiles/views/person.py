from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.choices import PEOPLE_MANAGERS, STAFF, Role
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from certificates.models import Certificate
from common import formats
from common.access import allow
from common.errors import DomainError
from common.public_text import ReasonForm
from counting.explanation import explain
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from enrollment.services.people import people_openable_by
from enrollment.views import TONES
from people.forms import PersonForm
from people.limits import NUMBERS
from people.models import CandidatePair, Merge, Trainee, Transfer
from people.querysets import rows_of
from people.services import correct, reveal_number, transfer
from profiles.forms import TransferForm
from profiles.limits import REVEALS
from profiles.training_status import TrainingStatuses
from profiles.views.people import STATUS_TONES

CERTIFICATE_TONES = {"issued": "good", "superseded": "wait", "revoked": "bad"}


@allow(*STAFF)
@never_cache
def person_page(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Rows merged into the person are shown as theirs."""
    person = _get_visible(request.user, code)
    survivors = Merge.objects.not_undone().survivor_by_absorbed()
    rows = rows_of(person.pk, survivors)
    is_known = Trainee.objects.visible_to(request.user).filter(pk=person.pk).exists()
    context: dict[str, Any] = {
        "person": person,
        "is_known": is_known,
        "enrollments": _enrollments(request.user, rows),
        "results": _results(request.user, rows),
        "certificates": _certificates(request.user, rows),
        "survivor": _survivor(request.user, person, rows),
    }
    if is_known:
        context |= _facts(person) | {
            "status": _status(person),
            "counting": _counting(person),
            "may_correct": _may_correct(request.user, person),
            "may_move": request.user.has_role(Role.PROGRAMME_OFFICE) and not person.erased_at,
            "reason_form": ReasonForm(),
        }
    if request.user.reads_everything:
        context |= _doubles(person, rows)
    return render(request, "profiles/person.html", context)


def _get_visible(user: User, code: str) -> Trainee:
    return get_object_or_404(people_openable_by(user).select_related("agency"), code=code)


def _survivor(user: User, person: Trainee, rows: list[int]) -> Trainee | None:
    """The row into which this one was merged, if the visitor may see it."""
    if rows[0] == person.pk:
        return None
    found: Trainee | None = Trainee.objects.visible_to(user).filter(pk=rows[0]).first()
    return found


def _status(person: Trainee) -> dict[str, Any]:
    reached = TrainingStatuses().of([person])[person.pk]
    return {"label": reached.label, "tone": STATUS_TONES[reached]}


def _may_correct(user: User, person: Trainee) -> bool:
    manageable = Trainee.objects.manageable_by(user).filter(pk=person.pk)
    return not person.erased_at and manageable.exists()


def _facts(person: Trainee) -> dict[str, Any]:
    moves = Transfer.objects.filter(trainee=person).select_related("from_agency", "to_agency")
    return {
        "birth": formats.day(person.birth_date) or person.birth_year or "",
        "sex": person.get_sex_display() if person.sex else "",
        "moves": [
            {
                "when": formats.day(move.moved_on),
                "what": move.to_agency.name,
                "more": _("from %(agency)s") % {"agency": move.from_agency.name},
            }
            for move in moves.order_by("-moved_on", "-id")
        ],
    }


def _counting(person: Trainee) -> dict[str, str]:
    found = explain(person.code)
    if found.first is None:
        return {"text": " ".join(reason.message for reason in found.reasons), "tone": ""}
    text = _("Counted since %(day)s, class %(run)s, credited to %(agency)s.")
    values = {
        "day": formats.day(found.since),
        "run": found.first.run.code,
        "agency": found.first.sending_agency.name,
    }
    return {"text": text % values, "tone": "good"}


def _enrollments(user: User, rows: list[int]) -> list[dict[str, Any]]:
    enrollments = Enrollment.objects.visible_to(user).filter(trainee__in=rows)
    enrollments = enrollments.select_related("run__course", "sending_agency")
    return [
        {
            "run": enrollment.run.code,
            "title": enrollment.run.course.title,
            "days": formats.days(enrollment.run.starts_on, enrollment.run.ends_on),
            "agency": enrollment.sending_agency.name,
            "state": enrollment.get_state_display(),
            "tone": TONES.get(EnrollmentState(enrollment.state), ""),
            "remarks": enrollment.remarks,
            "withdrawal_reason": enrollment.withdrawal_reason,
        }
        for enrollment in enrollments.order_by("-run__starts_on", "-id")
    ]


def _results(user: User, rows: list[int]) -> list[dict[str, Any]]:
    results = Completion.objects.visible_to(user).filter(trainee__in=rows)
    results = results.select_related("run__course", "sending_agency")
    return [
        {
            "run": result.run.code,
            "title": result.run.course.title,
            "day": formats.day(result.completed_on),
            "grade": result.get_grade_display(),
            "periods": result.periods,
            "agency": result.sending_agency.name,
            "voided": result.void_reason if result.voided_at else "",
        }
        for result in results.order_by("-completed_on", "-id")
    ]


def _certificates(user: User, rows: list[int]) -> list[dict[str, Any]]:
    found = Certificate.objects.visible_to(user).filter(completion__trainee__in=rows)
    return [
        {
            "code": certificate.verification_code,
            "number": certificate.register_label,
            "title": certificate.printed_value("course_title"),
            "day": formats.day(formats.local_day(certificate.issued_at)),
            "state": certificate.get_state_display(),
            "tone": CERTIFICATE_TONES[str(certificate.public_state)],
        }
        for certificate in found.select_related("completion").order_by("-issued_at", "-id")
    ]


def _doubles(person: Trainee, rows: list[int]) -> dict[str, Any]:
    """Open candidate pairs of the person, and rows merged into them."""
    pairs = CandidatePair.objects.open().filter(first=person.pk).select_related("second")
    others = CandidatePair.objects.open().filter(second=person.pk).select_related("first")
    merges = Merge.objects.not_undone().filter(absorbed__in=rows).select_related("absorbed")
    return {
        "pairs": [
            {"pk": pair.pk, "name": other.full_name, "code": other.code}
            for found, side in ((pairs, "second"), (others, "first"))
            for pair in found
            for other in [getattr(pair, side)]
        ],
        "merged": [
            {
                "code": merge.absorbed.code,
                "name": merge.absorbed.full_name,
                "day": formats.instant(merge.recorded_at),
            }
            for merge in merges
        ],
    }


@allow(*PEOPLE_MANAGERS)
@never_cache
def correct_person(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = _kept(request.user, code)
    form = PersonForm(request.POST) if request.method == "POST" else PersonForm.showing(person)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid() and _sends_too_many_numbers(request.user, form):
            return render(request, "429.html", status=429)
        if form.is_valid():
            try:
                correct(
                    by=request.user.as_actor(),
                    trainee=person,
                    seen=form.cleaned_data["seen"],
                    values=form.values(),
                    known=Trainee.objects.visible_to(request.user),
                )
            except DomainError as error:
                if error.code == "edited_meanwhile":
                    person.refresh_from_db()
                    form, status = PersonForm.showing(person), 409
                messages.error(request, error.message)
            else:
                messages.success(request, _("Corrected."))
                return redirect("person", code)
    context = {"form": form, "person": person, "heading": _("Correct details"), "label": _("Save")}
    return render(request, "profiles/form.html", context, status=status)


def _sends_too_many_numbers(user: User, form: PersonForm) -> bool:
    return bool(form.values().get("personal_number")) and not NUMBERS.allows(None, user.pk)


def _kept(user: User, code: str) -> Trainee:
    return get_object_or_404(Trainee.objects.manageable_by(user), code=code)


@allow(Role.PROGRAMME_OFFICE)
@never_cache
def transfer_person(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = get_object_or_404(Trainee.objects.select_related("agency"), code=code)
    form = TransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            transfer(
                by=request.user.as_actor(), trainee=person, agency=asked["agency"], on=asked["on"]
            )
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Transfer recorded."))
            return redirect("person", code)
    context = {
        "form": form,
        "person": person,
        "heading": _("Transfer to another agency"),
        "note": _(
            "Current agency: %(agency)s. It will still see the enrollments it made, but "
            "nothing else."
        )
        % {"agency": person.agency.name},
        "label": _("Record transfer"),
    }
    return render(
        request, "profiles/form.html", context, status=400 if request.method == "POST" else 200
    )


@allow(*PEOPLE_MANAGERS)
@require_POST
@never_cache
def reveal(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    person = _kept(request.user, code)
    form = ReasonForm(request.POST)
    context: dict[str, Any] = {"person": person, "form": form}
    status = 200
    if not form.is_valid():
        status = 400
    elif not REVEALS.allows(request, request.user.pk):
        context["refusal"] = _("You have viewed many numbers within an hour; please wait a while.")
        status = 429
    else:
        try:
            context["number"] = reveal_number(
                by=request.user.as_actor(), trainee=person, reason=form.cleaned_data["reason"]
            )
        except DomainError as error:
            context["refusal"], status = error.message, 400
    return render(request, "profiles/number.html", context, status=status)
