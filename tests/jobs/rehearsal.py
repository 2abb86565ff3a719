"""Real workers on a real database, really killed: a script, so that pytest stays alive.

Called as ``rehearsal.py SCENARIO`` with DATABASE_URL set; prints what happened as JSON.
Called as ``rehearsal.py worker`` it is a worker that knows the rehearsed work.
"""
# ruff: noqa: E402 - a script sets up Django before it imports the apps

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"

import django

django.setup()

from aiosmtpd.controller import Controller
from django.conf import settings
from django.core.management import call_command
from django.db.models import QuerySet
from django_rq import get_queue
from django_tasks_db.models import DBTaskResult

from audit.services import SYSTEM
from common import clock
from common.registries import timed_tasks
from jobs import job_types, services
from jobs.job_types import JobType
from jobs.models import Job, TimedTaskRun, WorkerHeartbeat
from notices.models import Notice
from tests.redis_server import RedisServer

ROWS = 15
MAIL = "deliver_notices"


def write_rows(progress: services.Progress[Any]) -> dict[str, Any]:
    """Rows that are there already are left alone, as every work must do."""
    for number in range(ROWS):
        WorkerHeartbeat.objects.get_or_create(
            name=f"row {number}", defaults={"seen_at": dt.datetime.now(dt.UTC)}
        )
        progress.advance(number + 1, ROWS)
        time.sleep(0.1)
    return {"rows": ROWS}


def hear_nothing(progress: services.Progress[Any]) -> dict[str, Any]:
    time.sleep(60)
    return {}


def write_once(progress: services.Progress[Any]) -> dict[str, Any]:
    name = f"{progress.job_id} by {os.getpid()} at {time.monotonic_ns()}"
    WorkerHeartbeat.objects.create(name=name, seen_at=dt.datetime.now(dt.UTC))
    return {}


TYPES: dict[Any, JobType[Any]] = {}
for work in (write_rows, hear_nothing, write_once):
    TYPES[work] = JobType(f"rehearsal.{work.__name__}", module=__name__)
    TYPES[work].work(work)
    job_types.register(TYPES[work])


def ours() -> QuerySet[Job]:
    """Not what the worker's own timed tasks start meanwhile."""
    return Job.objects.filter(kind__startswith="rehearsal.")


def waiting(job: Job) -> int:
    if settings.RQ_QUEUES:
        return sum(str(job.pk) in str(entry.args) for entry in get_queue("default").jobs)
    return sum(str(job.pk) in str(one.args_kwargs) for one in DBTaskResult.objects.ready())


def start_job(work: Callable[..., Any]) -> Job:
    return services.start(TYPES[work], payload={}, owner=None, by=SYSTEM)


def start_worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "worker"], stdout=subprocess.DEVNULL)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


def stop(worker: subprocess.Popen[bytes]) -> dict[str, Any]:
    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    code = worker.wait(timeout=20)
    return {"code": code, "seconds": time.monotonic() - asked}


def killed() -> dict[str, Any]:
    """A worker is killed in the middle; another one starts after the lease has run out."""
    job = start_job(write_rows)
    first = start_worker()
    wait_for(lambda: ours().get().done >= 5)
    first.kill()
    first.wait()
    left = ours().get().state
    # A minute passes. A short lease instead would also run out on a worker that is alive but slow.
    ours().update(lease_until=clock.now() - dt.timedelta(seconds=1))
    second = start_worker()
    wait_for(lambda: ours().get().is_over)
    stopped = stop(second)
    job.refresh_from_db()
    return {
        "left_behind": left,
        "state": job.state,
        "attempts": job.attempts,
        "result": job.result,
        "rows": WorkerHeartbeat.objects.filter(name__startswith="row ").count(),
        "stopped": stopped,
    }


def told_to_stop(work: Callable[..., Any]) -> dict[str, Any]:
    """A worker is asked to stop while it works."""
    job = start_job(work)
    worker = start_worker()
    wait_for(lambda: ours().get().state == "running")
    stopped = stop(worker)
    job.refresh_from_db()
    return {
        "state": job.state,
        "attempts": job.attempts,
        "queued": waiting(job),
        "stopped": stopped,
    }


def two_workers() -> dict[str, Any]:
    """Two workers share a queue, both of them up before there is anything to do."""
    workers = [start_worker(), start_worker()]
    wait_for(lambda: services.workers_alive() == len(workers))
    for _ in range(20):
        start_job(write_once)
    wait_for(lambda: not ours().exclude(state="done").exists())
    codes = [stop(worker)["code"] for worker in workers]
    written = WorkerHeartbeat.objects.filter(name__contains=" by ").values_list("name", flat=True)
    return {"written": len(written), "jobs": len({name[:36] for name in written}), "codes": codes}


def succeeded(since: dt.datetime | None = None) -> set[str]:
    runs = TimedTaskRun.objects.exclude(succeeded_at=None)
    return set(
        (runs.filter(succeeded_at__gt=since) if since else runs).values_list("name", flat=True)
    )


def hanging_mail_server() -> dict[str, Any]:
    """A mail server takes calls and never answers, while two workers run."""
    Notice.objects.create(recipient="an@example.gov.vn", subject="s", body="b")
    with socket.create_server(("127.0.0.1", 0)) as server:
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{server.getsockname()[1]}"
        os.environ["DELIVERY_EMAIL_BACKEND"] = "django.core.mail.backends.smtp.EmailBackend"
        os.environ["EMAIL_TIMEOUT"] = "60"
        workers = [start_worker(), start_worker()]
        try:
            wait_for(lambda: Notice.objects.get().attempts == 1)
            others = {name for name, _task in timed_tasks if name != MAIL}
            wait_for(lambda: others <= succeeded(), seconds=90)
            since = clock.now()
            wait_for(lambda: "seal_audit" in succeeded(since))
        finally:
            stopped = [stop(worker) for worker in workers]
    return {
        "others": sorted(others - succeeded()),
        "codes": [one["code"] for one in stopped],
        "seconds_to_stop": max(one["seconds"] for one in stopped),
        "attempts": Notice.objects.get().attempts,
    }


class Deadly:
    """A mail server that keeps a message and, the first time, kills the worker that sent it."""

    worker: subprocess.Popen[bytes]

    def __init__(self) -> None:
        self.ids: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        message_id = str(message_from_bytes(envelope.content)["Message-ID"])
        self.ids.append(message_id)
        if self.ids.count(message_id) == 1:
            self.worker.kill()
            self.worker.wait()
        return "250 OK"


def killed_while_mailing() -> dict[str, Any]:
    """Each worker is killed after the server has taken its message, before it can note that."""
    for kind in ("enrollment_enrolled", "class_reminder"):
        Notice.objects.create(recipient="an@example.gov.vn", subject="s", body="b", kind=kind)
    server = Deadly()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    os.environ["DELIVERY_EMAIL_BACKEND"] = "django.core.mail.backends.smtp.EmailBackend"
    codes = []
    for _ in range(2):
        server.worker = start_worker()
        codes.append(server.worker.wait(timeout=60))
    left = list(Notice.objects.order_by("pk").values_list("state", flat=True))
    # Ten minutes pass.
    Notice.objects.update(not_before=clock.now())
    worker = start_worker()
    wait_for(lambda: not Notice.objects.filter(state="pending").exists())
    stop(worker)
    controller.stop()
    decision, reminder = Notice.objects.order_by("pk")
    return {
        "codes": codes,
        "left_behind": left,
        "decision": [decision.state, decision.may_be_double, server.ids.count(server.ids[0])],
        "reminder": [reminder.state, reminder.may_be_double, server.ids.count(server.ids[1])],
        "different": len(set(server.ids)),
    }


def queue_lost() -> dict[str, Any]:
    """Redis dies with all that waits in it, and is down while more is asked for."""
    redis = RedisServer(Path(tempfile.mkdtemp()), urlsplit(os.environ["QUEUE_URL"]).port or 0)
    redis.start()
    before = [start_job(write_once) for _ in range(3)]
    redis.kill()
    asked_meanwhile = start_job(write_once)
    redis.start()
    worker = start_worker()
    wait_for(lambda: Job.objects.get(pk=asked_meanwhile.pk).state == "done")
    known = Job.objects.filter(pk__in=[job.pk for job in before])
    left = list(known.values_list("state", flat=True))
    # Five minutes pass.
    known.update(lease_until=clock.now() - dt.timedelta(seconds=1))
    wait_for(lambda: not ours().exclude(state="done").exists())
    stopped = stop(worker)
    redis.kill()
    written = WorkerHeartbeat.objects.filter(name__contains=" by ").count()
    return {"left": left, "written": written, "stopped": stopped}


def queue_written_by_others() -> dict[str, Any]:
    """Entries that no code of ours wrote, each with a file that its import would leave."""
    queue, module = get_queue("default"), Path(os.environ["PYTHONPATH"]) / "foreign.py"
    module.write_text(f"import pathlib; pathlib.Path({str(module)!r} + '.ran').touch()")
    contents: list[Any] = [
        ["foreign.anything", None, [], {}],
        ["subprocess.call", None, ["true"], {}],
        ["jobs.tasks.run_job", None, ["no key"], {}],
        ["jobs.tasks.run_job", None, [], {"more": 1}],
        {"no": "entry"},
    ]
    entries = [zlib.compress(json.dumps(one).encode()) for one in contents] + [b"no JSON"]
    for number, data in enumerate(entries):
        fields: dict[Any, Any] = {
            "data": data,
            "created_at": "2026-01-01T00:00:00Z",
            "origin": "default",
        }
        queue.connection.hset(f"rq:job:{number}", mapping=fields)
        queue.connection.rpush(queue.key, str(number))
    queue.connection.hset("rq:job:odd", mapping={"created_at": "never", "data": b""})
    queue.connection.rpush(queue.key, "odd")
    job = start_job(write_once)
    worker = start_worker()
    wait_for(lambda: ours().get().is_over or worker.poll() is not None)
    job.refresh_from_db()
    imported = Path(f"{module}.ran").exists()
    return {"state": job.state, "imported": imported, "code": stop(worker)["code"]}


SCENARIOS: dict[str, Callable[[], dict[str, Any]]] = {
    "killed": killed,
    "told_to_stop": lambda: told_to_stop(write_rows),
    "told_to_stop_while_deaf": lambda: told_to_stop(hear_nothing),
    "two_workers": two_workers,
    "queue_lost": queue_lost,
    "queue_written_by_others": queue_written_by_others,
    "hanging_mail_server": hanging_mail_server,
    "killed_while_mailing": killed_while_mailing,
}

if sys.argv[1] == "worker":
    call_command("worker", interval=0.1)
else:
    sys.stdout.write(json.dumps(SCENARIOS[sys.argv[1]]()))
