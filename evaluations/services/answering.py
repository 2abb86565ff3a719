"""Answering online: who one is, then a form that is counted without who one is.

Nothing here writes an audit entry, a time or a row for the form: whatever told apart one form from
the next would lead to the person who is known to have answered then (docs/decisions/0043).
"""

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock, formats
from common.vietnamese import match_key
from enrollment.models import Enrollment
from enrollment.querysets import EnrollmentQuerySet
from evaluations.choices import Source
from evaluations.errors import EvaluationError, EvaluationInputError
from evaluations.layouts import FilledForm, Layout, layout_of
from evaluations.models import Evaluation, OpenInvitation
from evaluations.services.counters import count_forms
from evaluations.services.evaluations import closed_error, invite, lay_out, lock_evaluation

LINK_SIGNER = signing.Signer(salt="evaluation of a class")
_TICKET_SIGNER = signing.TimestampSigner(salt="invitation to an evaluation")
# Long enough to fill in the form on a slow line; whoever takes longer says again who they are.
TICKET_LIFETIME = 4 * 3600


def link_to(evaluation: Evaluation) -> str:
    path = reverse("answer_evaluation", args=[LINK_SIGNER.sign(str(evaluation.pk))])
    return f"{settings.SITE_URL}{path}"


def evaluation_of_link(token: str) -> Evaluation:
    """Errors: ``bad_link``, ``too_early``, ``evaluation_closed``."""
    try:
        pk = int(LINK_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise _bad_link() from error
    evaluation = Evaluation.objects.with_run().filter(pk=pk).first()
    if evaluation is None:
        raise _bad_link()
    require_open(evaluation)
    return evaluation


def require_open(evaluation: Evaluation) -> None:
    if evaluation.closed_at is None and clock.today() < evaluation.opens_on:
        day = formats.day(evaluation.opens_on)
        text = _("This evaluation opens on %(day)s, the last day of the class.")
        raise EvaluationError("too_early", text % {"day": day})
    if not evaluation.is_open:
        raise closed_error()


def ticket_for_account(evaluation: Evaluation, user_id: int) -> str:
    return _ticket(evaluation, Enrollment.objects.of_user(user_id))


def ticket_by_name(evaluation: Evaluation, *, name: str, last_digits: str) -> str:
    """Every miss raises the same ``not_found``, which does not reveal who is in the class."""
    people = Enrollment.objects.filter(
        trainee__match_key=match_key(name), trainee__personal_number_tail=last_digits
    )
    if not name.strip() or len(last_digits) != 3:
        people = people.none()
    return _ticket(evaluation, people)


def _ticket(evaluation: Evaluation, people: EnrollmentQuerySet) -> str:
    """For one of the class who has not answered. Errors: ``not_found``, ``already_answered``."""
    with transaction.atomic():
        invite(lock_evaluation(evaluation.pk))
    everybody = Enrollment.objects.filter(run=evaluation.run_id)
    seated = set(people.filter(pk__in=everybody).holding_a_seat().values_list("trainee", flat=True))
    person = min(seated, default=None)
    own = everybody.of_person(person).values_list("trainee", flat=True) if person else ()
    if person is None or not seated <= set(own):
        text = _(
            "Nobody with these details has a seat in this class. Only those who attended it "
            "evaluate it; the link does not work for others."
        )
        raise EvaluationError("not_found", text)
    return _TICKET_SIGNER.sign(f"{evaluation.pk}.{_invitations(evaluation, person)[0]}")


def _invitations(evaluation: Evaluation, trainee_id: int) -> list[int]:
    """Those of a person's seats, of which a merge may leave two. Error: ``already_answered``, where
    one is gone: by it they answered.
    """
    own = Enrollment.objects.filter(run=evaluation.run_id).of_person(trainee_id)
    open_ones = evaluation.invitations.filter(enrollment__in=own)
    found = dict(open_ones.order_by("pk").values_list("pk", "enrollment__trainee"))
    if set(own.holding_a_seat().values_list("trainee", flat=True)) - {*found.values()}:
        raise _already_answered()
    return list(found)


def layout_to_answer(evaluation: Evaluation) -> Layout:
    lay_out(evaluation)
    return layout_of(evaluation)


@transaction.atomic
def hand_in(
    *, evaluation: Evaluation, ticket: str, filled: FilledForm, as_it_is: bool = False
) -> bool:
    """Count a form, once for each person; whether it is valid.

    Without ``as_it_is`` an invalid one is not taken yet. Errors: ``incomplete``, ``old_ticket``,
    ``already_answered``, ``evaluation_closed``.
    """
    invitation = _invitation(evaluation, ticket)
    evaluation = lock_evaluation(evaluation.pk)
    require_open(evaluation)
    layout = layout_of(evaluation)
    valid = layout.is_valid(filled)
    if not valid and not as_it_is:
        raise _incomplete(layout, filled)
    invited = evaluation.invitations.filter(pk=invitation)
    person = invited.values_list("enrollment__trainee", flat=True).first()
    if person is None:
        raise _already_answered()
    # Deleted rows leave neither a time nor an order.
    OpenInvitation.objects.filter(pk__in=_invitations(evaluation, person)).delete()
    count_forms(evaluation, Source.ONLINE, [filled], layout)
    return valid


def _invitation(evaluation: Evaluation, ticket: str) -> int:
    try:
        signed = _TICKET_SIGNER.unsign(ticket, max_age=TICKET_LIFETIME)
        of_evaluation, _dot, invitation = signed.partition(".")
        if of_evaluation == str(evaluation.pk):
            return int(invitation)
    except (signing.BadSignature, ValueError):
        pass
    text = _("Too much time has passed. Confirm again who you are; your answers are still below.")
    raise EvaluationError("old_ticket", text)


def _incomplete(layout: Layout, filled: FilledForm) -> EvaluationInputError:
    prompts = list(layout.indicators())
    left = [prompt.number for prompt in prompts if prompt.key not in filled.answers]
    text = _(
        "%(left)s of %(all)s indicators are not answered: %(numbers)s. A form with more than "
        "%(most)s%% unanswered is invalid: it is counted as such, and its answers are not."
    )
    values = {
        "left": len(left),
        "all": len(prompts),
        "numbers": ", ".join(left[:15]) + (" …" if len(left) > 15 else ""),
        "most": layout.form.most_unanswered,
    }
    return EvaluationInputError("incomplete", text % values)


def _already_answered() -> EvaluationError:
    text = _("You have already evaluated this class. Your first form counts; nothing was changed.")
    return EvaluationError("already_answered", text)


def _bad_link() -> EvaluationError:
    return EvaluationError("bad_link", _("This is not a link to one of our evaluations."))
