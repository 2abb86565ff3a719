"""rosters: our export and import against django-import-export's defaults on the same rows.

Every measurement is a process of its own on a copy of one scratch SQLite database, variants in
turn, so that peak memory is that of one deed. Speed is processor time, which other work on the
machine disturbs little; ratios are medians of pairs measured one after the other. Exports write
the same 14 columns of enrollments; the openpyxl variant gives its cells our formats. Imports take
the same workbook: half its people are known by their number and have a new position, half are new.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

EXPORTS = ("export_ours", "export_openpyxl", "export_import_export")
IMPORTS = ("import_ours", "import_whole_way", "import_import_export")
SAMPLE = Path(__file__).resolve().parent.parent / "tests/data/rosters/05-five-thousand.xlsx"
FIELDS = (
    "index", "trainee_code", "full_name", "birth", "sex", "personal_number", "phone", "email",
    "position", "unit", "note", "sending_agency", "run", "state",
)  # fmt: skip
FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Lý")
MIDDLE = ("Văn", "Thị", "Đức", "Hồng", "Minh", "Thu", "Quốc", "Ngọc", "Thanh", "Hữu")
GIVEN = ("An", "Bình", "Cường", "Dũng", "Hạnh", "Hoà", "Khánh", "Lan", "Mai", "Nam", "Oanh", "Phúc")


def main() -> int:
    options = _options()
    if options.deed:
        print(json.dumps(_DEEDS[options.deed](options.rows, Path(options.folder))))
        return 0
    sizes = {"exported": 3_000, "imported": 1_200} if options.quick else {}
    exported = options.rows or sizes.get("exported", 100_000)
    imported = options.rows or sizes.get("imported", 100_000)
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        _deed("prepare", exported, Path(folder))
        out = _in_turn(EXPORTS, exported, Path(folder), options.rounds)
        small = _deed("export_ours", max(1, exported // 10), Path(folder))
        _deed("write_roster", imported, Path(folder))
        into = _in_turn(IMPORTS, imported, Path(folder), 1)
        preview = _deed("preview", 0, Path(folder))
        sample = _deed("sample", 0, Path(folder))
    ratios, figures = _compare(out, into, small)
    figures |= {
        "exported_rows": exported,
        "imported_rows": imported,
        "preview_5000_rows_s": preview["wall"],
        "sample_rows_per_s": sample["rows"] / sample["cpu"],
        "sample_peak_mb": sample["peak"],
    }
    answer = {
        "bench": "rosters",
        "ratios": {name: round(value, 2) for name, value in ratios.items()},
        "figures": {name: round(value, 3) for name, value in figures.items()},
    }
    _tell(answer)
    if options.json:
        print(json.dumps(answer))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--rows", type=int, default=0, help="how many rows instead of 100,000")
    parser.add_argument("--rounds", type=int, default=1, help="how often each export is measured")
    parser.add_argument("--deed", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


Measured = dict[str, list[dict[str, float]]]


def _in_turn(names: tuple[str, ...], rows: int, folder: Path, rounds: int) -> Measured:
    found: Measured = {name: [] for name in names}
    for _round in range(rounds):
        for name in names:
            found[name].append(_deed(name, rows, folder))
            print(f"rosters  {name:21s} {rows:7d} rows  {_said(found[name][-1])}", flush=True)
    return found


def _deed(name: str, rows: int, folder: Path) -> dict[str, float]:
    """Do one thing in a process of its own: Django takes its database at start."""
    source, scratch = folder / "rosters.sqlite3", folder / "scratch.sqlite3"
    if name != "prepare":
        scratch.unlink(missing_ok=True)
        shutil.copy(source, scratch)
    database = source if name == "prepare" else scratch
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "MEDIA_ROOT": str(folder / "media"),
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "bench.rosters", "--deed", name]
    command += ["--rows", str(rows), "--folder", str(folder)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _said(one: dict[str, float]) -> str:
    first = f"  first byte {1000 * one['first']:.0f} ms" if "first" in one else ""
    return (
        f"{one['cpu']:7.2f} s processor  {one['wall']:7.2f} s wall"
        f"  {one['rows'] / one['cpu']:7.0f} rows/s  {one['peak']:4.0f} MB{first}"
    )


def _compare(
    out: Measured, into: Measured, small: dict[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    ours, theirs = out["export_ours"], out["export_import_export"]
    ratios = {
        "export_vs_import_export": _ratio(theirs, ours),
        "export_vs_openpyxl": _ratio(out["export_openpyxl"], ours),
        "export_memory_vs_import_export": _ratio(theirs, ours, "peak"),
        "first_byte_vs_import_export": statistics.median(
            b["wall"] / a["first"] for a, b in zip(ours, theirs, strict=True)
        ),
        "import_vs_import_export": _ratio(into["import_import_export"], into["import_ours"]),
        "import_whole_way_vs_import_export": _ratio(
            into["import_import_export"], into["import_whole_way"]
        ),
    }
    figures = {
        "export_rows_per_s": statistics.median(a["rows"] / a["cpu"] for a in ours),
        "export_peak_mb": max(a["peak"] for a in ours),
        "export_peak_mb_above_a_tenth_of_the_rows": max(a["peak"] for a in ours) - small["peak"],
        "import_export_export_peak_mb": max(a["peak"] for a in theirs),
        "first_byte_ms": 1000 * statistics.median(a["first"] for a in ours),
        "import_rows_per_s": into["import_ours"][0]["rows"] / into["import_ours"][0]["cpu"],
        "import_whole_way_rows_per_s": into["import_whole_way"][0]["rows"]
        / into["import_whole_way"][0]["cpu"],
        "import_peak_mb": max(into[name][0]["peak"] for name in IMPORTS[:2]),
        "import_export_import_peak_mb": into["import_import_export"][0]["peak"],
    }
    return ratios, figures


def _ratio(theirs: list[dict[str, float]], ours: list[dict[str, float]], of: str = "cpu") -> float:
    return statistics.median(b[of] / a[of] for a, b in zip(ours, theirs, strict=True))


def _tell(answer: dict[str, Any]) -> None:
    for kind in ("ratios", "figures"):
        for name, value in answer[kind].items():
            print(f"rosters  {name:42s} {value:10.2f}{' x' if kind == 'ratios' else ''}")


# In the process that has the database -----------------------------------------------------


def _start() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        # Pages of the file that the system lends would count as memory of whoever reads them.
        cursor.execute("PRAGMA mmap_size = 0")


def _measured(rows: int, work: Callable[[], float | None]) -> dict[str, float]:
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


def _person(n: int) -> dict[str, Any]:
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


def _prepare(rows: int, _folder: Path) -> dict[str, float]:
    _start()
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
            Trainee(agency=agency, **_person(n)) for n in range(start, min(start + 5_000, rows))
        ]
        for person in people:
            person.set_keys()
        Trainee.objects.bulk_create(people)
        Enrollment.objects.bulk_create(
            Enrollment(run=run, trainee=person, sending_agency=agency, state="enrolled")
            for person in people
        )
    return {"rows": rows}


# --- out ---


def _export_ours(rows: int, folder: Path) -> dict[str, float]:
    _start()
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from enrollment.models import Enrollment
    from rosters.services.exporting import export_roster

    run = CourseRun.objects.get(code="BENCH-1")
    last = list(Enrollment.objects.order_by("id").values_list("id", flat=True)[:rows])[-1]

    def once(places: Any) -> float:
        started, first = time.perf_counter(), 0.0
        with (folder / "ours.xlsx").open("wb") as file:
            for piece in export_roster(
                by=SYSTEM, run=run, enrollments=places, form="xlsx", fields=FIELDS
            ):
                first = first or time.perf_counter() - started
                file.write(piece)
        return first

    once(Enrollment.objects.filter(pk__lte=min(last, 10)))  # a server that has answered before
    return _measured(rows, lambda: once(Enrollment.objects.filter(pk__lte=last)))


def _tuples(rows: int) -> Iterator[tuple[Any, ...]]:
    from common.identity import mask_number
    from enrollment.models import Enrollment

    places = Enrollment.objects.live().in_roster_order().values_list(
        "id", "trainee__code", "trainee__full_name", "trainee__birth_date", "trainee__sex",
        "trainee__personal_number_tail", "trainee__phone", "trainee__email", "trainee__position",
        "trainee__unit", "note", "sending_agency__name_vi", "run__code", "state",
    )[:rows]  # fmt: skip
    for row in places.iterator(chunk_size=2000):
        yield (*row[:5], mask_number(row[5]), *row[6:])


def _export_openpyxl(rows: int, folder: Path) -> dict[str, float]:
    _start()

    def work() -> None:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Font
        from openpyxl.utils import get_column_letter

        book = Workbook(write_only=True)
        sheet = book.create_sheet("Danh sách")
        sheet.freeze_panes = "A2"
        for at in range(1, 15):
            sheet.column_dimensions[get_column_letter(at)].width = 20
        head = [WriteOnlyCell(sheet, field) for field in FIELDS]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        formats = ["General", *["@"] * 2, "dd/mm/yyyy", *["@"] * 10]
        for row in _tuples(rows):
            cells = []
            for value, form in zip(row, formats, strict=True):
                cell = WriteOnlyCell(sheet, value)
                cell.number_format = form
                cells.append(cell)
            sheet.append(cells)
        book.save(folder / "openpyxl.xlsx")

    return _measured(rows, work)


def _export_import_export(rows: int, folder: Path) -> dict[str, float]:
    _start()

    def work() -> None:
        from import_export.formats.base_formats import XLSX
        from import_export.resources import ModelResource

        from enrollment.models import Enrollment

        paths = (
            "id", "trainee__code", "trainee__full_name", "trainee__birth_date", "trainee__sex",
            "trainee__personal_number_tail", "trainee__phone", "trainee__email",
            "trainee__position", "trainee__unit", "note", "sending_agency__name_vi", "run__code",
            "state",
        )  # fmt: skip

        class Resource(ModelResource):  # type: ignore[misc]
            class Meta:
                model = Enrollment
                fields = paths
                export_order = paths

        places = Enrollment.objects.select_related("trainee", "sending_agency", "run")
        places = places.defer("trainee__personal_number").order_by("trainee__sort_key", "id")
        exported = XLSX().export_data(Resource().export(places[:rows]))
        (folder / "theirs.xlsx").write_bytes(exported)

    return _measured(rows, work)


# --- in ---


def _write_roster(rows: int, folder: Path) -> dict[str, float]:
    """A workbook of 14 columns: half its people are known, in a new position, half are new."""
    _start()
    from common.spreadsheets import Column, write_xlsx
    from people.models import Trainee
    from rosters.layouts import export_columns

    fields = ("full_name", "birth", "sex", "personal_number", "phone", "email", "position", "unit")
    columns = [Column("index", "STT", kind="number"), *export_columns(fields)]
    columns += [Column(f"own_{n}", f"Cột riêng {n}") for n in range(5)]
    first = max(0, Trainee.objects.count() - rows // 2)

    def lines() -> Iterator[list[Any]]:
        for n in range(rows):
            who = _person(first + n)
            sex = "Nam" if who["sex"] == "male" else "Nữ"
            yield [
                n + 1, who["full_name"], who["birth_date"], sex, who["personal_number"],
                who["phone"], who["email"], "Trưởng phòng", who["unit"], "x", "y", "z", "1", "2",
            ]  # fmt: skip

    (folder / "in.xlsx").write_bytes(b"".join(write_xlsx(columns, lines(), sheet_name="1")))
    return {"rows": rows}


def _import_ours(rows: int, folder: Path) -> dict[str, float]:
    """Reading, validation, matching and upsert of people."""
    _start()
    from django.db import transaction

    from agencies.models import Agency
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from people.models import Trainee
    from rosters.services.importing import read, write_people
    from rosters.services.planning import Planner, batched

    run = CourseRun.objects.select_related("course").get(code="BENCH-2")
    agency, before = Agency.objects.get(), Trainee.objects.count()

    def work() -> None:
        with transaction.atomic():
            roster = read(folder / "in.xlsx", "in.xlsx", run)
            planner = Planner(roster.layout.heading, run, agency)
            for part in batched(roster.rows):
                write_people(SYSTEM, agency, planner.plan(part), planner)
                planner.entered()

    answer = _measured(rows, work)
    _check(Trainee.objects.count() - before, rows - rows // 2)
    return answer


def _import_whole_way(rows: int, folder: Path) -> dict[str, float]:
    """Upload, staging, check, confirmation, enrollment, audit: both jobs done in this process."""
    _start()
    from django.urls import reverse

    from enrollment.models import Enrollment

    reverse("rosters")  # a worker that has worked before
    answer = _measured(rows, lambda: _upload(folder / "in.xlsx", confirmed=True))
    _check(Enrollment.objects.filter(run__code="BENCH-2").count(), rows)
    return answer


def _preview(_rows: int, _folder: Path) -> dict[str, float]:
    _start()
    from django.urls import reverse

    reverse("rosters")
    return _measured(5_000, lambda: _upload(SAMPLE, confirmed=False))


def _upload(path: Path, *, confirmed: bool) -> None:
    from django.conf import settings

    from accounts.models import User
    from agencies.models import Agency
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from rosters.models import RosterImport
    from rosters.services import staging

    settings.TASKS["default"]["BACKEND"] = "django_tasks.backends.immediate.ImmediateBackend"
    settings.ROSTER_MAX_BYTES = 100_000_000
    user, _created = User.objects.get_or_create(email="bench@example.gov.vn")
    upload = staging.stage(
        by=SYSTEM,
        user=user,
        run=CourseRun.objects.get(code="BENCH-2"),
        agency=Agency.objects.get(),
        file_name=path.name,
        content=path.read_bytes(),
    )
    if confirmed:
        upload = RosterImport.objects.get(pk=upload.pk)
        staging.confirm(by=SYSTEM, user=user, upload=upload)
        upload.refresh_from_db()
        _check(upload.state, "imported")


def _sample(_rows: int, _folder: Path) -> dict[str, float]:
    """The sample of 5,000 rows by the command's way, from the file to the seats."""
    _start()
    from agencies.models import Agency
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from rosters.services.importing import import_roster, read

    run = CourseRun.objects.select_related("course").get(code="BENCH-2")
    agency = Agency.objects.get()

    def work() -> None:
        roster = read(SAMPLE, SAMPLE.name, run)
        import_roster(by=SYSTEM, roster=roster, run=run, agency=agency, partial=True)

    return _measured(5_000, work)


def _import_import_export(rows: int, folder: Path) -> dict[str, float]:
    _start()
    from people.models import Trainee

    before = Trainee.objects.count()
    answer = _measured(rows, lambda: _their_import(folder / "in.xlsx"))
    _check(Trainee.objects.count() - before, rows - rows // 2)
    return answer


def _their_import(path: Path) -> None:
    from import_export import fields
    from import_export.formats.base_formats import XLSX
    from import_export.resources import ModelResource

    from agencies.models import Agency
    from people.models import Trainee, number_digest

    agency = Agency.objects.get()
    headings = ["full_name", "birth_date", "sex", "personal_number", "phone", "email"]
    headings += ["position", "unit"]

    class Resource(ModelResource):  # type: ignore[misc]
        personal_number = fields.Field("personal_number", "personal_number")

        class Meta:
            model = Trainee
            fields = (*headings, "personal_number_digest")
            import_id_fields = ("personal_number_digest",)

        def before_import_row(self, row: Any, **kwargs: Any) -> None:
            row["sex"] = "male" if row["sex"] == "Nam" else "female"

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.agency_id = instance.agency_id or agency.pk

    dataset = XLSX().create_dataset(path.read_bytes())
    dataset.headers = ["index", *headings, *(f"own_{n}" for n in range(5))]
    digests = [number_digest(number) for number in dataset["personal_number"]]
    dataset.append_col(digests, header="personal_number_digest")
    result = Resource().import_data(dataset, raise_errors=True)
    _check(result.has_errors(), False)


def _check(found: object, wanted: object) -> None:
    if found != wanted:
        raise RuntimeError(f"measured something else: {found!r} instead of {wanted!r}")


_DEEDS: dict[str, Callable[[int, Path], dict[str, float]]] = {
    "prepare": _prepare,
    "export_ours": _export_ours,
    "export_openpyxl": _export_openpyxl,
    "export_import_export": _export_import_export,
    "write_roster": _write_roster,
    "import_ours": _import_ours,
    "import_whole_way": _import_whole_way,
    "import_import_export": _import_import_export,
    "preview": _preview,
    "sample": _sample,
}

if __name__ == "__main__":
    sys.exit(main())
