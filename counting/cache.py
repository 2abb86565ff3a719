"""Cached totals of the counter, updated by whoever asks for a figure.

Database triggers write a ``PendingChange`` with every completion recorded or voided and every
merge or undo. A reader applies the changes that it sees, under a lock, and deletes exactly those:
a change that commits later waits for the next reader. Successions and assignments after a split
are not cached, ``counting.groups`` reads them for each answer.
"""

import datetime as dt
import secrets
from collections import Counter
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

from common import record_time
from common.bulk import in_list, insert_selected
from counting.choices import Span
from counting.models import CachedCompletion, CachedTotal, CacheState, CountingRule
from counting.replay import TRAINED_OFFICIALS, qualifying, read
from enrollment.models import Completion
from people.models import Merge, PendingChange
from people.querysets import resolved

REBUILD_FROM = 10_000  # with so many changes, rebuilding is faster than applying them
BATCH = 5_000  # rows written by one statement, within SQLite's limit of parameters
_CELL = ("sending_agency_id", "agency_kind", "sector")
_STATE = (
    "SELECT *, EXISTS (SELECT 1 FROM people_pendingchange) AS has_changes FROM counting_cachestate"
)


def updated_state(rule: CountingRule) -> CacheState | None:
    """The cache's state for a rule, with all pending changes applied.

    None where the rule is not the newest version, or while the database takes no writes of ours.
    """
    for state in CacheState.objects.raw(_STATE):
        if state.rule_id == rule.pk and not state.has_changes:  # type: ignore[attr-defined]  # of _STATE
            return state
    if rule != _newest(TRAINED_OFFICIALS):
        return None  # only the newest version is cached
    if connection.vendor == "sqlite" and record_time.is_anybody_writing():
        return None  # nobody waits for an import: the replay needs no writes
    try:
        return update_cache(rule)
    except OperationalError:  # read-only, or locked for too long
        return None


def rebuild_cache() -> None:
    if rule := _newest(TRAINED_OFFICIALS):
        update_cache(rule, from_scratch=True)


def _newest(indicator: str) -> CountingRule | None:
    return CountingRule.objects.of(indicator).order_by("-version").first()


@transaction.atomic
def update_cache(rule: CountingRule, *, from_scratch: bool = False) -> CacheState:
    """Apply pending changes; rebuild for another rule, very many changes, or ``from_scratch``."""
    CacheState.objects.get_or_create(pk=1)
    state = CacheState.objects.select_for_update().get(pk=1)
    changes = dict(PendingChange.objects.values_list("pk", "trainee_id")[:REBUILD_FROM])
    if from_scratch or state.rule_id != rule.pk or len(changes) == REBUILD_FROM:
        state.latest = _build(rule)
    elif changes:
        latest = _apply_changes(set(changes.values()), rule)
        state.latest = max(filter(None, (state.latest, latest)), default=None)
        # By id: changes that were committed since they were read stay for the next reader.
        PendingChange.objects.filter(pk__in=in_list(changes)).delete()
    else:
        return state  # another reader applied them while we waited for the lock
    # Random: the next number would be used twice after a transaction that was rolled back.
    state.rule, state.version = rule, secrets.randbits(62)
    state.save()
    return state


# Rebuilding -----------------------------------------------------------------------------


def _build(rule: CountingRule) -> dt.datetime | None:
    """Rebuild the cache; the latest instant among all records."""
    PendingChange.objects.all().delete()  # before reading: later commits write their own
    CachedCompletion.objects.all().delete()
    CachedTotal.objects.all().delete()
    _cache_before_merges(rule)
    merged = Merge.objects.filter(undone_at=None)
    # In one statement as if nobody were merged; then again the few who are.
    _cache_people({row for pair in merged.survivor_by_absorbed().items() for row in pair}, rule)
    _sum_totals()
    return _latest(Completion.objects.all(), Merge.objects.all())


def _cache_before_merges(rule: CountingRule) -> None:
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


def _sum_totals() -> None:
    """Days from the cached completions, months from days, years from months."""
    cell = [f"completion__{column}" for column in _CELL]
    days = CachedCompletion.objects.order_by().annotate(day_span=Value(Span.DAY))
    days = days.values("day_span", "completed_on", *cell).annotate(
        people=CountOf("pk", filter=Q(is_first=True)), all=CountOf("pk")
    )
    _insert_totals(days.values_list("day_span", "completed_on", *cell, "people", "all"))
    for span, shorter, trunc in (
        (Span.MONTH, Span.DAY, TruncMonth),
        (Span.YEAR, Span.MONTH, TruncYear),
    ):
        parts = CachedTotal.objects.filter(span=shorter).order_by()
        parts = parts.annotate(in_span=Value(span), since=trunc("starts_on"))
        key = ("in_span", "since", "agency_id", "kind", "sector")
        sums = parts.values(*key).annotate(people=Sum("persons"), all=Sum("completions"))
        _insert_totals(sums.values_list(*key, "people", "all"))
    over_all = ("span", "starts_on", "kind", "sector")
    totals = CachedTotal.objects.order_by().values(*over_all)
    totals = totals.annotate(people=Sum("persons"), all=Sum("completions"))
    totals = totals.annotate(no_agency=Value(None, output_field=BigIntegerField()))
    _insert_totals(
        totals.values_list("span", "starts_on", "no_agency", "kind", "sector", "people", "all")
    )


def _insert_totals(rows: QuerySet[Any, Any]) -> None:
    columns = ("span", "starts_on", "agency", "kind", "sector", "persons", "completions")
    insert_selected(CachedTotal, columns, rows)


# Applying changes -----------------------------------------------------------------------


class _Cell(NamedTuple):
    day: dt.date
    agency_id: int
    kind: str
    sector: str


def _apply_changes(changed: set[int], rule: CountingRule) -> dt.datetime | None:
    """Look again at the people behind some trainee rows; the latest instant in their records."""
    _adjust_totals(_cache_people(changed, rule))
    return _latest(
        Completion.objects.filter(trainee__in=in_list(changed)),
        Merge.objects.filter(absorbed__in=in_list(changed)),
    )


def _cache_people(changed: set[int], rule: CountingRule) -> Counter[tuple[_Cell, bool]]:
    """Cache the completions of the people behind some trainee rows again.

    Returns what was added (positive) and removed (negative), by cell and whether it was somebody's
    first completion. Both ends of a merge are among the changed rows, so a person whose rows have
    moved to another person is never missed.
    """
    survivors = Merge.objects.filter(undone_at=None).survivor_by_absorbed()
    persons = changed | {resolved(row, survivors) for row in changed}
    rows = persons | {row for row in survivors if resolved(row, survivors) in persons}
    deltas: Counter[tuple[_Cell, bool]] = Counter()
    gone = CachedCompletion.objects.filter(person__in=in_list(persons))
    cell = [f"completion__{column}" for column in _CELL]
    for day, *rest, is_first in gone.values_list("completed_on", *cell, "is_first"):
        deltas[_Cell(day, *rest), is_first] -= 1
    gone.delete()
    valid = Completion.objects.not_voided().filter(trainee__in=in_list(rows))
    first: set[int] = set()
    cached = []
    for one in read(qualifying(valid, rule).earliest_first(), survivors):
        is_first = one.person_id not in first
        first.add(one.person_id)
        cell_of = _Cell(one.completed_on, one.sending_agency_id, one.agency_kind, one.sector)
        deltas[cell_of, is_first] += 1
        cached.append(
            CachedCompletion(
                completion_id=one.id,
                person_id=one.person_id,
                completed_on=one.completed_on,
                is_first=is_first,
            )
        )
    CachedCompletion.objects.bulk_create(cached, batch_size=BATCH)
    return deltas


def _adjust_totals(deltas: Counter[tuple[_Cell, bool]]) -> None:
    persons: Counter[tuple[Any, ...]] = Counter()
    completions: Counter[tuple[Any, ...]] = Counter()
    for (cell, is_first), number in deltas.items():
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
    _upsert_totals("(span, starts_on, agency_id, kind, sector)", of_agencies)
    _upsert_totals("(span, starts_on, kind, sector) WHERE agency_id IS NULL", of_all)


def _upsert_totals(cell: str, rows: list[tuple[Any, ...]]) -> None:
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
    instants = [
        *completions.aggregate(Max("recorded_at"), Max("voided_at")).values(),
        *merges.aggregate(Max("recorded_at"), Max("undone_at")).values(),
    ]
    return max(filter(None, instants), default=None)
