"""Completions of classes without sessions, person by person, on the day of the last requirement."""

import datetime as dt

from audit.services import Actor, audit_details, audited
from common import clock
from courses.choices import RunState
from courses.services.timetables import lock_run
from enrollment.choices import EnrollmentState, Evidence
from enrollment.models import Completion, Enrollment
from enrollment.services.completion import Outcome, record_outcomes
from people.querysets import rows_of_person


@audited("self_paced_completed")
def complete_self_paced(*, by: Actor, enrollment: Enrollment, on: dt.date) -> bool:
    """Record the completion; return whether there was one to record.

    Whether every requirement is met is known above; again, or after the last day, it does nothing.
    """
    run = lock_run(enrollment.run)
    is_open = run.is_self_paced and run.state in (RunState.OPEN, RunState.RUNNING)
    seats = run.enrollments.filter(pk=enrollment.pk, state=EnrollmentState.ENROLLED)
    seat = seats.select_related("trainee").first()
    if seat is None or not is_open or not run.starts_on <= on <= run.ends_on:
        return False
    results = Completion.objects.not_voided().filter(run=run)
    # By any row of the person: of a class of 45,000 only this one's are asked for.
    if not results.filter(trainee__in=rows_of_person(seat.trainee_id)).exists():
        record_outcomes(by, run, [Outcome(seat, None, (), Evidence.SELF_PACED)], on)
    seats.update(state=EnrollmentState.COMPLETED, state_since=clock.now())
    audit_details(run=run.code, trainee=seat.trainee.code, completed_on=on)
    return True
