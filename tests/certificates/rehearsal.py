"""Real workers issuing a real class, really killed: a script, so that pytest stays alive.

``rehearsal.py kill N`` kills the worker three times in the middle of N certificates,
``rehearsal.py measure N`` lets two workers issue N and watches their memory; both print JSON.
``rehearsal.py worker N`` is a worker that stores N files at once. DATABASE_URL, MEDIA_ROOT and
KEY_FOLDER say where.
"""
# ruff: noqa: E402 - a script sets up Django before it imports the apps

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"

import django

django.setup()

from django.core.management import call_command

from audit.services import SYSTEM
from certificates.models import Batch, Certificate
from certificates.services import batches, issuance
from certificates.services.verification import verify_file
from courses.models import CourseRun
from jobs import services
from tests.factories import make_agency, make_completion, make_run, make_trainee

services.LEASE = dt.timedelta(seconds=3)
KILLS = 3


def make_class(size: int) -> CourseRun:
    """A class of so many people who completed it."""
    if not CourseRun.objects.exists():
        call_command("load_reference", "--json", stdout=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    run, agency = make_run(), make_agency(f"agency-of-{size}")
    for _ in range(size):
        make_completion(make_trainee(agency), run)
    return run


def start_worker(at_once: int = issuance.STORED_AT_ONCE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, __file__, "worker", str(at_once)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def made() -> int:
    return Certificate.objects.exclude(sha256="").count()


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def begin(size: int) -> Batch:
    run = make_class(size)
    return batches.start_batch(by=SYSTEM, run=run, owner=None)


def over(batch: Batch) -> bool:
    batch.refresh_from_db()
    return batch.state == "done"


def kill(size: int) -> dict[str, Any]:
    """The worker is killed at each quarter; another one takes over when its lease is out."""
    batch, left = begin(size), []
    # A worker that is killed in a small class leaves something, too.
    at_once = min(issuance.STORED_AT_ONCE, size // 4)
    for turn in range(1, KILLS + 1):
        worker = start_worker(at_once)
        wait_for(lambda turn=turn: made() >= size * turn // (KILLS + 1), 60 + size)  # type: ignore[misc]  # bound for this turn of the loop
        worker.kill()
        worker.wait()
        left.append(made())
        time.sleep(services.LEASE.total_seconds() + 0.2)
        services.reap()
        batches.revive_batches()
    worker = start_worker()
    wait_for(lambda: over(batch), 60 + size)
    worker.terminate()
    worker.wait()
    return {"left": left} | outcome(size)


def outcome(size: int) -> dict[str, Any]:
    """What lies there in the end, read from database and disk."""
    rows = Certificate.objects.order_by("register_number")
    files = sorted(Path(os.environ["MEDIA_ROOT"]).rglob("*.pdf"))
    return {
        "numbers": list(rows.values_list("register_number", flat=True)) == list(range(1, size + 1)),
        "people": rows.values("completion").distinct().count(),
        "files": len(files),
        "valid": sum(verify_file(path.read_bytes()).state == "valid" for path in files[::7]),
        "looked_at": len(files[::7]),
    }


def measure(size: int) -> dict[str, Any]:
    """Two workers share a class; the memory of each at a fifth of its share and at the end."""
    batch = begin(size)
    workers = [start_worker(), start_worker()]
    early: list[int] = []
    late: list[int] = []
    begun = time.monotonic()
    while not over(batch):
        count = made()
        memory = [_memory(worker.pid) for worker in workers]
        if count >= size // 5 and not early:
            early = memory
        if size - 10 > count:
            late = memory
        time.sleep(0.2)
    for worker in workers:
        worker.terminate()
        worker.wait()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    growth = max(after / before for before, after in zip(early, late, strict=True)) - 1
    return {
        "certificates": made(),
        "seconds": time.monotonic() - begun,
        "cpu": spent.ru_utime + spent.ru_stime,
        "early_mb": [round(one / 1024) for one in early],
        "late_mb": [round(one / 1024) for one in late],
        "growth": growth,
    }


def _memory(pid: int) -> int:
    """The resident memory of a process in KB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


if sys.argv[1] == "worker":
    issuance.STORED_AT_ONCE = int(sys.argv[2])
    call_command("worker", interval=0.1)
else:
    scenario = {"kill": kill, "measure": measure}[sys.argv[1]]
    sys.stdout.write(json.dumps(scenario(int(sys.argv[2]))))
