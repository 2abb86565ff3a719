import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.rosters_shared import FIELDS, measured, start_django


def export_ours(rows: int, folder: Path) -> dict[str, float]:
    start_django()
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from enrollment.models import Enrollment
    from rosters.exporting.lists import export_roster

    run = CourseRun.objects.get(code="BENCH-1")
    last = list(Enrollment.objects.order_by("id").values_list("id", flat=True)[:rows])[-1]

    def once(enrollments: Any) -> float:
        started, first = time.perf_counter(), 0.0
        with (folder / "ours.xlsx").open("wb") as file:
            for piece in export_roster(
                by=SYSTEM, run=run, enrollments=enrollments, form="xlsx", fields=FIELDS
            ):
                first = first or time.perf_counter() - started
                file.write(piece)
        return first

    once(Enrollment.objects.filter(pk__lte=min(last, 10)))  # a server that has answered before
    return measured(rows, lambda: once(Enrollment.objects.filter(pk__lte=last)))


def tuples(rows: int) -> Iterator[tuple[Any, ...]]:
    from common.identity import mask_number
    from enrollment.models import Enrollment

    enrollments = Enrollment.objects.live().in_roster_order().values_list(
        "id", "trainee__code", "trainee__full_name", "trainee__birth_date", "trainee__sex",
        "trainee__personal_number_tail", "trainee__phone", "trainee__email", "trainee__position",
        "trainee__unit", "remarks", "sending_agency__name_vi", "run__code", "state",
    )[:rows]  # fmt: skip
    for row in enrollments.iterator(chunk_size=2000):
        yield (*row[:5], mask_number(row[5]), *row[6:])


def export_openpyxl(rows: int, folder: Path) -> dict[str, float]:
    start_django()

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
        for row in tuples(rows):
            cells = []
            for value, form in zip(row, formats, strict=True):
                cell = WriteOnlyCell(sheet, value)
                cell.number_format = form
                cells.append(cell)
            sheet.append(cells)
        book.save(folder / "openpyxl.xlsx")

    return measured(rows, work)


def export_import_export(rows: int, folder: Path) -> dict[str, float]:
    start_django()

    def work() -> None:
        from import_export.formats.base_formats import XLSX
        from import_export.resources import ModelResource

        from enrollment.models import Enrollment

        paths = (
            "id", "trainee__code", "trainee__full_name", "trainee__birth_date", "trainee__sex",
            "trainee__personal_number_tail", "trainee__phone", "trainee__email",
            "trainee__position", "trainee__unit", "remarks", "sending_agency__name_vi", "run__code",
            "state",
        )  # fmt: skip

        class Resource(ModelResource):
            class Meta:
                model = Enrollment
                fields = paths
                export_order = paths

        enrollments = Enrollment.objects.select_related("trainee", "sending_agency", "run")
        enrollments = enrollments.defer("trainee__personal_number").order_by(
            "trainee__sort_key", "id"
        )
        exported = XLSX().export_data(Resource().export(enrollments[:rows]))
        (folder / "theirs.xlsx").write_bytes(exported)

    return measured(rows, work)
