"""Which rows an export has: what its reader chose, of what they may see."""

from collections.abc import Mapping
from typing import Any, Final

from accounts.models import User
from audit.services import digest
from common.registries import people_filters
from enrollment.models import Enrollment
from enrollment.querysets import EnrollmentQuerySet
from enrollment.services.people import people_listed_for
from people.models import Trainee
from people.querysets import TraineeQuerySet
from rosters.exporting.papers import OF_THE_WHOLE_CLASS

# What a file is of, where its rows are people and not enrollments.
PEOPLE: Final = "people"
MATRIX: Final = "matrix"


def is_of_people(wanted: Mapping[str, Any]) -> bool:
    return wanted.get("of") in (PEOPLE, MATRIX)


def chosen_enrollments(user: User, wanted: Mapping[str, Any]) -> EnrollmentQuerySet:
    """The enrollments that a reader may see and has chosen.

    ``wanted`` may narrow by ``run`` (code), ``agency`` (slug), ``state``, ``since`` and ``until``
    (ISO days on which the run ends), ``who`` (ids of enrollments), and like the list of people by
    ``q`` and ``status``. A paper of the whole class is narrowed by ``run`` alone.
    """
    wanted = _narrowing(wanted)
    enrollments = Enrollment.objects.visible_to(user).named()
    narrowed = {
        "run__code": wanted.get("run"),
        "sending_agency__slug": wanted.get("agency"),
        "state": wanted.get("state"),
        "run__ends_on__gte": wanted.get("since"),
        "run__ends_on__lte": wanted.get("until"),
    }
    enrollments = enrollments.filter(**{name: value for name, value in narrowed.items() if value})
    if "who" in wanted:
        enrollments = enrollments.filter(pk__in=wanted["who"])
    if wanted.get("q") or wanted.get("status"):
        enrollments = enrollments.of_identifiable_people(user)
    if wanted.get("q"):
        enrollments = enrollments.filter(trainee__in=Trainee.objects.matching(wanted["q"]))
    if wanted.get("status"):
        people = people_filters["status"](Trainee.objects.all(), wanted["status"])
        enrollments = enrollments.filter(trainee__in=people)
    return enrollments


def chosen_people(user: User, wanted: Mapping[str, Any]) -> TraineeQuerySet:
    return people_listed_for(
        user, **{name: wanted.get(name, "") for name in ("q", "agency", "status", "untrained")}
    )


def chosen_rows(user: User, wanted: Mapping[str, Any]) -> EnrollmentQuerySet | TraineeQuerySet:
    return (chosen_people if is_of_people(wanted) else chosen_enrollments)(user, wanted)


def _narrowing(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    is_of_all = wanted.get("paper") in OF_THE_WHOLE_CLASS
    return {"run": wanted.get("run")} if is_of_all else wanted


def scope_of(wanted: Mapping[str, Any]) -> str:
    """What was chosen, for the audit log; of a search text only its digest."""
    wanted = _narrowing(wanted)
    names = ("of", "run", "agency", "state", "since", "until", "status", "untrained")
    parts = [f"{name}={wanted[name]}" for name in names if wanted.get(name)]
    if "who" in wanted:
        parts.append(f"chosen={len(wanted['who'])}")
    if wanted.get("q"):
        parts.append(f"q={digest(wanted['q'])}")
    return ", ".join(parts) or "all"
