"""seats: 200 requests at once for 30 seats, against a bare conditional UPDATE + INSERT.

Four processes ask at the same time; then 30 people withdraw at the same time. What must come
out is exact: 30 seated, 170 waiting in the order of the ledger, the first 30 of them promoted.
``overbooked`` and ``errors`` are sums over the engines; a request that is lost, out of order or
promoted out of turn is an error.
"""

import argparse
import json
import multiprocessing as mp
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from bench.scratch import databases

PEOPLE, SEATS, PROCESSES = 200, 30, 4


def main() -> int:
    options = _options()
    if options.here:
        print(json.dumps(_measure(rounds=options.rounds)))
        return 0
    found: dict[str, dict[str, Any]] = {}
    with databases() as urls:
        for engine, url in urls.items():
            found[engine] = _in_own_process(url, rounds=2 if options.quick else 9)
            _print(engine, found[engine])
    totals = {
        key: sum(result[key] for result in found.values()) for key in ("overbooked", "errors")
    }
    speeds = {f"{engine}_requests_per_s": round(r["speed"]) for engine, r in found.items()}
    answer = {
        "bench": "seats",
        "ratios": {f"{engine}_vs_bare": round(r["ratio"], 3) for engine, r in found.items()},
        "figures": totals | speeds,
    }
    if options.json:
        print(json.dumps(answer))
    return 1 if totals["overbooked"] or totals["errors"] else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(url: str, *, rounds: int) -> dict[str, Any]:
    """A new process, since Django takes its database at start."""
    environment = os.environ | {"DATABASE_URL": url, "DEBUG": "1", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "bench.seats", "--here", "--rounds", str(rounds)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _print(engine: str, result: dict[str, Any]) -> None:
    print(
        f"seats  {engine:10s} {result['speed']:6.0f} requests/s = {result['ratio']:.2f} x bare "
        f"({result['bare']:.0f}/s)  overbooked {result['overbooked']}  errors {result['errors']}"
    )


# In the process that has the database -----------------------------------------------------


def _measure(*, rounds: int) -> dict[str, Any]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    people = _people()
    result: dict[str, Any] = {"overbooked": 0, "errors": 0}
    ours, bare = [], []
    for number in range(rounds):
        ours.append(_round(people, number, result))
        bare.append(_bare_round(people, number))
    result["speed"], result["bare"] = statistics.median(ours), statistics.median(bare)
    result["ratio"] = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    return result


def _people() -> list[int]:
    from agencies.models import Agency
    from people.models import Trainee

    agency = Agency.objects.create(slug="bench", name_vi="Cơ quan đo", kind="ministry")
    rows = [Trainee(full_name=f"Nguyễn Văn {n}", agency=agency) for n in range(PEOPLE)]
    for row in rows:
        row.set_keys()
    return [row.pk for row in Trainee.objects.bulk_create(rows)]


def _run(code: str) -> Any:
    import datetime as dt

    from courses.models import Course, CourseRun

    course, _created = Course.objects.get_or_create(
        code="BENCH", defaults={"title_vi": "Khóa đo", "periods": 8, "delivery": "online"}
    )
    return CourseRun.objects.create(
        course=course,
        code=code,
        starts_on=dt.date(2098, 1, 1),
        ends_on=dt.date(2099, 1, 1),
        capacity=SEATS,
    )


def _round(people: list[int], number: int, result: dict[str, Any]) -> float:
    """Everybody asks at once; errors are added to ``result``. Requests per second."""
    from audit.services import SYSTEM
    from enrollment.models import Enrollment
    from enrollment.services.enrollments import request_enrollment, withdraw
    from people.models import Trainee

    run = _run(f"BENCH-{number}")
    trainees = list(Trainee.objects.filter(pk__in=people).select_related("agency"))
    seconds, failed = _at_once(
        [partial(request_enrollment, by=SYSTEM, run=run, trainee=who) for who in trainees]
    )
    result["errors"] += failed + _wrong_order(run)
    result["overbooked"] += _overbooked(run)
    seated = list(Enrollment.objects.filter(run=run, state="enrolled").select_related("run"))
    next_ones = set(run.enrollments.waiting().values_list("id", flat=True)[: len(seated)])
    _seconds, failed = _at_once(
        [partial(withdraw, by=SYSTEM, enrollment=enrollment) for enrollment in seated]
    )
    promoted = set(run.enrollments.filter(state="enrolled").values_list("id", flat=True))
    result["errors"] += failed + len(promoted ^ next_ones)
    result["overbooked"] += _overbooked(run)
    return PEOPLE / seconds


def _overbooked(run: Any) -> int:
    run.refresh_from_db()
    seated = run.enrollments.holding_a_seat().count()
    ledger = sum(run.seat_moves.values_list("seats", flat=True))
    return int(max(0, seated - SEATS) + abs(seated - run.seats_taken) + abs(seated - ledger))


def _wrong_order(run: Any) -> int:
    """People lost, and people whose waiting number differs from the ledger's."""
    waiting = list(run.enrollments.waiting().values_list("id", "waiting_number"))
    ledger = run.seat_moves.filter(reason="waitlisted").order_by("id")
    in_order = list(ledger.values_list("enrollment_id", flat=True))
    wrong = sum(
        number != n or a != b
        for n, ((a, number), b) in enumerate(zip(waiting, in_order, strict=False), 1)
    )
    seated = run.enrollments.filter(state="enrolled").count()
    return int(wrong + abs(SEATS - seated) + abs(PEOPLE - SEATS - len(waiting)))


def _bare_round(people: list[int], number: int) -> float:
    """The least that could be done: take a seat if there is one, insert the enrollment."""
    from django.db import transaction
    from django.db.models import F

    from agencies.models import Agency
    from courses.models import CourseRun
    from enrollment.models import Enrollment

    run, agency = _run(f"BARE-{number}"), Agency.objects.get(slug="bench")

    def claim(trainee_id: int) -> None:
        with transaction.atomic():
            free = CourseRun.objects.filter(pk=run.pk, seats_taken__lt=F("capacity"))
            got = free.update(seats_taken=F("seats_taken") + 1)
            Enrollment.objects.create(
                run=run,
                trainee_id=trainee_id,
                sending_agency=agency,
                state="enrolled" if got else "requested",
            )

    seconds, failed = _at_once([partial(claim, who) for who in people])
    if failed:
        raise RuntimeError(f"{failed} bare requests failed")
    return PEOPLE / seconds


def _at_once(actions: Sequence[Callable[[], Any]]) -> tuple[float, int]:
    """Run all actions in four processes that start together: seconds, and how many failed."""
    from django.db import connections

    connections.close_all()
    context = mp.get_context("fork")
    barrier, failures = context.Barrier(PROCESSES + 1), context.Queue()
    workers = [
        context.Process(target=_work, args=(actions[n::PROCESSES], barrier, failures))
        for n in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    started = time.perf_counter()
    failed = sum(failures.get() for _worker in workers)
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return seconds, failed


def _work(actions: Sequence[Callable[[], Any]], barrier: Any, failures: Any) -> None:
    from django.db import connection

    connection.ensure_connection()
    failed = 0
    barrier.wait()
    for action in actions:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - any error is a failed request
            failed += 1
            print(f"seats: {type(error).__name__}: {error}", file=sys.stderr)
    failures.put(failed)
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
