"""messages: 10,000 reminders put into the outbox and sent to a mail server on this machine.

Compared with the least that could be done: rows inserted as they are, and the same mails handed to
the server by smtplib over one connection. ``decision_seconds`` is how long it takes from a seat
given to the mail at the server, with a worker that has nothing else to do, and one that has 2,000
reminders to send; both include the announcing and the worker's pauses.
"""

import argparse
import datetime as dt
import json
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.scratch import databases

REMINDERS, SENT, BEHIND = 10_000, 1_000, 2_000


def main() -> int:
    options = _options()
    if options.here:
        print(json.dumps(_measure(quick=options.quick)))
        return 0
    found: dict[str, dict[str, float]] = {}
    with databases() as urls:
        for engine, url in urls.items():
            found[engine] = _in_own_process(url, quick=options.quick)
            print(f"messages  {engine:10s}", _sentence(found[engine]))
    names = ("queue_vs_bare", "send_vs_bare")
    answer = {
        "bench": "messages",
        "ratios": {f"{engine}_{name}": r[name] for engine, r in found.items() for name in names},
        "figures": {
            f"{engine}_{name}": value
            for engine, r in found.items()
            for name, value in r.items()
            if name not in names
        },
    }
    if options.json:
        print(json.dumps(answer))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(url: str, *, quick: bool) -> dict[str, float]:
    """A new process, since Django takes its database at start."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
        "DELIVERY_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_URL": f"smtp://127.0.0.1:{_free_port()}",
    }
    command = [sys.executable, "-m", "bench.messages", "--here", *(["--quick"] if quick else [])]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _sentence(r: dict[str, float]) -> str:
    return (
        f"queued {r['queued_per_s']:.0f}/s = {r['queue_vs_bare']:.2f} x bare, "
        f"sent {r['sent_per_s']:.0f}/s = {r['send_vs_bare']:.2f} x bare, a decision leaves in "
        f"{r['decision_seconds']:.1f} s, behind reminders in {r['decision_behind_seconds']:.1f} s"
    )


# In the process that has the database -----------------------------------------------------


def _measure(*, quick: bool) -> dict[str, float]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    part = 10 if quick else 1
    with _server() as kept:
        return (
            _queueing(REMINDERS // part)
            | _sending(SENT // part, kept)
            | {
                "decision_seconds": _decision(0, kept),
                "decision_behind_seconds": _decision(BEHIND // part, kept),
            }
        )


class _Kept:
    def __init__(self) -> None:
        self.mails: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.mails.append(envelope.content)
        return "250 OK"


@contextmanager
def _server() -> Iterator[_Kept]:
    from aiosmtpd.controller import Controller
    from django.conf import settings

    kept = _Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=settings.EMAIL_PORT)
    controller.start()
    yield kept
    controller.stop()


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _queue(count: int) -> None:
    from accounts.mail import Recipient
    from enrollment.message_kinds import REMINDER
    from notices.services.messages import send_each

    values = {"full_name": "Nguyễn Thị Ánh", "class_code": "UDAI-01", "link": "https://x.vn/my/"}
    readers = [Recipient(f"person{number}@example.gov.vn", "vi") for number in range(count)]
    send_each(REMINDER, readers, lambda: values)


def _queueing(count: int) -> dict[str, float]:
    from notices.models import Notice

    ours = _seconds(lambda: _queue(count))
    rows = list(Notice.objects.all())
    Notice.objects.all().delete()
    bare = _seconds(lambda: Notice.objects.bulk_create(rows, batch_size=1_000))
    Notice.objects.all().delete()
    return {"queued_per_s": round(count / ours), "queue_vs_bare": round(ours / bare, 2)}


def _sending(count: int, kept: _Kept) -> dict[str, float]:
    from django.conf import settings

    from notices.services.delivery import deliver_all

    _queue(count)
    kept.mails.clear()
    ours = _seconds(deliver_all)
    mails = list(kept.mails)
    if len(mails) != count:
        raise RuntimeError(f"{len(mails)} of {count} messages arrived")

    def hand_over() -> None:
        with smtplib.SMTP("127.0.0.1", settings.EMAIL_PORT, timeout=10) as server:
            for content in mails:
                server.sendmail("699@localhost", ["an@example.gov.vn"], content)

    bare = _seconds(hand_over)
    return {"sent_per_s": round(count / ours), "send_vs_bare": round(ours / bare, 2)}


def _decision(behind: int, kept: _Kept) -> float:
    """Seconds from a seat given, while so many reminders wait, until its mail is at the server."""
    from jobs.services import workers_alive

    name = f"nominee-{behind}"
    nominate = _nomination(name)
    kept.mails.clear()
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], stdout=subprocess.DEVNULL)
    try:
        while not workers_alive():
            time.sleep(0.1)
        time.sleep(1)  # past its first round
        _queue(behind)
        began = time.perf_counter()
        nominate()
        while not any(f"To: {name}@".encode() in mail for mail in kept.mails):
            time.sleep(0.02)
        return round(time.perf_counter() - began, 1)
    finally:
        worker.terminate()
        worker.wait()


def _nomination(name: str) -> Callable[[], object]:
    """Of somebody whose address begins with this name."""
    from agencies.models import Agency
    from audit.services import SYSTEM
    from courses.models import Course, CourseRun
    from enrollment.services.enrollments import Nominee, nominate
    from people.models import Trainee

    agency = Agency.objects.create(slug=name, name_vi="Bộ Mẫu")
    course = Course.objects.create(code=name, title_vi="Khóa đo", periods=8, delivery="online")
    day = dt.date(2099, 1, 1)
    run = CourseRun.objects.create(
        course=course, code=name, starts_on=day, ends_on=day, capacity=1, state="open"
    )
    address = f"{name}@example.gov.vn"
    person = Trainee.objects.create(agency=agency, full_name="Nguyễn Thị Ánh", email=address)
    return lambda: nominate(
        by=SYSTEM, run=run, sending_agency=agency, nominees=[Nominee(person.pk)]
    )


if __name__ == "__main__":
    sys.exit(main())
