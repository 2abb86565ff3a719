"""The evaluation of a class, from planning it to closing it."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock
from courses.choices import RunState
from courses.models import CourseRun
from courses.services.timetables import lock_run
from enrollment.models import Enrollment
from evaluations.choices import Source
from evaluations.errors import EvaluationError, EvaluationInputError
from evaluations.layouts import layout, layout_of
from evaluations.models import (
    AnswerCount,
    EvaluatedTrainer,
    Evaluation,
    EvaluationForm,
    OpenInvitation,
)
from evaluations.models.forms import HIGHEST, LOWEST
from evaluations.results import index_of
from people.models import Merge
from people.querysets import resolved

MOST_DAYS_OPEN = 366


@audited("evaluation_planned")
def plan_evaluation(
    *,
    by: Actor,
    run: CourseRun,
    form: EvaluationForm,
    opens_on: dt.date | None = None,
    closes_on: dt.date | None = None,
) -> Evaluation:
    """Plan the evaluation of a class, or change it until somebody has answered.

    By default it is open from the last day of the class. Errors: ``no_class``, ``in_the_past``,
    ``days_of_evaluation``, ``already_answered``, ``evaluation_closed``.
    """
    run = lock_run(run)
    if run.state in (RunState.DRAFT, RunState.CANCELLED) or run.is_outside:
        raise EvaluationError("no_class", _("Only a class that takes place can be evaluated."))
    opens_on = opens_on or run.ends_on
    closes_on = closes_on or opens_on + dt.timedelta(days=form.days_open)
    _require_days(run, opens_on, closes_on)
    evaluation = Evaluation.objects.filter(run=run).first()
    if evaluation is None:
        evaluation = Evaluation(run=run, recorded_by=by.label)
    else:
        _require_unanswered(evaluation, form)
    evaluation.form, evaluation.opens_on, evaluation.closes_on = form, opens_on, closes_on
    evaluation.save()
    invite(evaluation)
    audit_details(
        run=run.code,
        evaluation_form=form.slug,
        version=form.version,
        opens_on=opens_on,
        closes_on=closes_on,
    )
    return evaluation


def _require_days(run: CourseRun, opens_on: dt.date, closes_on: dt.date) -> None:
    if closes_on < clock.today():
        text = _("The evaluation would be over already: choose a later last day to answer.")
        raise EvaluationInputError("in_the_past", text)
    longest = dt.timedelta(days=MOST_DAYS_OPEN)
    if not run.starts_on <= opens_on <= closes_on <= opens_on + longest:
        text = _("An evaluation opens during the class or later, and is open for a year at most.")
        raise EvaluationInputError("days_of_evaluation", text)


def _require_unanswered(evaluation: Evaluation, form: EvaluationForm) -> None:
    """Days may still change; the form may not, once it was shown to anybody."""
    if evaluation.closed_at:
        raise closed_error()
    if evaluation.is_laid_out and evaluation.form_id != form.pk:
        text = _("The form has been shown already: only the days can be changed now.")
        raise EvaluationError("already_shown", text)


def invite(evaluation: Evaluation) -> int:
    """Invite whoever joined the class since the last time; how many."""
    joined = Enrollment.objects.filter(run=evaluation.run_id, pk__gt=evaluation.last_invited)
    found = list(joined.live().order_by("pk").values_list("pk", "trainee_id"))
    if not found:
        return 0
    # Whoever withdrew and came back has been invited before, and may have answered.
    before = Enrollment.objects.filter(
        run=evaluation.run_id, pk__lte=evaluation.last_invited
    ).values_list("trainee_id", flat=True)
    known = set(before)
    OpenInvitation.objects.bulk_create(
        OpenInvitation(evaluation=evaluation, enrollment_id=pk)
        for pk, trainee in found
        if trainee not in known
    )
    evaluation.last_invited = found[-1][0]
    evaluation.save(update_fields=["last_invited"])
    return len(found)


def lay_out(evaluation: Evaluation) -> None:
    """Fix the trainers to answer for, and make every counter: before the first form is shown."""
    if evaluation.is_laid_out:
        return
    with transaction.atomic():
        locked = lock_evaluation(evaluation.pk)
        if not locked.is_laid_out:
            for trainer in locked.run.trainers.select_related("user").order_by("pk"):
                EvaluatedTrainer.objects.create(
                    evaluation=locked, user=trainer.user, guest_name=trainer.guest_name
                )
            AnswerCount.objects.bulk_create(_counters(locked))
            Evaluation.objects.filter(pk=locked.pk).update(is_laid_out=True)
    evaluation.is_laid_out = True


def _counters(evaluation: Evaluation) -> Iterable[AnswerCount]:
    trainers = list(evaluation.trainers.all())
    for source in Source.values:
        for prompt in layout(evaluation.form, trainers).indicators():
            for value in range(LOWEST, HIGHEST + 1):
                yield AnswerCount(
                    evaluation=evaluation,
                    source=source,
                    item_id=prompt.key.item,
                    trainer_id=prompt.key.trainer,
                    value=value,
                )


def people_of(run: CourseRun) -> int:
    """How many people have a seat: a merge may leave one of them two."""
    survivors = Merge.objects.present_survivor_by_absorbed()
    seated = run.enrollments.holding_a_seat().values_list("trainee_id", flat=True)
    return len({resolved(row, survivors) for row in seated.order_by()})


def lock_evaluation(pk: int) -> Evaluation:
    evaluations = Evaluation.objects.select_for_update(of=("self",)).with_run()
    return evaluations.get(pk=pk)


@audited("evaluation_closed")
def close_evaluation(*, by: Actor, evaluation: Evaluation) -> Evaluation:
    """No more answers; from now on its results are shown. Who answered is forgotten."""
    evaluation = lock_evaluation(evaluation.pk)
    if evaluation.closed_at:
        raise closed_error()
    evaluation.closed_at, evaluation.closed_by = clock.now(), by.label
    evaluation.seats_at_closing = people_of(evaluation.run)
    evaluation.index = index_of(evaluation, layout_of(evaluation))
    evaluation.save()
    evaluation.invitations.all().delete()
    audit_details(run=evaluation.run.code, valid=evaluation.valid, invalid=evaluation.invalid)
    return evaluation


def close_due() -> int:
    """Close those past their last day; how many."""
    due = list(Evaluation.objects.to_close().order_by("pk"))
    for evaluation in due:
        close_evaluation(by=SYSTEM, evaluation=evaluation)
    return len(due)


def closed_error() -> EvaluationError:
    text = _("This evaluation is closed: nothing more can be answered or changed.")
    return EvaluationError("evaluation_closed", text)
