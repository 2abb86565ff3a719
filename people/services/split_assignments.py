"""After a split a human says at which successor each person works now."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from agencies.choices import SuccessionKind
from agencies.models import Agency, Succession, SuccessionLink
from agencies.querysets import with_departments_and_predecessors
from audit.services import Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from people.errors import PeopleError
from people.models import SplitAssignment, Trainee
from people.querysets import TraineeQuerySet
from people.services.corrections import transfer


@audited("people_assigned_after_split")
def assign_people(
    *, by: Actor, succession: Succession, agency: Agency, people: Sequence[Trainee]
) -> int:
    """Move people of a split agency to ``agency``, one of its successors, from that day on.

    Raises PeopleError ``no_split``, ``no_successor``, ``already_assigned``, as ``transfer``.
    """
    if succession.kind != SuccessionKind.SPLIT or succession.voided_at:
        raise PeopleError(
            "no_split", _("People can be assigned to a successor only after a split.")
        )
    if not succession.links.filter(successor=agency).exists():
        raise PeopleError(
            "no_successor",
            _("%(agency)s is not a successor in this split.") % {"agency": agency.name},
        )
    rows = [
        SplitAssignment(trainee=person, succession=succession, agency=agency, recorded_by=by.label)
        for person in people
    ]
    already = _("One of these people has already been assigned.")
    with violation_as(PeopleError, "already_assigned", already), transaction.atomic():
        SplitAssignment.objects.bulk_create(rows)
    day: dt.date = min(succession.on, clock.today())
    for person in people:
        transfer(by=by, trainee=person, agency=agency, on=day)
    audit_details(succession=succession.pk, agency=agency.slug, people=len(rows))
    return len(rows)


def people_unresolved(succession: Succession) -> TraineeQuerySet:
    links = SuccessionLink.objects.believed(clock.now())
    own = set(succession.links.values_list("predecessor_id", flat=True))
    return Trainee.objects.filter(
        agency__in=with_departments_and_predecessors(own, {}, links.successor_by_agency())
    ).exclude(split_assignments__succession=succession)
