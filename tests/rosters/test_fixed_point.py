"""A roster that was imported and exported is imported again without a change."""

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.services import SYSTEM
from common import clock
from enrollment.models import Enrollment
from people.models import Trainee
from rosters.choices import Paper
from rosters.exporting.lists import export_roster
from rosters.importing.importer import check_roster, import_roster, read
from rosters.importing.report import ImportReport
from rosters.importing.senders import office
from tests.factories import make_agency, make_completion, make_run
from tests.rosters.any_roster import rosters

pytestmark = pytest.mark.django_db

ROSTERS = Path(__file__).parent.parent / "data" / "rosters"
SAMPLES = sorted(
    path.name for path in ROSTERS.iterdir() if path.name[:2] in {"01", "02", "03", "04", "06"}
)
LONG = pytest.param("05-five-thousand.xlsx", marks=pytest.mark.full)


@pytest.fixture(autouse=True)
def _autumn_2026():
    with clock.set_to(dt.date(2026, 11, 22)):
        yield


def enter(content, name):
    """A roster entered into a class of its own; the class and its agency."""
    run, agency = make_run(), make_agency()
    roster = read(content, name, run)
    import_roster(by=SYSTEM, roster=roster, run=run, sender=office(agency), partial=True)
    return run, agency


def written(run, form="xlsx", paper=Paper.TABLE, **further) -> bytes:
    places = Enrollment.objects.all()
    return b"".join(
        export_roster(by=SYSTEM, run=run, enrollments=places, form=form, paper=paper, **further)
    )


def checked(content, name, run, agency) -> ImportReport:
    return check_roster(roster=read(content, name, run), run=run, sender=office(agency))


def changes(report: ImportReport) -> dict[str, int]:
    counts = {str(outcome): count for outcome, count in report.counts.items() if count}
    return counts | {"rows": len(report.results)}


def nothing(run) -> dict[str, int]:
    rows = run.enrollments.live().count()
    return {"unchanged": rows, "rows": rows}


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("name", [*SAMPLES, LONG])
def test_every_sample_that_went_in_and_out_goes_in_without_a_change(name, form):
    run, agency = enter(ROSTERS / name, name)
    assert changes(checked(written(run, form), f"x.{form}", run, agency)) == nothing(run)


# --- any list ---

ODD_TEXTS = st.one_of(
    st.none(),
    st.sampled_from(["Chuyên viên", "=1+1", "'=1", "-", "+84", "a;b", '"x"', "@x", "00123", "1/2"]),
    st.sampled_from(["a,=1+1", "Vụ A; - Vụ B", "a,'=1", "#N/A", "a\n- b"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), max_size=12),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=rosters(ODD_TEXTS), form=st.sampled_from(["xlsx", "csv"]))
def test_any_list_that_went_in_and_out_goes_in_without_a_change(sent, form):
    with transaction.atomic():
        run, agency = enter(sent.content, sent.file_name)
        assert run.enrollments.exists()
        again = checked(written(run, form), f"x.{form}", run, agency)
        assert changes(again) == nothing(run)
        transaction.set_rollback(True)


# --- LibreOffice in between ---

soffice = pytest.mark.skipif(not shutil.which("soffice"), reason="needs libreoffice-calc")


def saved_again(content: bytes, to: str, folder: Path) -> bytes:
    """The workbook as LibreOffice saves it."""
    path = folder / "roster.xlsx"
    path.write_bytes(content)
    target = "csv:Text - txt - csv (StarCalc):59,34,76" if to == "csv" else to
    subprocess.run(
        [
            "soffice",
            "--headless",
            f"-env:UserInstallation=file://{folder}/profile",
            *("--convert-to", target, "--outdir", str(folder / to), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return (folder / to / f"roster.{to}").read_bytes()


@soffice
@pytest.mark.full
@pytest.mark.parametrize("to", ["xlsx", "csv"])
@pytest.mark.parametrize("paper", list(Paper))
def test_every_layout_survives_libreoffice(paper, to, tmp_path):
    run, agency = enter(ROSTERS / "03-duplicates.xlsx", "03-duplicates.xlsx")
    Trainee.objects.update(position="'=1+1", unit="=SUM(A1)", phone="0912345678")
    run.enrollments.update(position="'=1+1", unit="=SUM(A1)", remarks="'quoted")
    for place in run.enrollments.select_related("trainee"):
        make_completion(place.trainee, run, enrollment=place)  # certificates are for them alone
    content = saved_again(written(run, paper=paper, agency=agency), to, tmp_path)
    assert changes(checked(content, f"x.{to}", run, agency)) == nothing(run)
