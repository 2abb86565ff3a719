"""One more column, declared in rosters/fields.py alone: prints as JSON what works then.

A script, since the declaration must stand there before any other module reads it. DATABASE_URL says
where an empty database is. The column is the enrollment's ``withdrawal_reason``, which no roster
has: what an enrollment says is for its own app to declare, here by ``DETAIL_FIELDS``.
"""
# ruff: noqa: E402 - a script sets up Django, and the declaration, before it imports the apps

import datetime as dt
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import django

django.setup()

DECLARATION = """
    RosterField(
        key="withdrawal_reason", label="Pay grade", owner=Owner.ENROLLMENT, longest=40,
        columns=("withdrawal_reason",), width=20,
        vi="Ngạch lương, Bậc lương",
        en="Pay grade",
    ),
"""
END = "\n)\n# fmt: on"


def declare() -> None:
    source = (ROOT / "rosters" / "fields.py").read_text()
    assert source.count(END) == 1
    module = sys.modules["rosters.fields"] = ModuleType("rosters.fields")
    exec(compile(source.replace(END, DECLARATION + END), "fields.py", "exec"), vars(module))  # noqa: S102 - our own file


declare()

from enrollment.services import details

details.DETAIL_FIELDS = (*details.DETAIL_FIELDS, "withdrawal_reason")  # type: ignore[misc]  # one more field of the model

from django.core.management import call_command
from django.db import transaction

from enrollment.models import Enrollment
from rosters.exporting.lists import export_roster
from rosters.forms import ColumnsForm, RowForm
from rosters.forms.exports import ExportForm
from rosters.importing import check_job, import_job, row_editing, staging
from rosters.importing.preview import Preview
from rosters.models import RosterImport
from rosters.views.row_display import shown_rows
from tests.factories import make_agency, make_coordinator, make_enrollment, make_run, make_trainee

KEYS = ("trainee_code", "full_name", "withdrawal_reason")


def main() -> dict[str, Any]:
    call_command("migrate", verbosity=0)
    run, agency = make_run(ends_on=dt.date(2099, 1, 2)), make_agency()
    user = make_coordinator(agency)
    trainee = make_trainee(agency, full_name="Lê Văn An")
    enrollment = make_enrollment(run, trainee, sending_agency=agency, withdrawal_reason="A1")
    offered: Any = ExportForm(user=user)["columns"].field
    found: dict[str, Any] = {"offered": "withdrawal_reason" in offered.words}
    written = b"".join(
        export_roster(
            by=user.as_actor(),
            run=run,
            enrollments=Enrollment.objects.all(),
            form="csv",
            fields=KEYS,
        )
    ).decode("utf-8-sig")
    found["exported"] = written.splitlines()
    upload = stage(user, run, agency, written.replace("Pay grade", "Bậc lương").replace("A1", "A2"))
    table = upload.table or {}
    form = ColumnsForm(table=table)
    found["read_as"] = table["columns"].get("withdrawal_reason")
    found["may_be_chosen"] = "withdrawal_reason" in dict(form.fields["column_2"].choices)  # type: ignore[attr-defined]  # a choice field's own
    found["changes"] = shown_rows(user, upload, list(Preview(upload).rows()))[0]["changes"]
    cells = row_editing.cells_of(upload, 2)
    row = RowForm(cells=cells, heading=check_job.heading_in(upload))
    found["edited_as"] = (row["withdrawal_reason"].label, cells["withdrawal_reason"])
    import_job.import_upload(upload.pk, by=user.as_actor(), partial=False)
    enrollment.refresh_from_db()
    found["imported"] = enrollment.withdrawal_reason
    with transaction.atomic():
        import_job.undo(by=user.as_actor(), upload=upload)
    enrollment.refresh_from_db()
    found["undone"] = enrollment.withdrawal_reason
    return found


def stage(user: Any, run: Any, agency: Any, text: str) -> RosterImport:
    upload = staging.stage(
        by=user.as_actor(),
        user=user,
        run=run,
        agency=agency,
        file_name="list.csv",
        content=text.encode("utf-8-sig"),
    )
    check_job.check_upload(upload.pk)
    # The job that would do the same is not started: no worker listens.
    RosterImport.objects.filter(pk=upload.pk).update(job=None)
    return RosterImport.objects.select_related("agency", "run__course").get(pk=upload.pk)


if __name__ == "__main__":
    print(json.dumps(main()))  # noqa: T201 - what the test reads
