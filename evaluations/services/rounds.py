"""What happens by the clock: links are sent on the last day, reminders after it, then closing."""

import datetime as dt
from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.mail import Recipient
from accounts.models import User
from common import clock, formats
from courses.choices import RunState
from enrollment.models import Enrollment
from enrollment.services.announcements import Outbox, run_values
from evaluations import message_kinds as kinds
from evaluations.models import Evaluation
from evaluations.services.answering import link_to
from evaluations.services.evaluations import close_due, invite, lock_evaluation
from notices.kinds import MessageKind
from notices.services.messages import Messages
from notices.services.reminders import claim, days_of
from people.services.recipients import recipients_of


def run_evaluations() -> int:
    """How many messages and closings. Safe to run twice: each message is sent once."""
    done = sum(_open(pk) for pk in _open_ones())
    return done + _remind_all() + close_due() + tell_trainers()


def _open_ones() -> Iterable[int]:
    open_ones = Evaluation.objects.open().exclude(run__state=RunState.CANCELLED)
    return list(open_ones.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _open(pk: int) -> int:
    evaluation = lock_evaluation(pk)
    invite(evaluation)
    return _tell(evaluation, kinds.EVALUATION_OPEN)


def _remind_all() -> int:
    days = days_of(kinds.EVALUATION_REMINDER)
    if days is None:
        return 0
    last = clock.today() + dt.timedelta(days=days)
    # Whoever was told of it today is not reminded on the same day.
    due = Evaluation.objects.open().filter(closes_on__lte=last, opens_on__lt=clock.today())
    return sum(_remind(pk) for pk in list(due.order_by("pk").values_list("pk", flat=True)))


@transaction.atomic
def _remind(pk: int) -> int:
    return _tell(lock_evaluation(pk), kinds.EVALUATION_REMINDER)


def _tell(evaluation: Evaluation, kind: MessageKind) -> int:
    """Whoever has a seat and has not answered, once each."""
    waiting = Enrollment.objects.filter(pk__in=evaluation.invitations.values("enrollment"))
    seated = list(waiting.holding_a_seat().select_related("trainee__user").order_by("pk"))
    claimed = claim(kind, [_occasion(evaluation, one) for one in seated])
    seated = [one for one in seated if _occasion(evaluation, one) in claimed]
    outbox, link = Outbox(), link_to(evaluation)
    people = recipients_of([one.trainee for one in seated])
    for enrollment, recipient in zip(seated, people, strict=True):
        values = run_values(evaluation.run) | {
            "full_name": enrollment.trainee.full_name,
            "closes_on": formats.day(evaluation.closes_on),
            "link": link,
        }
        outbox.add(evaluation.run, kind, recipient, values, enrollment.trainee)
    return outbox.send()


def _occasion(evaluation: Evaluation, enrollment: Enrollment) -> str:
    return f"{evaluation.pk}:{enrollment.pk}"


@transaction.atomic
def tell_trainers() -> int:
    """That there are results: once an evaluation with enough forms and its class are closed."""
    closed = Evaluation.objects.closed().filter(run__state=RunState.CLOSED, index__isnull=False)
    recent = closed.filter(closed_at__gte=clock.now() - dt.timedelta(days=90)).with_run()
    due = {str(one.pk): one for one in recent.order_by("pk")}
    messages = Messages()
    for occasion in sorted(claim(kinds.EVALUATION_CLOSED, due)):
        evaluation = due[occasion]
        trainers = User.objects.filter(runs_taught__run=evaluation.run, is_active=True)
        for user in trainers.holding(Role.TRAINER).order_by("pk"):
            recipient = Recipient(user.email, user.language)
            thread = evaluation.run.mail_thread
            values = partial(_closed_values, evaluation)
            messages.add(kinds.EVALUATION_CLOSED, recipient, values, thread=thread)
    return messages.send()


def _closed_values(evaluation: Evaluation) -> dict[str, str]:
    path = reverse("evaluation_results", args=[evaluation.run.code])
    return run_values(evaluation.run) | {
        "valid": formats.number(evaluation.valid),
        "seats": formats.number(evaluation.seats_at_closing or 0),
        "link": f"{settings.SITE_URL}{path}",
    }
