"""number: pages of the number, signing and replay with very many completions, on SQLite.

Pages against an empty signed-in page, processor time, one process, in turn, medians; after the
tasks of a night. Signing and the nightly job are processes of their own: processor time and peak of
the memory. The replay is the figure as known six weeks ago against a plain query that counts
everybody in one statement (as in ``bench.progress``), at three sizes. The world of the pages has
200 agencies, each with a plan of six steps, open pairs of possible doubles, two signed reports.
"""

import argparse
import datetime as dt
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

FULL, QUICK = (200_000, 9, (50_000, 100_000, 200_000)), (8_000, 3, (4_000, 8_000))
PAGES = {
    "targets": "/targets/",
    "number": "/targets/number/",
    "number by agency": "/targets/number/?by=agency",
    "number by course": "/targets/number/?by=course",
    "quality": "/targets/quality/",
    "road map": "/targets/road-map/",
    "forecast": "/targets/forecast/",
    "reconcile": "/targets/reconcile/",
    "reports": "/reports/",
    "report": "/reports/2025-12-31-v1/",
    "explain": "/explain/{code}/",
    "rules": "/targets/rules/",
    "public page": "/",
}


def main() -> int:
    options = _options()
    completions, rounds, sizes = QUICK if options.quick else FULL
    if options.step:
        print(json.dumps(STEPS[options.step](completions, rounds)))
        return 0
    found: dict[str, dict[str, float]] = {"ratios": {}, "figures": {"completions": completions}}
    run = partial(_in_own_process, quick=options.quick)
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        for step in ("build", "sign_first", "sign", "night", "pages"):
            _add(found, run(step, url))
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        os.environ["BENCH_SIZES"] = json.dumps(sizes)
        _add(found, run("replay", f"sqlite:///{Path(folder) / 'bench.sqlite3'}"))
    for name, value in (found["ratios"] | found["figures"]).items():
        print(f"number  {name:36s} {value:12,.2f}")
    if options.json:
        print(json.dumps({"bench": "number"} | found))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few completions: within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--step", choices=tuple(STEPS), help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(step: str, url: str, *, quick: bool) -> dict[str, Any]:
    """A new process: Django takes its database at start, and memory is measured from nothing."""
    environment = os.environ | {"DATABASE_URL": url, "DEBUG": "1", "LOG_LEVEL": "ERROR"}
    command = [sys.executable, "-m", "bench.number", "--step", step]
    command += ["--quick"] if quick else []
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _add(found: dict[str, dict[str, float]], more: dict[str, Any]) -> None:
    for kind in ("ratios", "figures"):
        found[kind] |= {name: round(value, 3) for name, value in more.get(kind, {}).items()}


def _set_up() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    import django

    django.setup()
    from django.conf import settings

    settings.DEBUG = False  # keys of development, but no record of every query
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# In processes of their own ----------------------------------------------------------------


def _build(completions: int, _rounds: int) -> dict[str, Any]:
    _set_up()
    from django.core.management import call_command

    from bench.number_world import fill

    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    fill(completions)
    return {"figures": {"build_s": time.perf_counter() - started}}


def _sign_first(_completions: int, _rounds: int) -> dict[str, Any]:
    """The report that the next one opens with."""
    return {"figures": {f"{name}, first": value for name, value in _signed(2024).items()}}


def _sign(_completions: int, _rounds: int) -> dict[str, Any]:
    return {"figures": _signed(2025)}


def _signed(year: int) -> dict[str, float]:
    _set_up()
    from bench.number_world import office
    from certificates.models import Signer
    from common import clock
    from counting.counter import counted
    from jobs.models import Job
    from jobs.services import run
    from targets.models import PeriodReport
    from targets.services.sign_off_job import request_sign_off

    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    job = request_sign_off(
        owner=office(),
        payload={
            "starts_on": first.isoformat(),
            "ends_on": last.isoformat(),
            "number": f"{year}/BC-BTTTT",
            "signer": Signer.objects.in_force().earliest("pk").pk,
            "dated": clock.today().isoformat(),
            "recipients": "Lưu: VT",
            "agreed_persons": counted(last).persons,
            "signed_here": False,
        },
        acknowledged=True,
    )
    started = time.process_time()
    run(str(job.pk))
    job = Job.objects.get()
    if job.state != "done":
        raise RuntimeError(f"not signed: {job.error_message}")
    report = PeriodReport.objects.without_names().get(ends_on=last)
    job.delete()
    return {
        "sign_cpu_s": time.process_time() - started,
        "sign_peak_mb": _peak_mb(),
        "signed_completions": report.completions,
    }


def _night(_completions: int, _rounds: int) -> dict[str, Any]:
    """What the worker does at night: reconcile, pages of long lists, snapshots of quarters."""
    _set_up()
    from audit.services import SYSTEM
    from targets.progress.snapshots import snapshot_quarters
    from targets.services.nightly_reconciliation import reconcile_and_store
    from targets.services.stored_pages import compute_pages

    figures: dict[str, float] = {}
    for name, work in (
        ("reconcile_cpu_s", lambda: reconcile_and_store(by=SYSTEM)),
        ("stored_pages_cpu_s", compute_pages),
        ("snapshots_cpu_s", snapshot_quarters),
    ):
        started = time.process_time()
        work()
        figures[name] = time.process_time() - started
    return {"figures": figures | {"night_peak_mb": _peak_mb()}}


def _pages(_completions: int, rounds: int) -> dict[str, Any]:
    _set_up()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.test import RequestFactory

    from bench.number_world import office
    from bench.web import add_empty_pages, cookie_of
    from people.models import Trainee

    add_empty_pages()
    settings.ALLOWED_HOSTS = ["*"]
    site, factory = get_wsgi_application(), RequestFactory()
    headers: dict[str, Any] = cookie_of(office())
    code = Trainee.objects.earliest("pk").code

    def ask(address: str) -> float:
        def begin(status: str, *_rest: Any) -> Callable[[bytes], object]:
            if not status.startswith("200"):
                raise RuntimeError(f"{address}: {status}")
            return len

        started = time.process_time()
        b"".join(site(factory.get(address.format(code=code), **headers).environ, begin))
        return (time.process_time() - started) * 1000

    addresses = {"empty page": "/empty-page/", **PAGES}
    spent: dict[str, list[float]] = {name: [] for name in addresses}
    for address in addresses.values():
        ask(address)
    for _round in range(rounds):
        for name, address in addresses.items():
            spent[name].append(ask(address))
    medians = {name: statistics.median(found) for name, found in spent.items()}
    empty = medians.pop("empty page")
    ratios = {f"{name} / empty": found / empty for name, found in medians.items()}
    return {"ratios": ratios, "figures": {"empty_page_ms": empty}}


def _replay(_completions: int, rounds: int) -> dict[str, Any]:
    _set_up()
    from django.core.management import call_command
    from django.db import connection

    from bench.progress_world import Programme

    call_command("migrate", verbosity=0)
    programme = Programme()
    ratios: dict[str, float] = {}
    figures: dict[str, float] = {}
    for size in json.loads(os.environ["BENCH_SIZES"]):
        programme.grow(size)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        for name, (ours, plain) in _questions(programme.today).items():
            spent = [(_timed(ours), _timed(plain)) for _round in range(rounds)]
            mine, theirs = (statistics.median(found) for found in zip(*spent, strict=True))
            figures |= {f"{name}_{size}_ms": mine, f"{name}_{size}_plain_ms": theirs}
            ratios[f"{name} / plain, {size}"] = mine / theirs
    return {"ratios": ratios, "figures": figures}


def _questions(today: dt.date) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    from bench.progress import slow
    from common import clock
    from counting.counter import counted
    from counting.replay import GroupBy

    before = clock.end_of_day(today - dt.timedelta(days=40))
    return {
        "replay": (
            lambda: counted(known_as_of=before).persons,
            lambda: slow(today),
        ),
        "replay by agency": (
            lambda: counted(known_as_of=before).parts(GroupBy.AGENCY),
            lambda: slow(today, by="sending_agency_id"),
        ),
    }


def _timed(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


STEPS: dict[str, Callable[[int, int], dict[str, Any]]] = {
    "build": _build,
    "sign_first": _sign_first,
    "sign": _sign,
    "night": _night,
    "pages": _pages,
    "replay": _replay,
}

if __name__ == "__main__":
    sys.exit(main())
