"""Real workers issuing a real class, really killed: a script, so that pytest stays alive.

``rehearsal.py kill N`` kills the worker three times in the middle of N certificates,
``rehearsal.py measure N WAY`` lets two workers issue N, ``compiled`` or ``rendered``, and watches
their memory; both print JSON. ``rehearsal.py fill N`` makes a class and prints its code.
``rehearsal.py kill-duplicate 1`` kills it while a duplicate waits for its time stamp.
``rehearsal.py worker N WAY`` is a worker that stores N files at once. DATABASE_URL, MEDIA_ROOT and
KEY_FOLDER say where.
"""
# ruff: noqa: E402 - a script sets up Django before it imports the apps

import datetime as dt
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"

import django

django.setup()

from django.core.management import call_command

from audit.services import SYSTEM
from certificates.compiled import Reason, UnusualError
from certificates.models import Batch, Certificate
from certificates.services import batches, documents, issuance
from certificates.services.duplicates import issue_duplicate
from certificates.services.verification import verify_file
from courses.models import CourseRun
from jobs import services
from tests.factories import make_agency, make_completion, make_course, make_run, make_trainee

services.LEASE = dt.timedelta(seconds=3)
KILLS = 3


def make_class(size: int) -> CourseRun:
    """A class of so many people who completed it."""
    if not CourseRun.objects.exists():
        call_command("load_reference", "--json", stdout=open(os.devnull, "w"))  # noqa: SIM115, PTH123
    code = f"CLASS-{CourseRun.objects.count()}"  # another process may have made some, too
    run, agency = make_run(make_course(code), code=code), make_agency(code.lower())
    for _ in range(size):
        make_completion(make_trainee(agency), run)
    return run


def fill(size: int) -> str:
    return make_class(size).code


def start_worker(
    at_once: int = issuance.STORED_AT_ONCE, way: str = "compiled", **environment: str
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, __file__, "worker", str(at_once), way],
        env=os.environ | environment,
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


def kill_duplicate(size: int) -> dict[str, Any]:
    """The worker is killed while it waits for a time stamp that never comes."""
    run = make_class(size)
    issuance.register_certificates(by=SYSTEM, run=run)
    (lost,) = issuance.write_files(run)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        issue_duplicate(by=SYSTEM, certificate=lost, reason="Mất", owner=None)
        worker = start_worker(TSA_URL=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        silent.settimeout(60)
        asked, _address = silent.accept()
        worker.kill()
        worker.wait()
        asked.close()
    rows = lost.duplicates.all()
    left = {"made": rows.exclude(made_at=None).count(), "files": len(_files())}
    time.sleep(services.LEASE.total_seconds() + 0.2)
    services.reap()
    worker = start_worker()
    wait_for(rows.exclude(made_at=None).exists, 60)
    worker.terminate()
    worker.wait()
    end = {
        "numbers": list(rows.values_list("number", flat=True)),
        "made": rows.exclude(made_at=None).count(),
        "files": len(_files()),
        "state": str(verify_file(rows.get().file.read()).state),
    }
    return {"after_the_kill": left, "in_the_end": end}


def _files() -> list[Path]:
    return sorted(Path(os.environ["MEDIA_ROOT"]).rglob("*.pdf"))


def outcome(size: int) -> dict[str, Any]:
    """What lies there in the end, read from database and disk."""
    rows = Certificate.objects.order_by("register_number")
    files = _files()
    return {
        "numbers": list(rows.values_list("register_number", flat=True)) == list(range(1, size + 1)),
        "people": rows.values("completion").distinct().count(),
        "files": len(files),
        "valid": sum(verify_file(path.read_bytes()).state == "valid" for path in files[::7]),
        "looked_at": len(files[::7]),
    }


def measure(size: int, way: str = "compiled") -> dict[str, Any]:
    """Two workers share a class after a small one has warmed them; ``cpu`` is theirs, in seconds.

    The memory of each is read at a fifth of its share and at the end.
    """
    batches.WORTH_SHARING = 2  # or one of them would still be cold
    workers = [start_worker(way=way), start_worker(way=way)]
    try:
        return _measured(size, workers)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()


def _measured(size: int, workers: list[subprocess.Popen[bytes]]) -> dict[str, Any]:
    warm = begin(max(20, size // 5))
    wait_for(lambda: over(warm) and bool(warm.merged), 600)
    run = make_class(size)
    before, begun = _spent(workers), time.monotonic()
    batch = batches.start_batch(by=SYSTEM, run=run, owner=None)
    early: list[int] = []
    late: list[int] = []
    while not over(batch):
        count = batches.issued(batch).count()
        memory = [_memory(worker.pid) for worker in workers]
        early = early or (memory if count >= size // 5 else [])
        if size - 10 > count:
            late = memory
        time.sleep(0.2)
    seconds, spent = time.monotonic() - begun, _spent(workers) - before
    wait_for(lambda: over(batch) and bool(batch.merged), 600)
    merging = _spent(workers) - before - spent
    # Of a small class both may be missing.
    growth = [after / first - 1 for first, after in zip(early, late, strict=False)]
    return {
        "certificates": batches.issued(batch).count(),
        "seconds": seconds,
        "cpu": spent,
        "cpu_of_merging": merging,
        "early_mb": [round(one / 1024) for one in early],
        "late_mb": [round(one / 1024) for one in late],
        "growth": max(growth, default=0),
    }


def _spent(workers: list[subprocess.Popen[bytes]]) -> float:
    """CPU seconds of processes and of their children that have ended."""
    ticks = 0
    for worker in workers:
        after_name = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, after_name[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """The resident memory of a process in KB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def _refuse(_source: Any) -> NoReturn:
    raise UnusualError(Reason.DIFFERENT)


if sys.argv[1] == "worker":
    issuance.STORED_AT_ONCE = int(sys.argv[2])
    if sys.argv[3] == "rendered":
        documents._compiled = _refuse  # type: ignore[assignment]  # it makes none, so all are rendered
    call_command("worker", interval=0.1)
else:
    scenarios: Any = {
        "kill": kill, "kill-duplicate": kill_duplicate, "measure": measure, "fill": fill,
    }  # fmt: skip
    sys.stdout.write(json.dumps(scenarios[sys.argv[1]](int(sys.argv[2]), *sys.argv[3:])))
