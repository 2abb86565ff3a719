from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench.rosters_shared import check, measured, person_of, start_django

SAMPLE = Path(__file__).resolve().parent.parent / "tests/data/rosters/05-five-thousand.xlsx"


def write_roster(rows: int, folder: Path) -> dict[str, float]:
    """A workbook of 14 columns: half its people are known, in a new position, half are new."""
    start_django()
    from common.spreadsheets import Column, write_xlsx
    from people.models import Trainee
    from rosters.exporting.columns import roster_columns

    fields = ("full_name", "birth", "sex", "personal_number", "phone", "email", "position", "unit")
    columns = [Column("index", "STT", kind="number"), *roster_columns(fields)]
    columns += [Column(f"own_{n}", f"Cột riêng {n}") for n in range(5)]
    first = max(0, Trainee.objects.count() - rows // 2)

    def lines() -> Iterator[list[Any]]:
        for n in range(rows):
            who = person_of(first + n)
            sex = "Nam" if who["sex"] == "male" else "Nữ"
            yield [
                n + 1, who["full_name"], who["birth_date"], sex, who["personal_number"],
                who["phone"], who["email"], "Trưởng phòng", who["unit"], "x", "y", "z", "1", "2",
            ]  # fmt: skip

    (folder / "in.xlsx").write_bytes(b"".join(write_xlsx(columns, lines(), sheet_name="1")))
    return {"rows": rows}


def import_ours(rows: int, folder: Path) -> dict[str, float]:
    """Reading, validation, matching and upsert of people."""
    start_django()
    from agencies.models import Agency
    from audit.services import SYSTEM
    from common.bulk import large_sqlite_cache
    from common.garbage_collection import gc_disabled
    from common.savepoints import single_transaction
    from courses.models import CourseRun
    from people.models import Trainee
    from rosters.importing.importer import write_people
    from rosters.importing.planner import Planner
    from rosters.importing.row_plan import batched
    from rosters.importing.rows import open_roster
    from rosters.importing.senders import office

    run = CourseRun.objects.select_related("course").get(code="BENCH-2")
    agency, before = Agency.objects.get(), Trainee.objects.count()

    @large_sqlite_cache()
    @gc_disabled()
    def work() -> None:
        with single_transaction():
            years = run.course.bare_birth_years
            roster = open_roster(folder / "in.xlsx", "in.xlsx", bare_birth_years=years)
            planner = Planner(roster.layout.heading, run, office(agency))
            for part in batched(roster.rows()):
                planner.plan(part, partial(write_people, SYSTEM, run, agency))

    answer = measured(rows, work)
    check(Trainee.objects.count() - before, rows - rows // 2)
    return answer


def import_whole_way(rows: int, folder: Path) -> dict[str, float]:
    """Upload, staging, check, confirmation, enrollment, audit; both jobs run in this process."""
    start_django()
    from django.urls import reverse

    from enrollment.models import Enrollment

    reverse("rosters")  # a worker that has worked before
    answer = measured(rows, lambda: _upload(folder / "in.xlsx", confirmed=True))
    check(Enrollment.objects.filter(run__code="BENCH-2").count(), rows)
    return answer


def preview(_rows: int, _folder: Path) -> dict[str, float]:
    start_django()
    from django.urls import reverse

    reverse("rosters")
    return measured(5_000, lambda: _upload(SAMPLE, confirmed=False))


def _upload(path: Path, *, confirmed: bool) -> None:
    from django.conf import settings

    from accounts.models import RoleGrant, User
    from agencies.models import Agency, Coordinator
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from rosters.importing import staging
    from rosters.models import RosterImport

    settings.TASKS["default"]["BACKEND"] = "django_tasks.backends.immediate.ImmediateBackend"
    settings.ROSTER_MAX_BYTES = 100_000_000
    user, is_new = User.objects.get_or_create(email="bench@example.gov.vn")
    if is_new:
        RoleGrant.objects.create(user=user, role="coordinator")
        Coordinator.objects.create(user=user, agency=Agency.objects.get())
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
        check(upload.state, "imported")


def sample(_rows: int, _folder: Path) -> dict[str, float]:
    """The sample of 5,000 rows as the command imports it, from the file to the seats."""
    start_django()
    from agencies.models import Agency
    from audit.services import SYSTEM
    from courses.models import CourseRun
    from rosters.importing.importer import import_roster, read
    from rosters.importing.senders import office

    run = CourseRun.objects.select_related("course").get(code="BENCH-2")
    agency = Agency.objects.get()

    def work() -> None:
        roster = read(SAMPLE, SAMPLE.name, run)
        import_roster(by=SYSTEM, roster=roster, run=run, sender=office(agency), partial=True)

    return measured(5_000, work)


def import_import_export(rows: int, folder: Path) -> dict[str, float]:
    start_django()
    from people.models import Trainee

    before = Trainee.objects.count()
    answer = measured(rows, lambda: _their_import(folder / "in.xlsx"))
    check(Trainee.objects.count() - before, rows - rows // 2)
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

    class Resource(ModelResource):
        personal_number = fields.Field("personal_number", "personal_number")

        class Meta:
            model = Trainee
            fields = (*headings, "personal_number_digest")
            import_id_fields = ("personal_number_digest",)

        def before_import_row(self, row: Any, **kwargs: Any) -> None:
            row["sex"] = "male" if row["sex"] == "Nam" else "female"

        def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
            instance.agency_id = instance.agency_id or agency.pk
            if instance._state.adding:  # drawn codes meet in every twentieth run, and end it
                instance.code = f"IE-{row['index']:08d}"

    dataset = XLSX().create_dataset(path.read_bytes())
    dataset.headers = ["index", *headings, *(f"own_{n}" for n in range(5))]
    digests = [number_digest(number) for number in dataset["personal_number"]]
    dataset.append_col(digests, header="personal_number_digest")
    result = Resource().import_data(dataset, raise_errors=True)
    check(result.has_errors(), False)
