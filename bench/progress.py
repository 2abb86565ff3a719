"""progress: the number from cached totals against a slow query that counts everybody again.

The slow query is one statement, correct in that it counts each person once, merged rows
together, where they first completed: ``COUNT(DISTINCT)`` for the total, a window over all
completions for the parts. The replay is the counter's own slow way, which reads every name. Both
engines, each in a process of its own; wall time, medians. Figures in milliseconds.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from bench.scratch import databases

# Completions at first and at last, and rounds.
FULL, QUICK = (100_000, 1_000_000, 7), (2_000, 16_000, 3)


def main() -> int:
    options = _options()
    if options.here:
        print(json.dumps(_measure(*(QUICK if options.quick else FULL))))
        return 0
    found: dict[str, dict[str, Any]] = {}
    with databases() as urls:
        for engine, url in urls.items():
            if options.quick and engine != "sqlite":
                continue
            found[engine] = _in_own_process(url, quick=options.quick)
            for name, value in (found[engine]["ratios"] | found[engine]["figures"]).items():
                print(f"progress  {engine:10s} {name:32s} {value:12,.2f}")
    answer = {"bench": "progress"} | {
        kind: {
            f"{engine}_{name}": round(value, 3)
            for engine, result in found.items()
            for name, value in result[kind].items()
        }
        for kind in ("ratios", "figures")
    }
    if options.json:
        print(json.dumps(answer))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer rows, on SQLite alone: within 40 seconds"
    )
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(url: str, *, quick: bool) -> dict[str, Any]:
    """A new process, since Django takes its database at start."""
    environment = os.environ | {"DATABASE_URL": url, "DEBUG": "1", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "bench.progress", "--here", *(["--quick"] if quick else [])]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


# In the process that has the database -----------------------------------------------------


def _measure(small: int, large: int, rounds: int) -> dict[str, Any]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from bench.progress_world import Programme
    from counting.cached_count import clear_cache
    from counting.counter import counted

    settings.DEBUG = False  # keys of development, but no record of every query
    call_command("migrate", verbosity=0)
    programme = Programme()
    programme.grow(small)
    counted()
    total_of_small = _timed(lambda: counted().persons, rounds * 10, first=clear_cache)
    programme.grow(large)
    figures = {"build_ms": _timed(counted, 1)}
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    ratios: dict[str, float] = {}
    for name, (ours, slow) in _questions(programme.today).items():
        times = rounds if name.startswith("known_before") else rounds * 10
        cached_ms, slow_ms = _timed(ours, times, first=clear_cache), _timed(slow, rounds)
        figures |= {f"{name}_ms": cached_ms, f"{name}_slow_ms": slow_ms}
        ratios[name] = slow_ms / cached_ms
    figures["replay_ms"] = _timed(lambda: check(programme.today), 1)
    ratios["growth_of_total"] = figures["total_ms"] / total_of_small
    ratios["completion_with_trigger"] = _trigger_cost(programme, rounds * 40)
    page = _page(rounds * 8)
    figures |= {name: page.pop(name) for name in ("page_queries", "page_uncached_queries")}
    ratios |= page
    return {"ratios": ratios, "figures": figures | {"completions": large}}


def _timed(ask: Callable[[], Any], times: int, first: Callable[[], Any] = bool) -> float:
    """The median of some runs, in milliseconds; ``first`` is called before each, untimed."""
    found = []
    for _time in range(times):
        first()
        started = time.perf_counter()
        ask()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


def _questions(today: dt.date) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Name → the question to the counter, and the same by the slow query."""
    from counting.counter import counted
    from counting.groups import groups
    from counting.replay import GroupBy

    long_ago, before = today - dt.timedelta(days=477), today - dt.timedelta(days=40)
    month = "to_char(completed_on, 'YYYY-MM')" if _is_postgresql() else "substr(completed_on, 1, 7)"
    return {
        "total": (lambda: counted().persons, lambda: slow(today)),
        "as_of": (lambda: counted(long_ago).persons, lambda: slow(long_ago)),
        "by_agency": (
            lambda: groups(counted(), GroupBy.AGENCY),
            lambda: slow(today, by="sending_agency_id"),
        ),
        "by_sector": (lambda: groups(counted(), GroupBy.SECTOR), lambda: slow(today, by="sector")),
        "by_month": (lambda: groups(counted(), GroupBy.MONTH), lambda: slow(today, by=month)),
        "known_before": (lambda: counted(known_as_of=before).persons, lambda: slow(today)),
        "known_before_by_agency": (
            lambda: counted(known_as_of=before).parts(GroupBy.AGENCY),
            lambda: slow(today, by="sending_agency_id"),
        ),
    }


_QUALIFYING = """
FROM enrollment_completion c
LEFT JOIN people_merge m ON m.absorbed_id = c.trainee_id AND m.undone_at IS NULL
WHERE c.voided_at IS NULL AND c.completed_on <= %s AND c.periods >= 0
AND c.sector IN ('state_agency', 'state_corporation')
AND c.course_code IN (SELECT k.code FROM counting_rulecourse r JOIN courses_course k
                      ON k.id = r.course_id)
"""
_PERSON = "COALESCE(m.survivor_id, c.trainee_id)"


def slow(as_of: dt.date, *, by: str = "") -> list[Any]:
    """Everybody counted in one statement."""
    from django.db import connection

    sql = f"SELECT COUNT(DISTINCT {_PERSON}) {_QUALIFYING}"
    if by:
        first = f"PARTITION BY {_PERSON} ORDER BY c.completed_on, c.recorded_at, c.id"
        found = f"c.completed_on, c.sending_agency_id, c.sector, ROW_NUMBER() OVER ({first}) AS n"
        sql = f"SELECT {by}, COUNT(*) FROM (SELECT {found} {_QUALIFYING}) f WHERE n = 1 GROUP BY 1"  # noqa: S608  # of literals
    with connection.cursor() as cursor:
        cursor.execute(sql, [as_of])
        return list(cursor.fetchall())


def _is_postgresql() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


def check(today: dt.date) -> None:
    """Replay; it, the slow query and the cached totals must give the same figures."""
    from common import clock
    from counting.cache_check import EVER, difference_from
    from counting.counter import counted
    from counting.replay import TRAINED_OFFICIALS, replayed

    cached = counted()
    replay = replayed(EVER, clock.now(), cached.rule, TRAINED_OFFICIALS)
    if replay.persons != cached.persons or (cached.persons,) != slow(today)[0]:
        raise RuntimeError("cached totals, slow query and replay differ")
    if difference_from(replay):
        raise RuntimeError("the cached totals differ from the replay")


def _trigger_cost(programme: Any, times: int) -> float:
    """Recording a result from paper with the trigger of pending changes, over without it."""
    from django.db import connection

    from audit.services import SYSTEM
    from common import pending_changes
    from courses.models import CourseRun
    from enrollment.services.completion import record_from_paper
    from people.models import Trainee

    run = CourseRun.objects.create(
        course=programme.course, code="NOTE", starts_on=programme.today, ends_on=programme.today,
        capacity=1,
    )  # fmt: skip
    people = iter(Trainee.objects.select_related("agency")[: times * 2])
    table = "enrollment_completion"

    def record() -> None:
        person = next(people)
        record_from_paper(
            by=SYSTEM, run=run, trainee=person, sending_agency=person.agency,
            completed_on=programme.today,
        )  # fmt: skip

    spent: dict[bool, list[float]] = {True: [], False: []}
    for number in range(times // 10):
        with_trigger = number % 2 == 0
        if with_trigger:
            pending_changes.install(connection, "enrollment")
        else:
            on = f" ON {table}" if _is_postgresql() else ""
            with connection.cursor() as cursor:
                for event in ("insert", "update"):
                    cursor.execute(f"DROP TRIGGER {table}_noted_{event}{on}")
        record()
        spent[with_trigger].append(_timed(record, 19))
    return statistics.median(spent[True]) / statistics.median(spent[False])


def _page(times: int) -> dict[str, float]:
    """Processor time of the progress page over an empty page of its layout, and its queries.

    Once cached and once with empty caches. Both pages open the database.
    """
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.db import connection
    from django.shortcuts import render
    from django.test import RequestFactory
    from django.test.utils import CaptureQueriesContext
    from django.urls import include, path

    from common.access import ANYBODY, allow
    from counting.cached_count import clear_cache
    from targets.views import public_figures

    @allow(ANYBODY)
    def empty(request: Any) -> Any:
        connection.ensure_connection()
        return render(request, "base.html")

    addresses = ModuleType("bench_addresses")
    addresses.urlpatterns = [path("empty/", empty), path("", include("lms.urls"))]  # type: ignore[attr-defined]  # a module made here declares nothing
    sys.modules[addresses.__name__] = addresses
    settings.ROOT_URLCONF, settings.ALLOWED_HOSTS = addresses.__name__, ["*"]
    site, factory = get_wsgi_application(), RequestFactory()

    def ask(address: str) -> float:
        started = time.process_time()
        b"".join(site(factory.get(address).environ, lambda *_start: lambda _written: None))
        return time.process_time() - started

    def ask_uncached() -> float:
        clear_cache()
        public_figures.clear_cache()
        return ask("/")

    spent = [(ask("/empty/"), ask_uncached(), ask("/")) for _time in range(times)]
    frame, uncached, cached = (statistics.median(found) for found in zip(*spent, strict=True))
    found = {"page_vs_empty_page": cached / frame, "page_uncached_vs_empty_page": uncached / frame}
    for name, first in (
        ("page_uncached_queries", ask_uncached),
        ("page_queries", lambda: ask("/")),
    ):
        with CaptureQueriesContext(connection) as queries:
            first()
        found[name] = len(queries)
    return found


if __name__ == "__main__":
    sys.exit(main())
