"""Forms filled in on paper, typed in or read from a workbook."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from evaluations.choices import Source
from evaluations.errors import EvaluationError, EvaluationInputError
from evaluations.layouts import FilledForm, layout_of
from evaluations.models import AnswerCount, Evaluation, PaperEntry
from evaluations.services.counters import Counted, count_forms
from evaluations.services.evaluations import (
    closed_error,
    lay_out,
    lock_evaluation,
    people_of,
)


@audited("paper_evaluations_entered")
def enter_paper_forms(
    *, by: Actor, evaluation: Evaluation, filled: Sequence[FilledForm], key: str
) -> Counted:
    """Count forms on paper, all of them or none. The same ``key`` again is refused.

    Errors: ``evaluation_closed``, ``own_evaluation``, ``entered_already``, ``no_forms``,
    ``more_forms_than_seats``.
    """
    lay_out(evaluation)
    evaluation = lock_evaluation(evaluation.pk)
    _require_may_change(by, evaluation)
    if not all(form.answers or form.texts for form in filled) or not filled:
        raise EvaluationInputError("no_forms", _("There is no filled-in form in it."))
    if evaluation.entries.filter(key=key).exists():
        text = _("These forms have already been entered; nothing was changed.")
        raise EvaluationError("entered_already", text)
    _require_people(evaluation, len(filled))
    entered = count_forms(evaluation, Source.PAPER, filled, layout_of(evaluation))
    PaperEntry.objects.create(
        evaluation=evaluation,
        key=key,
        valid=entered.valid,
        invalid=entered.invalid,
        recorded_by=by.label,
    )
    audit_details(run=evaluation.run.code, valid=entered.valid, invalid=entered.invalid)
    return entered


def _require_may_change(by: Actor, evaluation: Evaluation) -> None:
    if evaluation.closed_at:
        raise closed_error()
    if by.id and evaluation.run.trainers.filter(user=by.id).exists():
        text = _(
            "You teach this class: forms on paper about it are entered and taken back by somebody "
            "of the programme office who does not."
        )
        raise EvaluationError("own_evaluation", text)


def _require_people(evaluation: Evaluation, more: int) -> None:
    people = people_of(evaluation.run)
    if evaluation.forms + more > people:
        text = _(
            "With these %(more)s there would be %(forms)s forms, but only %(seats)s people had a "
            "seat. People who answer online do not also answer on paper."
        )
        values = {"more": more, "forms": evaluation.forms + more, "seats": people}
        raise EvaluationError("more_forms_than_seats", text % values)


@audited("paper_evaluations_discarded")
def discard_paper_forms(*, by: Actor, evaluation: Evaluation, reason: str) -> int:
    """Take back all forms entered from paper, to enter them again; how many.

    Errors: ``evaluation_closed``, ``own_evaluation``, ``no_forms``.
    """
    evaluation = lock_evaluation(evaluation.pk)
    _require_may_change(by, evaluation)
    discarded = evaluation.valid_paper + evaluation.invalid_paper
    if not discarded:
        raise EvaluationError("no_forms", _("No forms have been entered from paper."))
    AnswerCount.objects.filter(evaluation=evaluation, source=Source.PAPER).update(count=0)
    evaluation.texts.filter(source=Source.PAPER).delete()
    evaluation.entries.all().delete()
    evaluation.valid_paper = evaluation.invalid_paper = 0
    evaluation.save(update_fields=["valid_paper", "invalid_paper"])
    audit_details(run=evaluation.run.code, forms=discarded, reason=reason)
    return discarded
