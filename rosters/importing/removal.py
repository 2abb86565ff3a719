"""Removes the people whom an import entered, when it is undone."""

from collections.abc import Mapping, Sequence

from django.db.models import Count, Q

from audit.services import Actor
from common.bulk import in_list
from courses.models import CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import Completion, Enrollment
from people.choices import RemovalObstacle
from people.models import Trainee
from people.services.removal import remove_people
from rosters.choices import Outcome
from rosters.importing.rows import RosterValues
from rosters.importing.staged_rows import parts_of
from rosters.models import RosterImport

_NEW = (Outcome.CREATED, Outcome.CANDIDATE)


def take_newcomers_out(*, by: Actor, upload: RosterImport) -> tuple[int, list[tuple[str, str]]]:
    """Remove the people whom the import entered and nothing else depends on.

    Their enrollments are cancelled already. Returns how many were removed, and the trainee code of
    everybody else with a value of ``RemovalObstacle``.
    """
    entered = _newcomers(upload)
    stay = dict.fromkeys(
        sorted(_with_other_enrollments(upload.run, list(entered))), RemovalObstacle.OTHER_ENROLLMENT
    )
    free = {pk: data for pk, data in entered.items() if pk not in stay}
    stay |= remove_people(by=by, agency=upload.agency, entered=free)
    return len(entered) - len(stay), _by_code(stay)


def _newcomers(upload: RosterImport) -> dict[int, RosterValues]:
    entered: dict[int, RosterValues] = {}
    for part in parts_of(upload):
        ids: Sequence[int] = (part.stored.entered or {}).get("new", ())
        found = zip(part.rows, part.results, strict=True)
        rows = [row for row, result in found if result.outcome in _NEW]
        entered |= {pk: row.values for pk, row in zip(ids, rows, strict=False)}
    return entered


def _with_other_enrollments(run: CourseRun, ids: Sequence[int]) -> set[int]:
    enrollments = Enrollment.objects.filter(trainee__in=in_list(ids)).order_by()
    others = enrollments.exclude(run=run, state=EnrollmentState.CANCELLED)
    twice = enrollments.values("trainee").annotate(count=Count("pk")).filter(Q(count__gt=1))
    results = Completion.objects.filter(trainee__in=in_list(ids))
    return {
        trainee
        for rows in (others, twice, results)
        for trainee in rows.values_list("trainee_id", flat=True)
    }


def _by_code(stay: Mapping[int, RemovalObstacle]) -> list[tuple[str, str]]:
    people = Trainee.objects.filter(pk__in=in_list(stay))
    codes = dict(people.values_list("pk", "code"))
    return [(codes[pk], reason.value) for pk, reason in stay.items()]
