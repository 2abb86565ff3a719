"""What the benchmark of rosters shares: how an action is measured, and believable people.

Each action is a process of its own, so Django is started here.
"""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

FIELDS = (
    "index", "trainee_code", "full_name", "birth", "sex", "personal_number", "phone", "email",
    "position", "unit", "remarks", "sending_agency", "run_code", "state",
)  # fmt: skip
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Lý")
MIDDLE = ("Văn", "Thị", "Đức", "Hồng", "Minh", "Thu", "Quốc", "Ngọc", "Thanh", "Hữu")
GIVEN = ("An", "Bình", "Cường", "Dũng", "Hạnh", "Hoà", "Khánh", "Lan", "Mai", "Nam", "Oanh", "Phúc")


def start_django() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG = False  # development spells every query out and keeps it; nobody works so

    with connection.cursor() as cursor:
        # Pages of the file that the system lends would count as memory of whoever reads them.
        cursor.execute("PRAGMA mmap_size = 0")


def measured(rows: int, work: Callable[[], float | None]) -> dict[str, float]:
    """Seconds (wall and processor), peak memory in MB, and what ``work`` took to its first byte."""
    wall, cpu = time.perf_counter(), time.process_time()
    first = work()
    answer = {
        "rows": float(rows),
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    return answer | ({} if first is None else {"first": first})


def person_of(n: int) -> dict[str, Any]:
    import datetime as dt

    born = dt.date(1966, 1, 1) + dt.timedelta(days=n * 37 % 12_000)
    sex = n % 2
    return {
        "full_name": f"{FAMILY[n % 12]} {MIDDLE[n // 12 % 10]} {GIVEN[n // 120 % 12]}",
        "birth_date": born,
        "sex": ("male", "female")[sex],
        "personal_number": f"{n % 63:03d}{sex}{born.year % 100:02d}{n % 1_000_000:06d}",
        "phone": f"09{n % 100_000_000:08d}",
        "email": f"can.bo.{n}@example.gov.vn",
        "position": ("Chuyên viên", "Chuyên viên chính", "Phó Trưởng phòng")[n % 3],
        "unit": f"Phòng Tổng hợp, Vụ {n % 40}",
    }


def prepare(rows: int, _folder: Path) -> dict[str, float]:
    start_django()
    import datetime as dt

    from django.core.management import call_command

    from agencies.models import Agency
    from courses.models import Course, CourseRun
    from enrollment.models import Enrollment
    from people.models import Trainee

    call_command("migrate", verbosity=0)
    agency = Agency.objects.create(slug="bench", name_vi="Bộ Khoa học & Công nghệ", kind="ministry")
    course = Course.objects.create(code="BENCH", title_vi="Khóa đo", periods=8, delivery="online")
    run, _other = (
        CourseRun.objects.create(
            course=course,
            code=code,
            starts_on=dt.date(2098, 1, 1),
            ends_on=dt.date(2099, 1, 1),
            capacity=200_000,
        )
        for code in ("BENCH-1", "BENCH-2")
    )
    for start in range(0, rows, 5_000):
        people = [
            Trainee(agency=agency, **person_of(n)) for n in range(start, min(start + 5_000, rows))
        ]
        for person in people:
            person.set_keys()
        Trainee.objects.bulk_create(people)
        Enrollment.objects.bulk_create(
            Enrollment(run=run, trainee=person, sending_agency=agency, state="enrolled")
            for person in people
        )
    return {"rows": rows}


def check(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"measured something else: {found!r} instead of {wanted!r}")
