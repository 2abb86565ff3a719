"""E-mail addresses that several people would share, and columns named by the command."""

import json

import pytest
from django.core.management import call_command

from audit.services import SYSTEM
from people.models import Trainee
from rosters.importing.importer import check_roster, import_roster, read
from rosters.importing.senders import office
from tests.common.workbooks import workbook
from tests.factories import make_agency, make_course, make_run

pytestmark = pytest.mark.django_db
HEAD = ["Họ và tên", "Ngày sinh", "Email"]
BAY = ["Trần Văn Bảy", "05/03/1980", "bay@example.gov.vn"]


class Desk:
    """An agency that sends lists for one class."""

    def __init__(self):
        self.agency, self.run = make_agency(), make_run(make_course(bare_birth_years=True))

    def roster(self, *rows):
        return read(workbook(HEAD, *rows), "x.xlsx", self.run)

    def warnings(self, *rows):
        report = check_roster(roster=self.roster(*rows), run=self.run, sender=office(self.agency))
        return [(one["row"], one["column"], one["code"]) for one in report.as_json()["warnings"]]

    def send(self, *rows):
        import_roster(
            by=SYSTEM, roster=self.roster(*rows), run=self.run, sender=office(self.agency)
        )


@pytest.fixture
def desk():
    return Desk()


def test_one_address_of_several_people_is_warned_of_with_row_and_column(desk):
    other = ["Lê Thị Sáu", "09/07/1985", "BAY@example.gov.vn"]
    assert desk.warnings(BAY, other) == [(3, "Email", "email_shared")]


def test_the_address_of_a_colleague_is_warned_of_and_ones_own_is_not(desk):
    desk.send(BAY)
    assert desk.warnings(["Lê Thị Sáu", "09/07/1985", BAY[2]]) == [(2, "Email", "email_shared")]
    assert not desk.warnings(BAY)


def test_nobody_learns_of_addresses_of_other_agencies(desk):
    desk.send(BAY)
    elsewhere = Desk()
    assert not elsewhere.warnings(["Lê Thị Sáu", "09/07/1985", BAY[2]])


def test_the_command_takes_assignments_of_columns(desk, tmp_path, capsys):
    file = tmp_path / "list.csv"
    file.write_text("Người,Lúc chào đời\nTrần Văn Bảy,05/03/1980\n", encoding="utf-8")
    call_command(
        "import_roster", str(file), "--json", run=desk.run.code, agency=desk.agency.slug,
        map=["Người=full_name", "Lúc chào đời=birth"],
    )  # fmt: skip
    assert json.loads(capsys.readouterr().out)["created"] == 1
    assert Trainee.objects.get().full_name == "Trần Văn Bảy"


@pytest.mark.parametrize("said", ["Người=nonsense", "Người", "Không có=birth"])
def test_the_command_refuses_assignments_it_cannot_use(desk, tmp_path, capsys, said):
    file = tmp_path / "list.csv"
    file.write_text("Họ và tên,Ngày sinh\nTrần Văn Bảy,05/03/1980\n", encoding="utf-8")
    with pytest.raises(SystemExit):
        call_command(
            "import_roster", str(file), "--json", run=desk.run.code, agency=desk.agency.slug,
            map=[said],
        )  # fmt: skip
    assert json.loads(capsys.readouterr().out)["error"]["code"] in {
        "map_unreadable",
        "no_such_column",
    }
    assert not Trainee.objects.exists()
