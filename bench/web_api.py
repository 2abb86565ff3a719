"""web_api: a list of 50 rows of the API against an empty endpoint that knows who asks.

One process, no socket: the WSGI handler with all middlewares, a token, a scratch SQLite database.
Processor time; variants in turn, medians. The last page that is measured lies behind 75,000 rows.
"""

import argparse
import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

LISTS = ("trainees", "enrollments", "completions")
LIMIT = 12  # × the empty endpoint
BATCH = 5_000
_DAY = dt.date(1985, 3, 12)


def measure(rows: int, rounds: int) -> dict[str, Any]:
    """``{"ratios", "figures"}`` of every list, on its first page and deep within."""
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        os.environ.setdefault("DEBUG", "1")
        os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
        os.environ["API_CALLS_PER_MINUTE"] = os.environ["API_CALLS_PER_ADDRESS"] = "100000000"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        fill(rows)
        return _timed(_Caller(), rows, rounds)


def fill(rows: int) -> None:
    """One run in which as many people as asked for have a place and a result."""
    from agencies.models import Agency
    from courses.models import Course, CourseRun
    from enrollment.models import Completion, Enrollment
    from people.models import Trainee

    agency = Agency.objects.create(slug="a", name_vi="Bộ A", kind="ministry")
    course = Course.objects.create(code="C", title_vi="Khóa C", periods=16, delivery="in_person")
    run = CourseRun.objects.create(
        course=course, code="R", starts_on="2026-03-10", ends_on="2026-03-11", capacity=rows
    )
    family, given = ("Nguyễn", "Trần", "Lê", "Đặng"), ("Ánh", "Bình", "Đức", "Ước", "Yến")
    for start in range(0, rows, BATCH):
        people = [
            Trainee(full_name=f"{family[n % 4]} Văn {given[n % 5]}", agency=agency, birth_date=_DAY)
            for n in range(start, min(start + BATCH, rows))
        ]
        for person in people:
            person.set_keys()
        Trainee.objects.bulk_create(people)
        Enrollment.objects.bulk_create(
            Enrollment(run=run, trainee=p, sending_agency=agency, state="completed") for p in people
        )
        Completion.objects.bulk_create(
            Completion(
                run=run, trainee=p, course_code="C", periods=16, completed_on=_DAY, grade="passed",
                attendance_percent=100, rule_met="attendance>=80", evidence="signed_sheet",
                sending_agency=agency, agency_kind="ministry", sector="state_agency",
                recorded_by="bench",
            )
            for p in people
        )  # fmt: skip


def _unheard(*_status_and_headers: Any) -> Callable[[bytes], object]:
    """A server that listens to the body alone."""
    return len


class _Caller:
    """Calls the site with the token of the programme office."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.core.signals import request_finished, request_started
        from django.core.wsgi import get_wsgi_application
        from django.db import close_old_connections
        from django.test import RequestFactory
        from django.urls import include, path

        from accounts.api import Endpoint, read
        from accounts.models import RoleGrant, User
        from accounts.services import give_second_factor, give_token
        from audit.services import SYSTEM
        from common.access import SIGNED_IN

        class Empty(Endpoint):
            @read(SIGNED_IN, gives=None)
            def get(self, request: Any) -> dict[str, Any]:
                return {}

        addresses = ModuleType("bench_addresses")
        addresses.urlpatterns = [  # type: ignore[attr-defined]
            path("empty/", Empty.as_view()),
            path("", include("lms.urls")),
        ]
        sys.modules["bench_addresses"] = addresses
        settings.ROOT_URLCONF = "bench_addresses"
        settings.ALLOWED_HOSTS = ["testserver"]
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)  # a connection is kept, as on PostgreSQL
        user = User.objects.create_user("bench@example.gov.vn")
        RoleGrant.objects.create(user=user, role="programme_office")
        give_second_factor(by=SYSTEM, user=user)
        self.header = f"Bearer {give_token(by=SYSTEM, user=user)}"
        self.factory, self.site = RequestFactory(), get_wsgi_application()

    def __call__(self, address: str) -> Any:
        environ = self.factory.get(address, HTTP_AUTHORIZATION=self.header).environ
        answer = self.site(environ, _unheard)
        return json.loads(b"".join(answer))

    def timed(self, address: str) -> float:
        """Milliseconds of processor time of one call, its JSON read by nobody."""
        environ = self.factory.get(address, HTTP_AUTHORIZATION=self.header).environ
        started = time.process_time()
        b"".join(self.site(environ, _unheard))
        return (time.process_time() - started) * 1000


def _timed(call: _Caller, rows: int, rounds: int) -> dict[str, Any]:
    addresses = {"empty": "/empty/"}
    for name in LISTS:
        addresses[f"{name}, page 1"] = f"/api/v1/{name}/"
        addresses[f"{name}, deep"] = _deep(call, f"/api/v1/{name}/", rows * 3 // 4)
    times: dict[str, list[float]] = {name: [] for name in addresses}
    for _round in range(rounds):
        for name, address in addresses.items():
            times[name].append(call.timed(address))
    medians = {name: statistics.median(found) for name, found in times.items()}
    ratios = {f"{name} / empty": m / medians["empty"] for name, m in medians.items()}
    ratios.pop("empty / empty")
    for name in LISTS:
        ratios[f"{name}, deep / page 1"] = medians[f"{name}, deep"] / medians[f"{name}, page 1"]
    return {"ratios": ratios, "figures": {"rows": rows, "empty_ms": medians["empty"]}}


def _deep(call: Callable[[str], Any], address: str, rows: int) -> str:
    """The address of the page of 50 behind so many rows."""
    following = f"{address}?page_size=200"
    for _page in range(max(1, rows // 200)):
        found = urlsplit(call(following)["next"])
        following = f"{found.path}?{found.query}"
    return following.replace("page_size=200", "page_size=50")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    found = measure(10_000, 60) if options.quick else measure(100_000, 200)
    for name, ratio in found["ratios"].items():
        print(f"{name:<32} {ratio:6.2f}")
    if options.json:
        rounded = {name: round(ratio, 2) for name, ratio in found["ratios"].items()}
        print(json.dumps({"bench": "web_api", "ratios": rounded, "figures": found["figures"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
