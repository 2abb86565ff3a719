"""An official paper that is imported again changes nothing: every row is recognised."""

import datetime as dt

import pytest

from audit.models import AuditEntry
from audit.services import SYSTEM
from common.spreadsheets import open_sheets
from enrollment.models import Enrollment
from people.models import Trainee
from rosters.choices import Paper
from rosters.exporting.lists import export_roster
from rosters.exporting.rows import NumbersWanted
from rosters.importing.importer import check_roster, read
from rosters.importing.senders import office
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
)

pytestmark = pytest.mark.django_db

BORN = dt.date(1980, 3, 5)
CLASSES = {
    "one person": [{}],
    "namesakes": [{"full_name": "Lê Văn An"}] * 2,
    "namesakes of whom one has a number": [
        {"full_name": "Lê Văn An", "personal_number": "001080123456"},
        {"full_name": "Lê Văn An"},
    ],
    "bare years": [{"birth_date": None, "birth_year": 1980}] * 3,
    "numbers": [{"personal_number": f"00108012345{at}"} for at in range(3)],
    "no birth": [{"birth_date": None, "personal_number": "001080123456"}],
    "one let go of": [{}, {"let_go": True}, {}],
}
PAPERS = pytest.mark.parametrize("paper", list(Paper))
FORMS = pytest.mark.parametrize("form", ["xlsx", "csv"])


@pytest.fixture
def sender():
    return make_agency(name_vi="Bộ Công an")


def entered(people, sender):
    """A class whose course takes no bare years, all of it completed."""
    run = make_run(make_course(bare_birth_years=False))
    for person, letter in zip(people, "ABC", strict=False):
        said = {"full_name": f"Đỗ Thị {letter}", "birth_date": BORN} | person
        is_let_go = said.pop("let_go", False)
        who = make_trainee(sender, **said)
        make_completion(who, run, enrollment=make_enrollment(run, who, state="completed"))
        if is_let_go:
            who.anonymise()
            who.save()
    return run


def written(run, sender, **how):
    places = Enrollment.objects.all()
    return b"".join(
        export_roster(by=SYSTEM, run=run, enrollments=places, agency=sender, **how),
    )


def outcomes(content, form, run, sender):
    roster = read(content, f"x.{form}", run)
    report = check_roster(roster=roster, run=run, sender=office(sender))
    return [(str(result.outcome), result.errors) for result in report.results]


@PAPERS
@FORMS
@pytest.mark.parametrize("people", CLASSES.values(), ids=CLASSES)
def test_what_went_out_comes_back_without_a_change(people, paper, form, sender):
    run = entered(people, sender)
    content = written(run, sender, paper=paper, form=form)
    named = Trainee.objects.named().count()
    assert outcomes(content, form, run, sender) == [("unchanged", [])] * named


@PAPERS
def test_whole_numbers_come_back_without_a_change(paper, sender):
    run = entered(CLASSES["numbers"], sender)
    numbers = NumbersWanted("Kiểm tra của thanh tra")
    content = written(run, sender, paper=paper, form="xlsx", numbers=numbers)
    assert outcomes(content, "xlsx", run, sender) == [("unchanged", [])] * 3


@PAPERS
def test_an_erased_person_is_on_no_list_and_not_counted_in_the_audit_log(paper, sender):
    run = entered(CLASSES["one let go of"], sender)
    gone = Trainee.objects.exclude(erased_at=None).get()
    (sheet,) = open_sheets(written(run, sender, paper=paper, form="xlsx"))
    assert gone.code not in [value for row in sheet.rows() for value in row.values]
    assert AuditEntry.objects.get(action="roster_exported").details["rows"] == 2
