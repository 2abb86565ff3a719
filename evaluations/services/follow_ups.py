"""Asking, some months after the training, what of it is used at work."""

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.mail import Recipient
from audit.services import Actor, audit_details, audited
from common import clock, formats
from common.mail_links import LINK, Link
from enrollment.choices import Evidence
from enrollment.models import Completion
from evaluations import message_kinds as kinds
from evaluations.choices import ExampleState, Respondent
from evaluations.errors import EvaluationError, EvaluationInputError
from evaluations.models import FollowUp, FollowUpRule, LineManager
from notices.kinds import MessageKind
from notices.services.messages import Messages
from people.models import Trainee
from people.services.recipients import recipients_of

LINK_KIND = "follow_up"
MOST_TIMES = 6
# What should have been asked longer ago is history, entered later: nobody is asked.
HISTORY = dt.timedelta(days=30)
BATCH = 500
LARGEST_FILE = 10_000_000
FILE_KINDS = ("pdf", "docx", "xlsx", "pptx", "png", "jpg", "jpeg")
_SIGNER = signing.Signer(salt="follow-up after training")


def rule_in_force() -> FollowUpRule:
    """The latest; as long as the office has set none, the defaults."""
    return FollowUpRule.objects.first() or FollowUpRule()


@audited("follow_up_rule_set")
def set_rule(
    *, by: Actor, months: list[int], reminders: int, days_between: int, days_open: int
) -> FollowUpRule:
    """From now on. Error: ``bad_months``."""
    if not 1 <= len(months) <= MOST_TIMES or not all(1 <= one <= 60 for one in months):
        text = _("Enter up to %(most)s numbers of months, from 1 to 60.") % {"most": MOST_TIMES}
        raise EvaluationInputError("bad_months", text)
    rule = FollowUpRule.objects.create(
        months=sorted(set(months)),
        reminders=reminders,
        days_between=days_between,
        days_open=days_open,
        recorded_by=by.label,
    )
    audit_details(
        months=rule.months, reminders=reminders, days_between=days_between, days_open=days_open
    )
    return rule


# Asking ---------------------------------------------------------------------------------


def ask_about_use() -> int:
    """Ask and remind whoever is due; how many messages. Safe to run twice, or at once."""
    rule = rule_in_force()
    asked = sum(_ask(months, rule) for months in rule.months)
    return asked + _remind(rule)


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day of an earlier month, or its last one."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    last = calendar.monthrange(years, month + 1)[1]
    return dt.date(years, month + 1, min(day.day, last))


@transaction.atomic
def _ask(months: int, rule: FollowUpRule) -> int:
    completions = list(_due(months))
    managers = LineManager.objects.filter(
        trainee__in=[one.trainee_id for one in completions]
    ).in_bulk(field_name="trainee_id")
    closes_on = clock.today() + dt.timedelta(days=rule.days_open)
    asked = []
    for completion in completions:
        respondents = [Respondent.TRAINEE]
        respondents += [Respondent.MANAGER] if completion.trainee_id in managers else []
        asked += [
            FollowUp(
                completion=completion, months=months, respondent=respondent, closes_on=closes_on
            )
            for respondent in respondents
        ]
    FollowUp.objects.bulk_create(asked)
    return _send(asked, kinds.FOLLOW_UP_ASKED)


def _due(months: int) -> Iterable[Completion]:
    """Completed so many months ago, not voided and not asked about yet."""
    last = months_before(clock.today(), months)
    asked = FollowUp.objects.filter(completion=OuterRef("pk"), months=months)
    completions = (
        Completion.objects.not_voided()
        .filter(completed_on__range=(last - HISTORY, last), trainee__erased_at=None)
        .exclude(evidence=Evidence.ELSEWHERE)
        .exclude(Exists(asked))
    )
    rows = completions.select_for_update(of=("self",), skip_locked=True)
    return rows.select_related("trainee__user", "run__course").order_by("pk")[:BATCH]


@transaction.atomic
def _remind(rule: FollowUpRule) -> int:
    """Whoever has not answered, after so many days each time and three times at most."""
    long_ago = clock.now() - dt.timedelta(days=rule.days_between)
    waiting = (
        FollowUp.objects.waiting(clock.today())
        .filter(reminders__lt=rule.reminders, asked_at__lte=long_ago)
        .exclude(reminded_at__gt=long_ago)
        .filter(completion__voided_at=None, completion__trainee__erased_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("completion__trainee__user", "completion__run__course")
    )
    due = list(waiting.order_by("pk")[:BATCH])
    for one in due:
        one.reminders, one.reminded_at = one.reminders + 1, clock.now()
    FollowUp.objects.bulk_update(due, ["reminders", "reminded_at"], batch_size=BATCH)
    return _send(due, kinds.FOLLOW_UP_REMINDER)


def _send(asked: list[FollowUp], kind: MessageKind) -> int:
    messages = Messages()
    for one in asked:
        addressed = _addressee(one)
        if addressed is None:
            continue
        recipient, name, marks = addressed
        of_manager = one.respondent == Respondent.MANAGER and kind is kinds.FOLLOW_UP_ASKED
        chosen = kinds.FOLLOW_UP_OF_MANAGER if of_manager else kind
        values = partial(values_of, one, name, marks.pop("address"))
        messages.add(chosen, recipient, values, thread=f"follow-up-{one.pk}", **marks)
    return messages.send()


def _addressee(one: FollowUp) -> tuple[Recipient, str, dict[str, Any]] | None:
    """Where to write, the name, and the link: behind the sign-in, or made at delivery."""
    person = one.completion.trainee
    secret: dict[str, Any] = {"address": LINK, "link": Link(LINK_KIND, {"pk": one.pk})}
    if one.respondent == Respondent.MANAGER:
        manager = LineManager.objects.filter(trainee=person).first()
        return (Recipient(manager.email, "vi"), manager.full_name, secret) if manager else None
    (recipient,) = recipients_of([person])
    if person.user is None:
        return (recipient, person.full_name, secret) if recipient.address else None
    path = reverse("answer_follow_up", args=[one.pk])
    return recipient, person.full_name, {"address": f"{settings.SITE_URL}{path}"}


def values_of(one: FollowUp, name: str, address: str) -> dict[str, str]:
    run = one.completion.run
    return {
        "full_name": name,
        "trainee": one.completion.trainee.full_name,
        "class_title": run.course.title,
        "class_code": run.code,
        "ends_on": formats.day(one.completion.completed_on),
        "closes_on": formats.day(one.closes_on),
        "link": address,
    }


def make_link(params: Mapping[str, Any]) -> str | None:
    """For the outbox, at delivery; none where it was answered meanwhile."""
    one = FollowUp.objects.filter(pk=params["pk"]).first()
    if one is None or not one.is_open:
        return None
    return f"{settings.SITE_URL}{reverse('follow_up', args=[_SIGNER.sign(str(one.pk))])}"


# Answering ------------------------------------------------------------------------------


def follow_up_of_link(token: str) -> FollowUp:
    """Errors: ``bad_link``; ``already_answered`` or ``closed`` (``require_open``)."""
    try:
        pk = int(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise _bad_link() from error
    rows = FollowUp.objects.select_related("completion__run__course", "completion__trainee")
    one = rows.filter(pk=pk, completion__trainee__erased_at=None).first()
    if one is None:
        raise _bad_link()
    require_open(one)
    return one


def require_open(one: FollowUp) -> None:
    if one.answered_at:
        text = _("This question has already been answered. Thank you; nothing was changed.")
        raise EvaluationError("already_answered", text)
    if not one.is_open or one.completion.voided_at:
        raise EvaluationError("closed", _("This question can no longer be answered."))


@audited("follow_up_answered")
def answer(
    *,
    by: Actor,
    follow_up: FollowUp,
    use: str,
    what: str = "",
    obstacle: str = "",
    example: str = "",
    link: str = "",
    file: tuple[str, bytes] | None = None,
    may_publish: bool = False,
) -> FollowUp:
    """``file``: name and content. Errors: ``already_answered``, ``closed``, ``bad_file``."""
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related("completion__run")
    one = rows.get(pk=follow_up.pk)
    require_open(one)
    one.use, one.what, one.obstacle, one.example, one.link = use, what, obstacle, example, link
    if file:
        _require_file(*file)
        one.file.save(file[0][-100:], ContentFile(file[1]), save=False)
    if one.has_example:
        one.example_state, one.may_publish = ExampleState.SUBMITTED, may_publish
    one.answered_at = clock.now()
    one.save()
    audit_details(
        run=one.completion.run.code, months=one.months, respondent=one.respondent, use=use
    )
    return one


def _require_file(name: str, content: bytes) -> None:
    if name.rpartition(".")[2].lower() not in FILE_KINDS:
        kinds_named = ", ".join(FILE_KINDS)
        text = _("The file must be one of these kinds: %(kinds)s.") % {"kinds": kinds_named}
        raise EvaluationInputError("bad_file", text)
    if len(content) > LARGEST_FILE:
        raise EvaluationInputError("bad_file", _("The file is larger than 10 MB."))


def _bad_link() -> EvaluationError:
    return EvaluationError("bad_link", _("This is not a link to one of our questions."))


# Managers -------------------------------------------------------------------------------


@audited("line_manager_named")
def name_manager(*, by: Actor, trainee: Trainee, full_name: str, email: str) -> LineManager:
    """Whom to ask beside the trainee from now on; a later one replaces it."""
    manager, _new = LineManager.objects.update_or_create(
        trainee=trainee,
        defaults={
            "full_name": full_name,
            "email": email,
            "recorded_at": clock.now(),
            "recorded_by": by.label,
        },
    )
    audit_details(trainee=trainee.code)
    return manager


# Examples -------------------------------------------------------------------------------


@audited("example_decided")
def decide_example(
    *,
    by: Actor,
    follow_up: FollowUp,
    state: str,
    note: str = "",
    public_title: str = "",
    public_text: str = "",
) -> FollowUp:
    """Accept, publish in the office's words, or decline. Errors: ``no_example``,
    ``not_agreed``, ``words_missing``, ``reason_missing``.
    """
    rows = FollowUp.objects.select_for_update(of=("self",)).select_related(
        "completion__run__course", "completion__trainee__user"
    )
    one = rows.get(pk=follow_up.pk)
    if not one.example_state:
        raise EvaluationError("no_example", _("This answer has no example."))
    _require_decidable(one, state, note, public_title, public_text)
    one.example_state, one.decision_note = state, note
    one.public_title, one.public_text = public_title, public_text
    one.decided_at, one.decided_by = clock.now(), by.label
    one.save()
    audit_details(run=one.completion.run.code, follow_up=one.pk, state=state)
    _tell_of_decision(one)
    return one


def _require_decidable(one: FollowUp, state: str, note: str, title: str, text: str) -> None:
    if state == ExampleState.PUBLISHED:
        if not one.may_publish:
            message = _("Its author has not agreed to publish this example.")
            raise EvaluationError("not_agreed", message)
        if not (title.strip() and text.strip()):
            message = _("Give the title and the text that are published.")
            raise EvaluationInputError("words_missing", message)
    if state == ExampleState.DECLINED and not note.strip():
        raise EvaluationInputError("reason_missing", _("Say why it is not accepted."))


def _tell_of_decision(one: FollowUp) -> None:
    addressed = _addressee(one)
    if addressed is None:
        return
    recipient, name, _marks = addressed
    address = f"{settings.SITE_URL}{reverse('published_examples')}"

    def values() -> dict[str, str]:
        return values_of(one, name, address) | {
            "state": str(ExampleState(one.example_state).label),
            "note": one.decision_note,
        }

    messages = Messages()
    messages.add(kinds.EXAMPLE_DECIDED, recipient, values, thread=f"follow-up-{one.pk}")
    messages.send()
