"""Real workers entering a real roster, really killed: a script, so that pytest stays alive.

``rehearsal.py kill N`` kills the worker in the middle of the check and twice in the middle of the
import of N rows, and prints what lies there in the end as JSON. ``rehearsal.py worker`` is the
worker; with DIE_AT="TABLE TIMES" it kills itself at that many inserts into the table.
DATABASE_URL and MEDIA_ROOT say where.
"""
# ruff: noqa: E402 - a script sets up Django before it imports the apps

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"

import django

django.setup()

from django.conf import settings
from django.core.management import call_command
from django.db.backends.signals import connection_created

from audit.models import AuditEntry
from common import clock
from enrollment.models import Enrollment, SeatMove
from jobs import services
from people.models import Trainee
from rosters.importing import staging
from rosters.importing.row_plan import PART
from rosters.models import RosterImport, StagedPart
from tests.factories import make_agency, make_coordinator, make_run

services.LEASE = dt.timedelta(seconds=2)
SECONDS = 600.0


class Dying:
    """Watches what a connection executes; at the given insert the process is killed."""

    def __init__(self, table: str, times: int) -> None:
        self.insert = re.compile(f'INSERT (OR FAIL )?INTO "{table}"')
        self.left = times

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        result = execute(sql, params, many, context)
        self.left -= self.insert.match(sql) is not None
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def watch(self, connection: Any, **_signal: Any) -> None:
        connection.execute_wrappers.append(self)


def work(die_at: str = "") -> int:
    """Let a worker work until the queue is empty or it dies; its exit code."""
    command = [sys.executable, __file__, "worker"]
    with subprocess.Popen(command, env=os.environ | {"DIE_AT": die_at}) as worker:
        deadline = time.monotonic() + SECONDS
        while worker.poll() is None and not is_over() and time.monotonic() < deadline:
            time.sleep(0.1)
        worker.terminate()
        code = worker.wait()
    if die_at:
        time.sleep(services.LEASE.total_seconds() + 0.2)
        services.reap()
    return code


def is_over() -> bool:
    upload = RosterImport.objects.select_related("job").get()
    return upload.job is not None and upload.job.is_over


def kill(size: int) -> dict[str, Any]:
    """Every death leaves nobody entered; the last worker enters everybody."""
    settings.ROSTER_MAX_BYTES = 100_000_000
    agency, soon = make_agency(), clock.today() + dt.timedelta(days=9)
    run = make_run(starts_on=soon, ends_on=soon, capacity=size - 1)
    user = make_coordinator(agency)
    who: dict[str, Any] = {"by": user.as_actor(), "user": user}
    lines = [f"Nguyễn Văn An,0{n % 9 + 1}/03/1980,{n:012d}" for n in range(1, size + 1)]
    upload = staging.stage(
        **who,
        run=run,
        agency=agency,
        file_name="roster.csv",
        content="\n".join(["Họ và tên,Ngày sinh,Số CCCD", *lines]).encode(),
    )
    middle = max(1, size // PART // 2)
    deaths, left = [work(f"rosters_stagedpart {middle}")], []
    work()
    upload = RosterImport.objects.get()
    staging.confirm(**who, upload=upload)
    for at in (f"people_trainee {middle}", f"enrollment_enrollment {middle}"):
        deaths.append(work(at))
        left.append(Trainee.objects.count() + Enrollment.objects.count())
    work()
    run.refresh_from_db()
    return {
        "deaths": deaths,
        "left": left,
        "state": RosterImport.objects.get().state,
        "parts": StagedPart.objects.count(),
        "people": Trainee.objects.count(),
        "places": Enrollment.objects.values("trainee").distinct().count(),
        "rows": Enrollment.objects.count(),
        "seats": run.seats_taken,
        "ledger": SeatMove.objects.count(),
        "on_record": AuditEntry.objects.filter(action="roster_imported").count(),
    }


if sys.argv[1] == "worker":
    if os.environ["DIE_AT"]:
        table, times = os.environ["DIE_AT"].split()
        dying = Dying(table, int(times))
        connection_created.connect(dying.watch, weak=False)
    call_command("worker", interval=0.1)
else:
    sys.stdout.write(json.dumps(kill(int(sys.argv[2]))))
