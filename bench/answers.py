"""answers: a class takes a test of 30 questions at once, against two web processes.

1,000 people (``--quick``: 40) begin, save each answer as js/answers.js does, and hand in, within
ten minutes at the same pace. Asked: no error, no answer lost, and a median save within five times
a bare view of one line that as many visitors ask at the same pace under a second server of the
same kind. PostgreSQL where it is installed, else SQLite.
"""

import argparse
import http.client
import json
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from bench.load import BARE, Server
from bench.scratch import databases

QUESTIONS = 30
VISITORS = 50  # who ask side by side
PROCESSES = 2
SECONDS_EACH = 0.6  # ten minutes for a thousand people
REQUESTS_EACH = QUESTIONS + 4
MOST_TIMES_BARE = 5.0


class Person:
    """One trainee's browser: what it is answered, and how long each save takes."""

    def __init__(self, port: int, cookie: str, address: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.cookies = {"sessionid": cookie}
        self.address, self.token, self.attempt = address, "", ""

    def begin(self) -> None:
        self._read(self._ask("GET", self.address)[1])
        _status, _body, self.attempt = self._ask("POST", self.address, {"stage": "after"}, 302)
        self._read(self._ask("GET", self.attempt)[1])

    def _read(self, page: str) -> None:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, page[:200]
        self.token = found[1]

    def save(self, position: int) -> float:
        began = time.perf_counter()
        fields = {"position": position, f"q{position}": 0}
        _status, body, _to = self._ask("POST", f"{self.attempt}answers/", fields)
        assert json.loads(body)["saved"] == 1
        return time.perf_counter() - began

    def hand_in(self) -> None:
        fields = {f"q{position}": 0 for position in range(1, QUESTIONS + 1)}
        self._ask("POST", self.attempt, fields, 302)

    def _ask(
        self, method: str, path: str, fields: dict[str, Any] | None = None, status: int = 200
    ) -> tuple[int, str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode({"csrfmiddlewaretoken": self.token} | fields) if fields else None
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        for header in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        if answer.status != status:
            raise ConnectionError(f"{method} {path}: {answer.status}")
        return answer.status, text, answer.headers.get("Location", "")


class Crowd:
    """So many visitors who ask in turn, at a pace that does not wait for slow answers."""

    def __init__(self, people: int) -> None:
        self.people, self.visitors = people, min(VISITORS, people)
        self.pause = self.visitors * SECONDS_EACH / REQUESTS_EACH
        self.times: list[float] = []
        self.errors: list[str] = []

    def work(self, do: Callable[[int, Callable[[], None]], list[float]]) -> None:
        def serve(first: int) -> None:
            pace = _pace(self.pause, first / self.visitors)
            for number in range(first, self.people, self.visitors):
                try:
                    self.times += do(number, pace)
                except (OSError, AssertionError, http.client.HTTPException) as error:
                    self.errors.append(str(error))

        threads = [threading.Thread(target=serve, args=(n,)) for n in range(self.visitors)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _pace(pause: float, shift: float) -> Callable[[], None]:
    due = time.monotonic() + pause * shift

    def wait() -> None:
        nonlocal due
        time.sleep(max(0.0, due - time.monotonic()))
        due += pause

    return wait


def _fill(people: int) -> tuple[str, list[str]]:
    """A class that takes a test today: the test's address, and a session for each person."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from agencies.models import Agency
    from audit.services import SYSTEM
    from bench.web import cookie_of, somebody
    from common import clock
    from courses.models import Course, CourseRun
    from enrollment.models import Enrollment
    from learning.models import Question
    from learning.services.course_tests import save_test
    from people.models import Trainee

    call_command("migrate", verbosity=0)
    agency = Agency.objects.create(slug="a", name_vi="A", kind="ministry")
    course = Course.objects.create(code="T", title_vi="T", periods=8)
    today = clock.today()
    run = CourseRun.objects.create(
        course=course, code="T-1", starts_on=today, ends_on=today, capacity=people, state="running"
    )
    options = [{"vi": one, "en": "", "right": one == "a"} for one in "abcd"]
    Question.objects.bulk_create(
        Question(course=course, kind="single", text_vi=f"Câu {n}", answers={"options": options})
        for n in range(2 * QUESTIONS)
    )
    draws = [{"part": "", "difficulty": 2, "count": QUESTIONS}]
    test = save_test(by=SYSTEM, course=course, draws=draws, title_vi="Cuối khóa", minutes=60)
    cookies = []
    for number in range(people):
        user = somebody("trainee", f"hv{number}")
        person = Trainee.objects.create(full_name=f"Trần Văn {number}", agency=agency, user=user)
        Enrollment.objects.create(run=run, trainee=person, sending_agency=agency, state="enrolled")
        cookies.append(cookie_of(user)["HTTP_COOKIE"].partition("=")[2])
    connection.close()
    return f"/runs/{run.code}/tests/{test.pk}/", cookies


@contextmanager
def _site(people: int) -> Iterator[tuple[dict[str, str], str, list[str]]]:
    with databases() as urls:
        os.environ |= {"DATABASE_URL": urls.get("postgresql", urls["sqlite"]), "DEBUG": "1"}
        address, cookies = _fill(people)
        yield dict(os.environ), address, cookies


def _lost(people: int) -> int:
    """Answers that somebody was told are saved, and that the graded form does not have."""
    from learning.models import AttemptAnswer

    given = AttemptAnswer.objects.filter(
        attempt__finished_at__isnull=False, given__isnull=False, points__isnull=False
    )
    rows = given.values_list("given", "shown")
    right = sum(bool(answer == shown["options"][:1]) for answer, shown in rows)
    return people * QUESTIONS - right


def measure(people: int) -> dict[str, Any]:
    with _site(people) as (environment, address, cookies):
        site = Server("site", environment, workers=PROCESSES)
        bare = Server(BARE, environment, workers=PROCESSES)
        try:
            crowd, references = Crowd(people), Crowd(people)

            def take(number: int, pace: Callable[[], None]) -> list[float]:
                person = Person(site.port, cookies[number], address)
                pace()
                person.begin()
                times = []
                for position in range(1, QUESTIONS + 1):
                    pace()
                    times.append(person.save(position))
                pace()
                person.hand_in()
                return times

            def look(number: int, pace: Callable[[], None]) -> list[float]:
                person, times = Person(bare.port, cookies[number], address), []
                for _time in range(max(3, QUESTIONS // 10)):
                    pace()
                    began = time.perf_counter()
                    person._ask("GET", "/bare/")
                    times.append(time.perf_counter() - began)
                return times

            began = time.monotonic()
            crowd.work(take)
            seconds = time.monotonic() - began
            references.work(look)
        finally:
            site.stop()
            bare.stop()
        lost = _lost(people)
    save, empty = statistics.median(crowd.times), statistics.median(references.times)
    errors = crowd.errors + references.errors
    for error in errors[:3]:
        print(error, file=sys.stderr)
    figures = {
        "people": people, "seconds": round(seconds), "saves": len(crowd.times),
        "errors": len(errors), "answers_lost": lost, "median_save_ms": round(save * 1000, 1),
        "median_bare_ms": round(empty * 1000, 1), "load_1_minute": round(os.getloadavg()[0], 1),
    }  # fmt: skip
    return {"ratios": {"median save / bare": save / empty}, "figures": figures}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="40 people, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    found = measure(40 if options.quick else 1_000)
    for name, value in (found["ratios"] | found["figures"]).items():
        asked = f"   (asked: at most {MOST_TIMES_BARE})" if name.endswith("/ bare") else ""
        print(f"{name:<32} {value:9.2f}{asked}")
    if options.json:
        ratios = {name: round(ratio, 2) for name, ratio in found["ratios"].items()}
        print(json.dumps({"bench": "answers", "ratios": ratios, "figures": found["figures"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
