"""load: requests a second for pages and files, against a bare view under the same server.

Two gunicorns of one process with four threads and the site's own worker class, one for the site
and one for a Django view of one line behind four usual middlewares; wrk asks one address at a
time, variants in turn, medians. PostgreSQL where it is installed, else SQLite. The load of the
machine is printed: only ratios mean anything.
"""

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from bench.scratch import databases, free_port

BARE = "bare"
# At least so much of the bare view's requests a second.
ASKED = {"public page": 0.60, "sign-in page": 0.60, "verification": 0.08, "list of 50": 0.03,
         "certificate file": 0.15}  # fmt: skip
CODE = "0000-0000-0000-0007"
# What is asked while memory is looked at, and how much of it: a list takes ten times as long.
MIXED = {"/": 0.6, f"/verify/{CODE}": 0.3, "/people/": 0.1}


class Answered(NamedTuple):
    """What wrk counted; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    errors: int


class Server:
    def __init__(self, variant: str, environment: dict[str, str], *, workers: int = 1) -> None:
        self.port = free_port()
        command = [
            sys.executable, "-m", "gunicorn", "bench.load_site:application",
            "--workers", str(workers),
            "--worker-class", "lms.gunicorn_worker.GatheringWorker", "--threads", "4",
            "--bind", f"127.0.0.1:{self.port}", "--no-control-socket", "--log-level", "error",
        ]  # fmt: skip
        began = time.monotonic()
        self.process = subprocess.Popen(command, env=environment | {"BENCH_VARIANT": variant})
        _wait_for(f"http://127.0.0.1:{self.port}/bare/")
        self.seconds_to_start = time.monotonic() - began

    def ask(self, path: str, *, seconds: float, visitors: int = 16, cookie: str = "") -> Answered:
        address = f"http://127.0.0.1:{self.port}{path}"
        told = subprocess.run(
            ["wrk", "-t1", f"-c{visitors}", f"-d{seconds}s", "--latency", "--timeout", "20s",
             *(["-H", f"Cookie: {cookie}"] if cookie else []), address],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        return _read(told)

    def memory_kb(self) -> int:
        """Of its one web process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        status = Path(f"/proc/{children.split()[0]}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) if found else 0

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def _wait_for(address: str) -> None:
    for _attempt in range(600):
        with suppress(OSError), urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own
            return
        time.sleep(0.05)
    raise TimeoutError(address)


def _read(told: str) -> Answered:
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", told)
    times = {
        percent: float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
        for percent, number, unit in re.findall(r"(\d+)%\s+([\d.]+)(us|ms|s)\b", told)
    }
    failed = re.findall(r"Non-2xx or 3xx responses: (\d+)", told)
    failed += re.findall(r"(?:connect|read|write|timeout) (\d+)", told)
    assert per_second, told
    return Answered(float(per_second[1]), times["50"], times["99"], sum(map(int, failed)))


def _fill(rows: int, media: Path) -> str:
    """A programme in the database; the cookie of somebody of the office."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from accounts.services import create_second_factor
    from audit.services import SYSTEM
    from bench.web import cookie_of, somebody
    from bench.web_world import fill

    call_command("migrate", verbosity=0)
    fill(rows)
    media.mkdir(exist_ok=True)
    (media / "certificate.pdf").write_bytes(b"%PDF-1.7" + os.urandom(90_000))
    office = somebody("programme_office")
    create_second_factor(by=SYSTEM, user=office)
    cookie = cookie_of(office)["HTTP_COOKIE"]
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    return cookie


@contextmanager
def filled_site(rows: int) -> Iterator[tuple[dict[str, str], str]]:
    """The environment of a site with so many people, and a cookie."""
    with ExitStack() as stack:
        urls = stack.enter_context(databases())
        media = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lms-bench."))) / "m"
        os.environ |= {
            "DATABASE_URL": urls.get("postgresql", urls["sqlite"]),
            "DEBUG": "1",
            "MEDIA_ROOT": str(media),
        }
        cookie = _fill(rows, media)
        yield dict(os.environ), cookie


def measure(rows: int, rounds: int, seconds: float, requests: int) -> dict[str, Any]:
    """``{"ratios", "figures"}``."""
    with filled_site(rows) as (environment, cookie):
        site, bare = Server("site", environment), Server(BARE, environment)
        try:
            paths = {
                "public page": "/", "sign-in page": "/sign-in/login/",
                "verification": f"/verify/{CODE}", "list of 50": "/people/",
                "certificate file": f"/certificates/{CODE}/file",
            }  # fmt: skip
            signed_in = {"list of 50", "certificate file"}
            found: dict[str, list[Answered]] = {name: [] for name in (BARE, *paths)}
            for _round in range(rounds + 1):
                found[BARE].append(bare.ask("/bare/", seconds=seconds))
                for name, path in paths.items():
                    given = cookie if name in signed_in else ""
                    found[name].append(site.ask(path, seconds=seconds, cookie=given))
            crowd = {
                name: site.ask(path, seconds=seconds * 2, visitors=50)
                for name, path in paths.items() if name not in signed_in
            }  # fmt: skip
            bare_crowd = bare.ask("/bare/", seconds=seconds * 2, visitors=50)
            rush = site.ask("/", seconds=seconds * 2, visitors=200)
            grown = growth(site, cookie, requests)
            started = site.seconds_to_start
        finally:
            site.stop()
            bare.stop()
    speeds = {  # the first round warms up
        name: statistics.median(one.per_second for one in answers[1:])
        for name, answers in found.items()
    }
    ratios = {f"{name} / bare": speeds[name] / speeds[BARE] for name in paths}
    ratios |= {f"{name}, 50 visitors, p99 / p50": one.p99 / one.p50 for name, one in crowd.items()}
    ratios |= {"bare, 50 visitors, p99 / p50": bare_crowd.p99 / bare_crowd.p50}
    ratios |= {"memory after / before": grown}
    errors = sum(one.errors for answers in found.values() for one in answers)
    figures = {
        "bare_per_second": round(speeds[BARE]), "errors": errors, "errors_at_200": rush.errors,
        "cold_start_seconds": round(started, 2), "rows": rows,
        "load_1_minute": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    return {"ratios": ratios, "figures": figures}


def growth(site: Server, cookie: str, requests: int) -> float:
    """Memory of the web process after so many more requests, of pages in turn, by before."""

    def ask(times: int) -> None:
        for path, share in MIXED.items():
            left = times * share
            while left > 0:
                given = cookie if path == "/people/" else ""
                answered = site.ask(path, seconds=2, visitors=8, cookie=given)
                left -= answered.per_second * 2

    ask(requests // 10)
    before = site.memory_kb()
    ask(requests)
    return site.memory_kb() / before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("load: wrk is missing: script/setup --full installs it", file=sys.stderr)
        return 0
    found = measure(2_000, 2, 1, 300) if options.quick else measure(100_000, 5, 3, 20_000)
    for name, value in (found["ratios"] | found["figures"]).items():
        least = ASKED.get(name.removesuffix(" / bare"))
        print(f"{name:<48} {value:9.2f}" + (f"   (asked: {least})" if least else ""))
    if options.json:
        rounded = {name: round(ratio, 3) for name, ratio in found["ratios"].items()}
        print(json.dumps({"bench": "load", "ratios": rounded, "figures": found["figures"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
