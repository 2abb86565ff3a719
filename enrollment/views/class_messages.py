"""Messages to people of a class: written, confirmed, and what became of them."""

import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import MESSAGE_WRITERS, STAFF
from accounts.http import AuthenticatedHttpRequest
from accounts.models import User
from common import formats
from common.access import allow
from common.errors import DomainError
from common.form_errors import domain_errors_on
from courses.models import CourseRun
from enrollment.forms.class_messages import ClassMessageForm
from enrollment.message_kinds import CLASS_MESSAGE, WRITER_MAY_NAME
from enrollment.models import ClassMessage, ClassMessageRecipient, Enrollment
from enrollment.services.class_messages import (
    Draft,
    named_files,
    nobody_chosen,
    preview,
    reached,
    runs_to_write_about,
    send_class_message,
)
from enrollment.views.shared import is_staff_of, run_context
from notices.models import NoticeState

PAGE = 50
NAMED = 50
TONES = {NoticeState.PENDING: "wait", NoticeState.SENT: "good", NoticeState.FAILED: "bad"}
_ADDRESS = re.compile(r"\S+@\S+")


@allow(*MESSAGE_WRITERS)
def new_class_message(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    """Write; then see the number of people and one of their messages; then send."""
    run = _run_to_write_about(request.user, code)
    people = Enrollment.objects.filter(run=run).messageable_by(request.user)
    data = request.POST if request.method == "POST" else None
    # Who selected people writes to them alone, even where none of them can be written to.
    who = request.GET.getlist("who")
    initial = {"people": who, "states": []} if who else {}
    form = ClassMessageForm(data, run=run, enrollments=people, initial=initial)
    if form.is_valid() and "edit" not in request.POST:
        with domain_errors_on(form):
            return _send_or_confirm(request, run, form)
    context = _head(request, run) | {
        "form": form,
        "placeholders": [(name, CLASS_MESSAGE.values[name][0]) for name in WRITER_MAY_NAME],
        "is_empty": not people.exists(),
    }
    status = 400 if form.errors else 200
    return render(request, "enrollment/new_message.html", context, status=status)


def _send_or_confirm(
    request: AuthenticatedHttpRequest, run: CourseRun, form: ClassMessageForm
) -> HttpResponse:
    data = form.cleaned_data
    draft = Draft(data["subject"], data["body"].replace("\r\n", "\n"), data.get("materials", ()))
    if "send" not in request.POST:
        return _confirm(request, run, form, draft)
    try:
        message = send_class_message(
            by=request.user.as_actor(),
            sender=request.user,
            run=run,
            enrollments=form.chosen(),
            draft=draft,
            agreed_recipients=data["agreed"],
            key=data["key"],
        )
    except DomainError as error:
        if error.code != "confirm_recipients":
            raise
        return _confirm(request, run, form, draft, question=error.message)
    messages.success(request, _("The message is on its way."))
    return redirect("class_message", run.code, message.pk)


def _confirm(
    request: AuthenticatedHttpRequest,
    run: CourseRun,
    form: ClassMessageForm,
    draft: Draft,
    question: str = "",
) -> HttpResponse:
    people = reached(form.chosen())
    if not people:
        raise nobody_chosen()
    data = form.cleaned_data | {"agreed": len(people)}
    if run.messages.filter(key=data["key"]).exists():
        data["key"] = uuid.uuid4()  # back from a message that was sent: this is another one
    without = [one for one in people if not one.has_address]
    names = [one.enrollment.trainee.full_name for one in without[:NAMED]]
    context = _head(request, run) | {
        "form": ClassMessageForm(
            initial=data,
            run=run,
            enrollments=Enrollment.objects.filter(run=run).messageable_by(request.user),
        ),
        "question": question,
        "heading": _heading(len(people)),
        "label": _label(len(people)),
        "mails": formats.number(len(people) - len(without)),
        "letters": formats.number(len(without)),
        "names": names,
        "more": len(without) - len(names),
        "first": people[0].enrollment.trainee.full_name,
        "language": people[0].recipient.language,
        "mail": preview(draft, sender=request.user, to=people[0]),
        "files": [(name, material.file.size) for name, material in named_files(draft.materials)],
    }
    return render(request, "enrollment/confirm_message.html", context)


def _heading(count: int) -> str:
    text = ngettext(
        "Send this message to %(count)s person?", "Send this message to %(count)s people?", count
    )
    return text % {"count": formats.number(count)}


def _label(count: int) -> str:
    text = ngettext("Send to %(count)s person", "Send to %(count)s people", count)
    return text % {"count": formats.number(count)}


def _head(request: AuthenticatedHttpRequest, run: CourseRun) -> dict[str, Any]:
    """Coordinators write to their people in classes whose other pages they do not open."""
    return run_context(request, run, is_staff=is_staff_of(request.user, run))


def _run_to_write_about(user: User, code: str) -> CourseRun:
    runs = CourseRun.objects.select_related("course").visible_to(user)
    return get_object_or_404(runs_to_write_about(runs, user), code=code)


@allow(*STAFF)
def class_messages(request: AuthenticatedHttpRequest, code: str) -> HttpResponse:
    run = _run_to_read_about(request.user, code)
    page = Paginator(_with_counts(request.user, run), PAGE).get_page(request.GET.get("page"))
    context = _head(request, run) | {
        "page": page,
        "may_write": request.user.has_role(*MESSAGE_WRITERS),
    }
    return render(request, "enrollment/messages.html", context)


def _run_to_read_about(user: User, code: str) -> CourseRun:
    """For auditors too; a coordinator reads on when nobody of theirs is left in the class."""
    if user.reads_everything:
        return get_object_or_404(CourseRun.objects.select_related("course"), code=code)
    written = ClassMessage.objects.visible_to(user).filter(run__code=code).first()
    return written.run if written else _run_to_write_about(user, code)


def _with_counts(user: User, run: CourseRun) -> Any:
    def count(state: NoticeState) -> Count:
        return Count("recipients", filter=Q(recipients__notice__state=state))

    return (
        ClassMessage.objects.visible_to(user)
        .filter(run=run)
        .annotate(
            waiting=count(NoticeState.PENDING),
            sent=count(NoticeState.SENT),
            failed=count(NoticeState.FAILED),
            letters=Count("recipients__letter"),
        )
        .order_by("-pk")
    )


@allow(*STAFF)
def class_message(request: AuthenticatedHttpRequest, code: str, pk: int) -> HttpResponse:
    message = _message_or_404(request.user, code, pk)
    seen = Enrollment.objects.visible_to(request.user)
    recipients = message.recipients.filter(enrollment__in=seen.filter(run=message.run))
    in_order = recipients.order_by("enrollment__trainee__sort_key", "pk")
    page = Paginator(in_order.select_related("notice", "letter"), PAGE).get_page(
        request.GET.get("page")
    )
    context = _head(request, message.run) | {
        "message": message,
        "files": message.files.all(),
        "page": page,
        "rows": _rows(request.user, page),
        "hidden": message.people - page.paginator.count,
        "may_write": request.user.has_role(*MESSAGE_WRITERS),
    }
    return render(request, "enrollment/message.html", context)


@allow(*STAFF)
def class_message_file(
    request: AuthenticatedHttpRequest, code: str, pk: int, file: int
) -> HttpResponseBase:
    found = get_object_or_404(_message_or_404(request.user, code, pk).files, pk=file)
    return FileResponse(found.file.open("rb"), as_attachment=True, filename=found.name)


def _message_or_404(user: User, code: str, pk: int) -> ClassMessage:
    seen = ClassMessage.objects.visible_to(user).select_related("run__course")
    return get_object_or_404(seen, pk=pk, run__code=code)


def _rows(user: User, recipients: Iterable[ClassMessageRecipient]) -> list[dict[str, Any]]:
    found = list(recipients)
    people = Enrollment.objects.with_person_for(user).select_related("trainee")
    names = {
        one.pk: one.displayed_name
        for one in people.filter(pk__in=[one.enrollment_id for one in found])
    }
    return [{"name": names[one.enrollment_id]} | _delivery(one) for one in found]


def _delivery(recipient: ClassMessageRecipient) -> dict[str, Any]:
    """State, tone, instant and reason. A server's answer may repeat the address: left out."""
    if notice := recipient.notice:
        return {
            "state": notice.get_state_display(),
            "tone": TONES.get(NoticeState(notice.state), ""),
            "at": notice.sent_at,
            "reason": _ADDRESS.sub("…", notice.last_error),
        }
    if letter := recipient.letter:
        printed = letter.printed_at
        state = _("no address; letter printed") if printed else _("no address; letter to print")
        return {"state": state, "tone": "good" if printed else "wait", "at": printed}
    return {"state": _("data erased")}
