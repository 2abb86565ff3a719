"""scale: one programme of a million people and three million results, and what each thing takes.

Fills the empty database that DATABASE_URL names (PostgreSQL, a superuser; some 12 GB for a million
people), or a scratch one, and measures it. A database that is filled already is measured as it is.
Pages and answers in this process with all middlewares, medians of five after a first one; commands
as processes of their own. Seconds depend on the machine: its load is printed.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from bench.scratch import databases

USUAL, QUICK = (100_000, 300_000), (2_000, 6_000)
ROSTER = 1_000
CERTIFICATES = 100
TIMES = 5


class Taken(NamedTuple):
    seconds: float
    processor: float
    peak_mb: float | None = None


def measure(
    people: int, completions: int, folder: Path, *, commands: bool = True
) -> Iterator[tuple[str, Taken]]:
    _start()
    from django.core.management import call_command
    from django.db import connection

    from bench.scale_world import fill
    from people.models import Trainee

    call_command("migrate", verbosity=0)
    if not Trainee.objects.exists():
        yield "filling", _timed(lambda: fill(people, completions))
    connection.close()
    yield from _pages()
    if commands:
        yield from _commands(folder)


def _start() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    os.environ["API_CALLS_PER_MINUTE"] = os.environ["API_CALLS_PER_ADDRESS"] = "100000000"
    import django

    django.setup()
    from django.conf import settings

    settings.DEBUG = False  # keys of development, but no record of every query


def _timed(work: Callable[[], object]) -> Taken:
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return Taken(time.perf_counter() - wall, time.process_time() - processor)


# Pages and answers ----------------------------------------------------------------------


def _pages() -> Iterator[tuple[str, Taken]]:
    from django.core.wsgi import get_wsgi_application

    from accounts.services import create_token
    from audit.services import SYSTEM
    from bench.web import Visitor, add_empty_pages, cookie_of

    add_empty_pages()
    site, user = get_wsgi_application(), _office()
    office, stranger = Visitor(site, cookie_of(user)), Visitor(site, {})
    token = create_token(by=SYSTEM, user=user)
    program = Visitor(site, {"HTTP_AUTHORIZATION": f"Bearer {token}"})
    for name, address in _addresses(_halfway(program)):
        ask = program if address.startswith("/api/") else office
        if address.startswith("/verify/"):
            ask = stranger
        ask(address)
        taken = [_timed(partial(ask, address)) for _time in range(TIMES)]
        yield (
            name,
            Taken(
                statistics.median(one.seconds for one in taken),
                statistics.median(one.processor for one in taken),
            ),
        )


def _office() -> Any:
    from accounts.models import User
    from accounts.services import create_second_factor
    from audit.services import SYSTEM
    from bench.web import somebody

    if known := User.objects.filter(email="programme_office@example.gov.vn").first():
        return known
    user = somebody("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    return user


def _addresses(deep: str) -> Iterator[tuple[str, str]]:
    from bench.rosters_shared import person_of
    from certificates.models import Certificate
    from people.models import Trainee

    person = Trainee.objects.order_by("sort_key", "id")[Trainee.objects.count() // 2]
    certificate = Certificate.objects.latest("pk")
    name = person_of(7)["full_name"].replace(" ", "+")
    yield "empty page", "/empty-page/"
    yield "people: first page", "/people/"
    yield "people: one agency's", "/people/?agency=bench-7"
    yield "people: by full name", f"/people/?q={name}"
    yield "people: by a word without accents", "/people/?q=duc"
    yield "people: by a name that nobody has", "/people/?q=khong+co+ai"
    yield "people: by code", f"/people/?q={person.code}"
    yield "a person's page", f"/people/{person.code}/"
    yield "search of everything", f"/search/?q={name}"
    yield "API: people, first", "/api/v1/trainees/"
    yield "API: people, half-way", deep
    yield "API: completions, first", "/api/v1/completions/"
    yield "register of certificates", "/certificates/"
    yield "register: by name", f"/certificates/?q={name}"
    yield "verification by code", f"/verify/{certificate.verification_code}"
    yield "verification by number", f"/verify/?code={certificate.register_label}"
    yield "public page", "/"
    yield "number", "/targets/number/"
    yield "targets", "/targets/"
    yield "classes", "/courses/"
    yield "reconciliation, stored", "/targets/reconcile/"


def _halfway(program: Callable[[str], bytes]) -> str:
    """The address of the page behind half of the people, as ``next`` gives it."""
    from common.api.pagination import sealed_cursor
    from people.models import Trainee

    people = Trainee.objects.in_roster_order()
    row = people[people.count() // 2]
    answer = f"/api/v1/trainees/?cursor={sealed_cursor('sort_key', [row.sort_key, row.pk])}"
    assert json.loads(program(answer))["results"]
    return answer


# Commands -------------------------------------------------------------------------------


def _commands(folder: Path) -> Iterator[tuple[str, Taken]]:
    for code, seats in (("SCALE-1", ROSTER), ("SCALE-2", CERTIFICATES)):
        _write_roster(folder / f"{code}.xlsx", seats)
        _manage(
            "open_run", "--course", "AI-101", "--code", code, "--starts", "2026-01-05",
            "--ends", "2026-01-06", "--capacity", str(seats),
        )  # fmt: skip
    roster = ("--agency", "bench-1", "--run")
    yield (
        f"import of a roster of {ROSTER}",
        _manage("import_roster", str(folder / "SCALE-1.xlsx"), *roster, "SCALE-1"),
    )
    _manage("import_roster", str(folder / "SCALE-2.xlsx"), *roster, "SCALE-2")
    _manage("record_attendance", "--run", "SCALE-2", "--everyone", "present")
    _manage("record_completions", "--run", "SCALE-2")
    yield (
        f"issue of {CERTIFICATES} certificates",
        _manage("issue_certificates", "--run", "SCALE-2"),
    )
    yield "export of all people", _manage("export_people", "--output", str(folder / "out.xlsx"))
    yield "the number", _manage("progress", "--json")
    yield "reconciliation of everything", _manage("reconcile", "--json")
    yield "walk along the audit log", _manage("verify_audit")
    yield "signing a period", _manage(
        "sign_period", "--starts-on", "2020-01-01", "--ends-on", "2025-12-31",
        "--number", "1/BC", "--signer", "Trần Quốc Hải",
    )  # fmt: skip


def _write_roster(path: Path, rows: int) -> None:
    from bench.rosters_shared import person_of
    from common.spreadsheets import Column, write_xlsx

    fields = ("full_name", "birth_date", "personal_number")
    titles = ("Họ và tên", "Ngày sinh", "Số định danh cá nhân")
    columns = [Column(*pair) for pair in zip(fields, titles, strict=True)]
    people = (person_of(2_000_000 + n) for n in range(rows))
    lines = ([who[field] for field in fields] for who in people)
    path.write_bytes(b"".join(write_xlsx(columns, lines, sheet_name="1")))


def _manage(*command: str) -> Taken:
    """What a command takes, and its peak. Error: CalledProcessError."""
    began, peak = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command], stdout=told, stderr=subprocess.STDOUT
        )
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            peak = max(peak, _peak_kb(process.pid))
            time.sleep(0.05)
        taken = time.perf_counter() - began
        if code := os.waitstatus_to_exitcode(ended[1]):
            told.seek(0)
            raise subprocess.CalledProcessError(code, command, told.read()[-2_000:])
    return Taken(taken, ended[2].ru_utime + ended[2].ru_stime, peak / 1024)


def _peak_kb(process: int) -> int:
    # Not ru_maxrss, which begins with what this process held when it forked.
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
        return int(found[1]) if found else 0
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--completions", type=int)
    parser.add_argument("--quick", action="store_true", help="2,000 people, 6,000 completions")
    parser.add_argument("--pages", action="store_true", help="pages and answers, no commands")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    people, completions = QUICK if options.quick else USUAL
    found: dict[str, Taken] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lms-bench.")))
        os.environ.setdefault("DEBUG", "1")
        for name, place in (("MEDIA_ROOT", "media"), ("AUDIT_HEADS_DIR", "heads")):
            os.environ.setdefault(name, str(folder / place))
        if "DATABASE_URL" not in os.environ:
            urls = stack.enter_context(databases())
            os.environ["DATABASE_URL"] = urls.get("postgresql", urls["sqlite"])
        size = options.people or people, options.completions or completions
        for name, taken in measure(*size, folder, commands=not options.pages):
            found[name] = taken
            peak = f"{taken.peak_mb:8.0f} MB" if taken.peak_mb else ""
            print(f"{name:<40} {taken.seconds:10.3f} s {taken.processor:10.3f} s{peak}", flush=True)
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    if options.json:
        print(json.dumps({"bench": "scale", "figures": {n: t._asdict() for n, t in found.items()}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
