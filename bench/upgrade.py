"""upgrade: from release 1.0.0 to now, with a million completions, while somebody reads.

Fills the empty PostgreSQL database that DATABASE_URL names (a superuser's) with the stored database
of the release, copies rows of it, and times ``migrate``. Meanwhile a certificate is looked up ten
times a second, as a site that still runs does; the slowest answer says how long readers wait.
"""

import argparse
import gzip
import json
import os
import sys
import threading
import time
from typing import Any

_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND column_name <> 'id' ORDER BY ordinal_position
"""
_LOOK_UP = """
SELECT c.state, e.voided_at FROM certificates_certificate c
JOIN enrollment_completion e ON e.id = c.completion_id WHERE c.verification_code = %s
"""


class Reader(threading.Thread):
    """Looks a certificate up again and again; how long the slowest answer took, and errors."""

    def __init__(self, code: str) -> None:
        super().__init__(daemon=True)
        self.code, self.slowest, self.answers, self.errors = code, 0.0, 0, 0
        self.is_over = threading.Event()

    def run(self) -> None:
        from django.db import DatabaseError, connection

        while not self.is_over.wait(0.1):
            began = time.perf_counter()
            try:
                with connection.cursor() as cursor:
                    cursor.execute(_LOOK_UP, [self.code])
                    assert cursor.fetchone()
                self.answers += 1
            except DatabaseError:
                self.errors += 1
            self.slowest = max(self.slowest, time.perf_counter() - began)
        connection.close()


def measure(version: str, completions: int) -> dict[str, float]:
    from django.core.management import call_command
    from django.db import connection

    from tests.releases import database

    content = json.loads(gzip.decompress(database.stored(version).read_bytes()))
    database.load_release(content)
    code = _grow(completions)
    connection.close()
    reader = Reader(code)
    reader.start()
    wall, processor = time.perf_counter(), time.process_time()
    call_command("migrate", verbosity=0)
    taken = {
        "migrate, s": time.perf_counter() - wall,
        "of which Python, s": time.process_time() - processor,
    }
    reader.is_over.set()
    reader.join()
    return taken | {
        "slowest look-up meanwhile, s": reader.slowest,
        "look-ups": reader.answers,
        "failed look-ups": reader.errors,
    }


def _grow(completions: int) -> str:
    """Copies of the first rows, of three tenths as many people; the code of a certificate."""
    from django.db import connection

    people = max(1, completions * 3 // 10)
    whose = f"(SELECT MAX(id) FROM people_trainee) - {people} + 1 + n %% {people}"  # noqa: S608  # of numbers
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        _copy(cursor, "people_trainee", people, code="'HV-' || n", user_id="NULL",
              personal_number_digest="NULL")  # fmt: skip
        cursor.execute("SELECT MAX(id) FROM courses_courserun")
        (run,) = cursor.fetchone()
        _copy(cursor, "courses_courserun", completions // people + 2, code="'K' || n")
        where = {"trainee_id": whose, "run_id": f"{run + 1} + n / {people}"}
        _copy(cursor, "enrollment_enrollment", completions, state="'completed'", **where)
        _copy(cursor, "enrollment_completion", completions, **where)
        _copy(
            cursor, "certificates_certificate", people, serial_number="'K' || n",
            verification_code="'K' || n", register_number="1000000 + n", blank_number="''",
            completion_id="(SELECT MAX(id) FROM enrollment_completion) - n",
            superseded_by_id="NULL",
        )  # fmt: skip
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    return "K1"


def _copy(cursor: Any, table: str, count: int, **changed: str) -> None:
    cursor.execute(_COLUMNS, [table])
    columns = [name for (name,) in cursor.fetchall()]
    values = ", ".join(changed.get(name, f"one.{name}") for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"  # noqa: S608  # of literals
        f" FROM (SELECT * FROM {table} ORDER BY id LIMIT 1) one, generate_series(1, %s) n",
        [count],
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--completions", type=int, default=1_000_000)
    parser.add_argument("--release", default="1.0.0")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    for name, value in measure(options.release, options.completions).items():
        print(f"{name:<32} {value:10.1f}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
