"""Mixed work on the site, and what must be true of it afterwards."""

import datetime as dt
import hashlib
import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, TypeVar

from django.core.management import call_command
from django.db import Error as DatabaseError
from django.db import connection, transaction

from accounts.models import RoleGrant, User
from accounts.services import create_second_factor, create_token
from audit.services import SYSTEM
from certificates.errors import CertificateError
from certificates.models import Batch, Certificate
from certificates.services import batches
from jobs.models import Job, JobState
from people.models import Trainee
from tests.chaos.machines import Site
from tests.factories import make_agency, make_completion, make_run, make_trainee

CLASS_SIZE = 12
SECONDS_BETWEEN_CLASSES = 10
# The reaper's patience with a job whose entry Redis has lost, and a lease.
SECONDS_TO_END = 480
FIRST_BIRTH = dt.date(1950, 1, 1)
NAME = "Nguyễn Thị Hỗn Độn"
Result = TypeVar("Result")


def insist(action: Callable[[], Result]) -> Result:
    """As a person does who tries again while the database is away."""
    while True:
        try:
            with transaction.atomic():
                return action()
        except DatabaseError:
            connection.close()
            time.sleep(0.5)


class Work:
    """Threads that ask the site for things until they are told to stop."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.answers: Counter[str] = Counter()
        self.entered: list[dt.date] = []
        self.batches: list[Batch] = []
        self._stop = threading.Event()
        self._lock = threading.Lock()
        call_command("load_reference", json=True, stdout=open("/dev/null", "w"))  # noqa: SIM115, PTH123 - until the end
        self._agency = make_agency("chaos")
        office = User.objects.create_user("chaos@example.gov.vn")
        RoleGrant.objects.create(user=office, role="programme_office")
        create_second_factor(by=SYSTEM, user=office)
        self._token = create_token(by=SYSTEM, user=office)
        jobs = (self._enter_people, self._enter_people, self._issue, self._read, self._read)
        self._threads = [threading.Thread(target=job, daemon=True) for job in jobs]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """What is under way is insisted on until it is done."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)

    def _ask(self, path: str, body: dict[str, Any] | None = None, key: str = "") -> int:
        headers = {"Authorization": f"Bearer {self._token}"} if body else {}
        if body:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": key}
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self._site.address + path, data, headers)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own
                answer.read()
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except (OSError, HTTPException):
            status = 0
        self.answers[f"{'POST' if body else 'GET'} {status or 'none'}"] += 1
        return int(status)

    def _enter_people(self) -> None:
        while not self._stop.is_set():
            with self._lock:
                birth = FIRST_BIRTH + dt.timedelta(days=len(self.entered))
                self.entered.append(birth)
            key = uuid.uuid4().hex
            person = {
                "full_name": "Nguyễn Thị Hỗn Độn",
                "agency": "chaos",
                "birth_date": str(birth),
            }
            while self._ask("/api/v1/trainees/", person, key) != 201:
                time.sleep(0.3)
            time.sleep(0.2)

    def _issue(self) -> None:
        while not self._stop.is_set():
            run = insist(self._make_class)
            self.batches.append(
                insist(lambda run=run: batches.start_batch(by=SYSTEM, run=run, owner=None))  # type: ignore[misc]  # bound for this turn of the loop
            )
            self._stop.wait(SECONDS_BETWEEN_CLASSES)
        connection.close()

    def _make_class(self) -> Any:
        run = make_run()
        for _person in range(CLASS_SIZE):
            make_completion(make_trainee(self._agency), run)
        return run

    def _read(self) -> None:
        while not self._stop.is_set():
            for path in ("/healthz", "/", "/verify/", "/sign-in/login/"):
                self._ask(path)
                time.sleep(0.1)


# Afterwards -----------------------------------------------------------------------------


def wait_until_idle() -> float:
    """Seconds until no job is under way; jobs that only wait for a person are none."""
    connection.close()  # of a database that has been restarted since
    began = time.monotonic()
    open_states = (JobState.QUEUED, JobState.RUNNING)
    while Job.objects.filter(state__in=open_states).exists():
        if time.monotonic() - began > SECONDS_TO_END:
            break
        time.sleep(1)
    return time.monotonic() - began


def resume(work: Work) -> list[str]:
    """What a person does with a batch that stopped with a sentence; why each had stopped."""
    resumed = []
    for batch in work.batches:
        batch.refresh_from_db()
        if batch.state == "done":
            continue
        try:
            batches.resume_batch(by=SYSTEM, batch=batch)
        except CertificateError:
            continue
        stopped = batch.jobs.exclude(error_code="").order_by("-finished_at").first()
        resumed.append(stopped.error_code if stopped else "none")
    return resumed


def problems(work: Work) -> list[str]:
    """What was lost, doubled or stuck, in sentences."""
    return [*_of_people(work), *_of_batches(work), *_of_files(), *_of_jobs(), *_of_checks()]


def _of_people(work: Work) -> list[str]:
    rows = Trainee.objects.filter(full_name=NAME)
    found = Counter(rows.values_list("birth_date", flat=True))
    lost = [birth for birth in work.entered if not found[birth]]
    doubled = [birth for birth, count in found.items() if count > 1]
    return [f"{len(lost)} people lost"] * bool(lost) + [f"{len(doubled)} doubled"] * bool(doubled)


def _of_batches(work: Work) -> list[str]:
    found = []
    for batch in work.batches:
        batch.refresh_from_db()
        made = Certificate.objects.filter(completion__run=batch.run_id).exclude(file="").count()
        if (batch.state, made) != ("done", CLASS_SIZE):
            found.append(f"batch {batch.pk}: {batch.state}, {made} of {CLASS_SIZE}")
    return found


def _of_files() -> list[str]:
    rows = Certificate.objects.order_by("register_number")
    numbers = list(rows.values_list("register_number", flat=True))
    found = []
    if numbers != list(range(1, len(numbers) + 1)):
        found.append("the register has gaps")
    for row in rows.exclude(file=""):
        with row.file.open() as file:
            if hashlib.sha256(file.read()).hexdigest() != row.sha256:
                found.append(f"{row.register_label} is another file")
    return found


def _of_jobs() -> list[str]:
    stuck = Job.objects.filter(state__in=(JobState.QUEUED, JobState.RUNNING))
    silent = Job.objects.filter(state=JobState.FAILED, error=None)
    return [f"job {one.pk} of kind {one.kind}: {one.state}" for one in (*stuck, *silent)]


def _of_checks() -> list[str]:
    found = []
    for command in ("verify_audit", "reconcile"):
        run = subprocess.run(
            [sys.executable, "manage.py", command], capture_output=True, text=True, check=False
        )
        if run.returncode:
            found.append(f"{command}: {(run.stdout + run.stderr).strip()[-300:]}")
    return found
