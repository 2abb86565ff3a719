"""Who is held back before a number is given, and what is only a warning."""

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate, IssuingTerms, NameConfirmation
from certificates.services.issuance import register_certificates
from certificates.services.preflight import preflight
from common import clock
from courses.choices import DecisionKind
from courses.models import OfficialDecision
from enrollment.models import Completion
from people.models import CandidatePair
from people.services.merges import merge
from tests.certificates.steps import issue_for_run
from tests.factories import make_agency, make_completion, make_run, make_trainee

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("office")]

LONG = "Công Huyền Tôn Nữ Nguyễn Phước Thị Bích Phượng Hoàng Khánh Quỳnh Trương"


def held_back_for(**person) -> list[str]:
    run = make_run()
    make_completion(make_trainee(**person), run)
    return [held.code for held in preflight(run).held_back]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nguyễn <b>An</b>", "markup"),
        ("李 Nguyễn", "missing_glyphs"),
        ("  ", "no_name"),
        ("Ngô " * 50, "does_not_fit"),
    ],
)
def test_a_name_that_cannot_be_printed_is_held_back_in_a_sentence(name: str, code: str) -> None:
    run = make_run()
    make_completion(make_trainee(full_name=name), run)
    held = issue_for_run(by=OFFICE, run=run).held_back
    assert [one.code for one in held] == [code]
    assert held[0].message.endswith(".")
    assert not Certificate.objects.exists()


def test_an_agency_without_a_name_is_held_back() -> None:
    assert held_back_for(agency=make_agency(name_vi=" ")) == ["no_agency"]


def test_a_person_whose_data_were_erased_is_held_back_and_gets_no_number() -> None:
    run = make_run()
    person = make_trainee(full_name="HV-7K3M9QXB", erased_at=clock.now())
    make_completion(person, run)
    (held,) = issue_for_run(by=OFFICE, run=run).held_back
    assert (held.code, held.message.endswith(".")) == ("erased", True)
    assert not Certificate.objects.exists()


def test_a_completion_without_evidence_is_held_back() -> None:
    run = make_run()
    make_completion(make_trainee(), run, evidence="")
    assert [held.code for held in preflight(run).held_back] == ["no_evidence"]


def test_two_completions_of_one_merged_person_are_held_back_for_a_human() -> None:
    run = make_run()
    first, second = make_trainee(full_name="Lê An"), make_trainee(full_name="Lê An")
    make_completion(first, run)
    make_completion(second, run)
    merge(by=OFFICE, survivor=first, absorbed=second)
    assert [held.code for held in preflight(run).held_back] == ["open_conflict", "open_conflict"]


def test_a_long_name_is_issued_with_a_warning_of_how_it_is_fitted() -> None:
    run = make_run()
    make_completion(make_trainee(full_name=LONG), run)
    result = issue_for_run(by=OFFICE, run=run)
    assert len(result.issued) == 1
    assert "fitted" in [warning.code for warning in result.warnings]


def test_an_absent_decision_and_place_and_an_open_candidate_are_warned_of(office) -> None:
    office.body.place = ""
    office.body.save()
    run = make_run()
    first, second = make_trainee(), make_trainee()
    make_completion(first, run)
    CandidatePair.objects.create(first=first, second=second)
    result = register_certificates(by=OFFICE, run=run)
    assert len(result.issued) == 1
    codes = {warning.code for warning in result.warnings}
    assert codes == {"name_unconfirmed", "open_candidate", "no_decision", "no_place"}


def test_a_run_that_demands_confirmed_names_holds_back_the_others() -> None:
    run = make_run()
    IssuingTerms.objects.create(run=run, names_must_be_confirmed=True)
    sure, changed = make_trainee(full_name="Lê An"), make_trainee(full_name="Lê Bình")
    for trainee in (sure, changed):
        make_completion(trainee, run)
        NameConfirmation.objects.create(trainee=trainee, full_name=trainee.full_name)
    changed.full_name = "Lê Bính"
    changed.save()
    checked = preflight(run)
    assert [ready.fields.full_name for ready in checked.ready] == ["Lê An"]
    assert [held.code for held in checked.held_back] == ["name_unconfirmed"]


def test_the_recognition_decision_is_printed() -> None:
    run = make_run()
    OfficialDecision.objects.create(
        run=run, kind=DecisionKind.RECOGNITION, number="45/QĐ-BKHCN", dated="2026-03-20"
    )
    make_completion(make_trainee(), run)
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    assert certificate.printed["decision_number"] == "45/QĐ-BKHCN"


def test_what_was_held_back_is_issued_once_it_is_mended() -> None:
    run = make_run()
    trainee = make_trainee(full_name="李 An")
    make_completion(trainee, run)
    issue_for_run(by=OFFICE, run=run)
    trainee.full_name = "Lý An"
    trainee.save()
    assert len(issue_for_run(by=OFFICE, run=run).issued) == 1
    assert Completion.objects.count() == Certificate.objects.count() == 1
