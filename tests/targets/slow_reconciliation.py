"""The steps from enrolled to counted by the definition: every row in memory, sets of ids."""

from collections import defaultdict

from certificates.models import Certificate
from common import clock
from counting.replay import TRAINED_OFFICIALS, replayed
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Completion, Enrollment
from people.models import Merge
from people.querysets import resolved

Rows = list[Enrollment] | list[Completion]
Found = dict[str, tuple[int, dict[str, list[tuple[str, str]]]]]


def slowly_reconciled(rule) -> Found:
    """Step → its figure, and by reason the codes of person and class."""
    now = clock.now()
    courses = set(rule.courses.values_list("course__code", flat=True))
    seats = list(Enrollment.objects.holding_a_seat().select_related("trainee", "run"))
    marks = list(Attendance.objects.values_list("enrollment_id", "mark"))
    marked = {id_ for id_, _mark in marks}
    attended = {id_ for id_, mark in marks if mark in (Mark.PRESENT, Mark.LATE)}
    valid = Completion.objects.not_voided().earliest_first().select_related("trainee", "run")
    completions = list(valid)
    voids = {one.enrollment_id for one in Completion.objects.exclude(voided_at=None)}
    attended_seats = [one for one in seats if one.pk in attended]
    attended_ids = {one.pk for one in attended_seats}
    with_completion = {one.enrollment_id for one in completions}
    live = {one.completion_id for one in Certificate.objects.live()}
    revoked = {one.completion_id for one in Certificate.objects.filter(state="revoked")}
    survivors = Merge.objects.believed(now).survivor_by_absorbed()
    by_person = defaultdict(list)
    for one in completions:
        by_person[resolved(one.trainee_id, survivors)].append(one)
    count = replayed(clock.today(), now, rule, TRAINED_OFFICIALS)
    counting = {one.person_id for one in count.people}
    without = [one for one in completions if one.pk not in live]
    return {
        "enrolled": (len(seats), {}),
        "attended": (
            len(attended_seats),
            named(
                (one for one in seats if one.pk not in attended),
                lambda one: "absent" if one.pk in marked else "no_attendance_recorded",
            ),
        ),
        "completed": (
            len(completions),
            named(
                (one for one in attended_seats if one.pk not in with_completion),
                lambda one: why_not_completed(one, voids),
            )
            | named(
                (one for one in completions if one.enrollment_id not in attended_ids),
                beside_seats,
            ),
        ),
        "certificated": (
            len(completions) - len(without),
            named(without, lambda one: why_no_certificate(one, revoked)),
        ),
        "people": (
            len(by_person),
            named(without, lambda _one: "without_certificate")
            | named(
                (one for own in by_person.values() for one in own[1:]),
                lambda one: again(one, by_person[resolved(one.trainee_id, survivors)][0]),
            ),
        ),
        "counted": (
            len(counting),
            named(
                (own[0] for person, own in by_person.items() if person not in counting),
                lambda one: "course" if one.course_code not in courses else "evidence",
            ),
        ),
    }


def named(rows, why):
    found = defaultdict(list)
    for row in rows:
        found[why(row)].append((row.trainee.code, row.run.code))
    return {reason: sorted(names) for reason, names in found.items()}


def why_not_completed(seat, voids):
    if seat.pk in voids:
        return "completion_voided"
    if seat.state == EnrollmentState.NOT_COMPLETED:
        return "below_the_rule"
    return "no_outcome" if seat.run.state == RunState.CLOSED else "run_not_closed"


def beside_seats(completion):
    if completion.enrollment_id is not None:
        return "without_attendance"
    return "elsewhere" if completion.evidence == Evidence.ELSEWHERE else "on_paper"


def why_no_certificate(completion, revoked):
    if completion.evidence == Evidence.ELSEWHERE:
        return "of_another_organiser"
    return "revoked" if completion.pk in revoked else "not_issued_yet"


def again(completion, first):
    return "again" if completion.trainee_id == first.trainee_id else "merged_rows"
