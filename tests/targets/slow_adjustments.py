"""What has changed since a report was signed by the definition: every row in memory."""

from collections import defaultdict
from typing import NamedTuple

from counting.counter import counted
from enrollment.models import Completion
from people.models import Merge, Trainee
from people.querysets import resolved


class Changed(NamedTuple):
    """``signed`` and ``now`` are the completions by which the person was and is counted."""

    kind: str
    code: str
    signed: int | None
    now: int | None


def slowly_adjusted(report) -> tuple[set[Changed], set[tuple[str, str, int]]]:
    """People by kind; completions by kind, code and id."""
    now = counted(report.ends_on, rule=report.rule)
    return {*_people(report, now)}, {*_completions(report, now)}


def _people(report, now):
    survivors = Merge.objects.believed(now.known_as_of).survivor_by_absorbed()
    signed = defaultdict(list)
    for row in report.names:
        signed[resolved(row["person"], survivors)].append(row)
    counting = {one.person_id: one.first for one in now.people}
    codes = dict(Trainee.objects.values_list("pk", "code"))
    of_signed = {row["id"] for row in report.counted_completions()}
    for person in counting.keys() - signed.keys():
        first = counting[person]
        kind = "recorded_late" if first.recorded_at > report.known_as_of else "rule_in"
        kind = "unmerged" if first.id in of_signed else kind
        yield Changed(kind, codes[person], None, first.id)
    for person in signed.keys() - counting.keys():
        for row in signed[person]:
            yield Changed(_why_gone(report, row, now), row["code"], row["completion"], None)
    for person in signed.keys() & counting.keys():
        yield from _of_one(person, signed[person], counting[person].id)


def _of_one(person, rows, now):
    """Of several who are one person now, the row of that person stays, else the first."""
    stays, *others = sorted(rows, key=lambda row: (row["person"] != person, row["number"]))
    for row in others:
        yield Changed("merged", row["code"], row["completion"], None)
    if stays["completion"] != now:
        yield Changed("moved", stays["code"], stays["completion"], now)


def _why_gone(report, row, now):
    own = {one["id"] for one in report.counted_completions() if one["person"] == row["number"]}
    if Completion.objects.filter(pk__in=own, voided_at__lte=now.known_as_of).exists():
        return "voided"
    return "unmerged" if own & {one.id for one in now.all_completions} else "rule_out"


def _completions(report, now):
    codes = {row["number"]: row["code"] for row in report.names}
    signed = {row["id"]: codes[row["person"]] for row in report.counted_completions()}
    counting = {one.id: one for one in now.all_completions}
    for pk in signed.keys() - counting.keys():
        is_void = Completion.objects.filter(pk=pk, voided_at__lte=now.known_as_of).exists()
        yield ("voided" if is_void else "rule_out"), signed[pk], pk
    for pk in counting.keys() - signed.keys():
        is_late = counting[pk].recorded_at > report.known_as_of
        code = Trainee.objects.get(pk=counting[pk].person_id).code
        yield ("recorded_late" if is_late else "rule_in"), code, pk
