"""Keeping the figures that the counter answers from: folded in by whoever asks.

The database leaves a ``ChangeNote`` with every completion recorded or voided and every merge or
undo. Who asks looks for notes first, works them in under a lock and takes away exactly those;
a note of a transaction that commits later stays for the next one. Successions and what humans
said after a split are not kept: ``grouping`` reads them when it answers.
"""

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import (
    BigIntegerField,
    Case,
    Max,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models import Count as CountOf
from django.db.models.functions import RowNumber, TruncMonth, TruncYear

from common.bulk import insert_selected
from counting.choices import Span
from counting.models import CachedCompletion, CachedTotal, CacheState, CountingRule
from counting.replay import TRAINED_OFFICIALS, QualifyingCompletion, qualifying, read
from enrollment.models import Completion
from people.models import Merge, PendingChange
from people.querysets import resolved

REBUILD_FROM = 10_000  # so many notes are worked in sooner by building everything anew
BATCH = 5_000
_CELL = ("sending_agency_id", "agency_kind", "sector")
_STATE = "SELECT *, EXISTS (SELECT 1 FROM people_pendingchange) AS noted FROM counting_cachestate"


def up_to_date(rule: CountingRule) -> CacheState | None:
    """The state of the kept figures for a rule, with all that is on record worked in.

    None where they are not kept for it: for a version that has been followed by another, or
    while the database takes no writes.
    """
    for state in CacheState.objects.raw(_STATE):
        if state.rule_id == rule.pk and not state.noted:  # type: ignore[attr-defined]  # of _STATE
            return state
    if rule != _newest(TRAINED_OFFICIALS):
        return None
    try:
        return fold(rule)
    except OperationalError:
        return None


def rebuild() -> None:
    """Build the kept figures anew for the newest version of the rule, if there is one."""
    if rule := _newest(TRAINED_OFFICIALS):
        fold(rule, anew=True)


def _newest(indicator: str) -> CountingRule | None:
    return CountingRule.objects.of(indicator).order_by("-version").first()


@transaction.atomic
def fold(rule: CountingRule, *, anew: bool = False) -> CacheState:
    """Work in what has changed, or build everything anew: for another rule, or if told so."""
    CacheState.objects.get_or_create(pk=1)
    state = CacheState.objects.select_for_update().get(pk=1)
    notes = dict(PendingChange.objects.values_list("pk", "trainee_id")[:REBUILD_FROM])
    if anew or state.rule_id != rule.pk or len(notes) == REBUILD_FROM:
        state.latest = _build(rule)
    elif notes:
        latest = _work_in(set(notes.values()), rule)
        state.latest = max(filter(None, (state.latest, latest)), default=None)
        for part in _in_batches(notes):
            PendingChange.objects.filter(pk__in=part).delete()
    else:
        return state  # somebody else worked them in while we waited for the lock
    # Drawn, not counted on: a transaction rolled back would hand its number to another state.
    state.rule, state.version = rule, secrets.randbits(62)
    state.save()
    return state


# Everything anew ------------------------------------------------------------------------


def _build(rule: CountingRule) -> dt.datetime | None:
    """Build the figures from all records; the latest instant among them."""
    PendingChange.objects.all().delete()  # before reading: what commits from now on leaves its own
    CachedCompletion.objects.all().delete()
    CachedTotal.objects.all().delete()
    _keep_as_if_nobody_were_merged(rule)
    merged = Merge.objects.filter(undone_at=None)
    _keep({row for pair in merged.survivor_by_absorbed().items() for row in pair}, rule)
    _add_up()
    return _latest(Completion.objects.all(), Merge.objects.all())


def _keep_as_if_nobody_were_merged(rule: CountingRule) -> None:
    number = Window(
        RowNumber(), partition_by="trainee_id", order_by=("completed_on", "recorded_at", "id")
    )
    found = qualifying(Completion.objects.not_voided(), rule).order_by().annotate(number=number)
    rows = found.annotate(is_first=Case(When(number=1, then=True), default=False))
    insert_selected(
        CachedCompletion,
        ("completion", "person", "completed_on", "is_first"),
        rows.values_list("pk", "trainee_id", "completed_on", "is_first"),
    )


def _add_up() -> None:
    """The days from the kept completions, the months from the days, the years from the months."""
    cell = [f"completion__{column}" for column in _CELL]
    days = CachedCompletion.objects.order_by().annotate(day_span=Value(Span.DAY))
    days = days.values("day_span", "completed_on", *cell).annotate(
        people=CountOf("pk", filter=Q(is_first=True)), all=CountOf("pk")
    )
    _insert_parts(days.values_list("day_span", "completed_on", *cell, "people", "all"))
    for span, shorter, trunc in (
        (Span.MONTH, Span.DAY, TruncMonth),
        (Span.YEAR, Span.MONTH, TruncYear),
    ):
        parts = CachedTotal.objects.filter(span=shorter).order_by()
        parts = parts.annotate(in_span=Value(span), since=trunc("starts_on"))
        key = ("in_span", "since", "agency_id", "kind", "sector")
        sums = parts.values(*key).annotate(people=Sum("persons"), all=Sum("completions"))
        _insert_parts(sums.values_list(*key, "people", "all"))
    over_all = ("span", "starts_on", "kind", "sector")
    totals = CachedTotal.objects.order_by().values(*over_all)
    totals = totals.annotate(people=Sum("persons"), all=Sum("completions"))
    totals = totals.annotate(nobodys=Value(None, output_field=BigIntegerField()))
    _insert_parts(
        totals.values_list("span", "starts_on", "nobodys", "kind", "sector", "people", "all")
    )


def _insert_parts(rows: QuerySet[Any, Any]) -> None:
    columns = ("span", "starts_on", "agency", "kind", "sector", "persons", "completions")
    insert_selected(CachedTotal, columns, rows)


# What has changed -----------------------------------------------------------------------


class _Cell(NamedTuple):
    day: dt.date
    agency_id: int
    kind: str
    sector: str


def _work_in(noted: set[int], rule: CountingRule) -> dt.datetime | None:
    """Look again at the people behind some rows; the latest instant in their records."""
    moved = _keep(noted, rule)
    _move_parts(moved)
    latest = [
        _latest(
            Completion.objects.filter(trainee__in=part), Merge.objects.filter(absorbed__in=part)
        )
        for part in _in_batches(noted)
    ]
    return max(filter(None, latest), default=None)


def _keep(noted: set[int], rule: CountingRule) -> Counter[tuple[_Cell, bool]]:
    """Keep the completions of the people behind some rows anew.

    What has come (positive) and gone (negative), by cell and whether it was somebody's first.
    A person whose rows have changed hands is always behind one of the rows noted: a merge
    notes both of its ends.
    """
    survivors = Merge.objects.filter(undone_at=None).survivor_by_absorbed()
    persons = noted | {resolved(row, survivors) for row in noted}
    rows = persons | {row for row in survivors if resolved(row, survivors) in persons}
    moved: Counter[tuple[_Cell, bool]] = Counter()
    for part in _in_batches(persons):
        gone = CachedCompletion.objects.filter(person__in=part)
        cell = [f"completion__{column}" for column in _CELL]
        for day, *rest, is_first in gone.values_list("completed_on", *cell, "is_first"):
            moved[_Cell(day, *rest), is_first] -= 1
        gone.delete()
    first: set[int] = set()
    kept = []
    for one in sorted(_qualifying(rows, survivors, rule), key=_order):
        is_first = one.person_id not in first
        first.add(one.person_id)
        cell_of = _Cell(one.completed_on, one.sending_agency_id, one.agency_kind, one.sector)
        moved[cell_of, is_first] += 1
        kept.append(
            CachedCompletion(
                completion_id=one.id,
                person_id=one.person_id,
                completed_on=one.completed_on,
                is_first=is_first,
            )
        )
    CachedCompletion.objects.bulk_create(kept, batch_size=BATCH)
    return moved


def _qualifying(
    rows: set[int], survivors: dict[int, int], rule: CountingRule
) -> Iterator[QualifyingCompletion]:
    for part in _in_batches(rows):
        standing = Completion.objects.not_voided().filter(trainee__in=part)
        yield from read(qualifying(standing, rule), survivors)


def _order(one: QualifyingCompletion) -> tuple[dt.date, dt.datetime, int]:
    return one.completed_on, one.recorded_at, one.id


def _move_parts(moved: Counter[tuple[_Cell, bool]]) -> None:
    """Add what has come and gone to its day, month and year."""
    persons: Counter[tuple[Any, ...]] = Counter()
    completions: Counter[tuple[Any, ...]] = Counter()
    for (cell, is_first), number in moved.items():
        month = cell.day.replace(day=1)
        starts = {Span.DAY: cell.day, Span.MONTH: month, Span.YEAR: month.replace(month=1)}
        for span, starts_on in starts.items():
            for agency_id in (cell.agency_id, None):
                key = (span.value, starts_on, agency_id, cell.kind, cell.sector)
                completions[key] += number
                persons[key] += number * is_first
    as_date = connection.ops.adapt_datefield_value
    of_agencies: list[tuple[Any, ...]] = []
    of_all: list[tuple[Any, ...]] = []
    for (span, day, agency_id, *facts), number in completions.items():
        more = persons[span, day, agency_id, *facts]
        if more or number:
            rows = of_all if agency_id is None else of_agencies
            rows.append((span, as_date(day), agency_id, *facts, more, number))
    _add_to_parts("(span, starts_on, agency_id, kind, sector)", of_agencies)
    _add_to_parts("(span, starts_on, kind, sector) WHERE agency_id IS NULL", of_all)


def _add_to_parts(cell: str, rows: list[tuple[Any, ...]]) -> None:
    """Add to the parts that there are in each cell, and make those that are missing."""
    table = connection.ops.quote_name(CachedTotal._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} (span, starts_on, agency_id, kind, sector, persons, completions)"  # noqa: S608  # nosec B608
            f" VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT {cell} DO UPDATE"
            f" SET persons = {table}.persons + excluded.persons,"
            f" completions = {table}.completions + excluded.completions",
            rows,
        )


def _latest(completions: QuerySet[Completion], merges: QuerySet[Merge]) -> dt.datetime | None:
    """The last instant at which one of these was recorded, voided or undone."""
    instants = [
        *completions.aggregate(Max("recorded_at"), Max("voided_at")).values(),
        *merges.aggregate(Max("recorded_at"), Max("undone_at")).values(),
    ]
    return max(filter(None, instants), default=None)


def _in_batches(ids: Iterable[int]) -> Iterator[list[int]]:
    found = list(ids)
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]
