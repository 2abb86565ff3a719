import csv
import datetime as dt
import io
import json

import pytest
from django.core.management import call_command

from agencies.choices import SuccessionKind
from agencies.fields import stored_identifier
from agencies.models import Agency, Succession
from audit.models import AuditEntry
from audit.services import SYSTEM
from certificates.models import CertificateDesign, IssuingBody, Signer
from common import clock
from counting.models import CountingRule
from counting.replay import TRAINED_OFFICIALS
from courses.models import Course
from enrollment.choices import Evidence
from lms import reference
from lms.errors import ProgrammeError
from lms.reference import load_reference
from targets.models import Target

pytestmark = pytest.mark.django_db


def succession_into(slug: str, predecessor: str) -> Succession:
    return Succession.objects.get(links__successor__slug=slug, links__predecessor__slug=predecessor)


def predecessors(succession: Succession) -> set[str]:
    return set(succession.links.values_list("predecessor__slug", flat=True))


@pytest.mark.both_engines
def test_everything_is_created_once():
    created = load_reference(by=SYSTEM)
    again = load_reference(by=SYSTEM)
    assert created["agencies"].created == 159 == Agency.objects.count()
    assert created["courses"].created == 11
    assert all(tally.created == 0 for tally in again.values())
    assert {name: t.created for name, t in created.items()} == {
        name: t.present for name, t in again.items()
    }


def test_only_a_load_that_creates_something_is_put_on_record():
    load_reference(by=SYSTEM)
    load_reference(by=SYSTEM)
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["reference.loaded"]


def test_what_the_office_edited_stays_as_edited():
    load_reference(by=SYSTEM)
    Agency.objects.filter(slug="min-bca").update(short_name="Bộ CA")
    Course.objects.filter(code="AI-101").update(minimum_attendance=90)
    Target.objects.filter(minimum=100, indicator__slug="trained_officials").update(minimum=120)
    load_reference(by=SYSTEM)
    assert Agency.objects.get(slug="min-bca").short_name == "Bộ CA"
    assert Course.objects.get(code="AI-101").minimum_attendance == 90
    assert Target.objects.filter(indicator__slug="trained_officials", minimum=120).exists()


def test_a_row_that_is_missing_comes_back():
    load_reference(by=SYSTEM)
    Agency.objects.get(slug="soe-vatm").delete()
    assert load_reference(by=SYSTEM)["agencies"].created == 1


def test_a_voided_succession_is_not_recorded_again():
    load_reference(by=SYSTEM)
    Succession.objects.update(voided_at=clock.now())
    assert load_reference(by=SYSTEM)["successions"].created == 0


def test_agencies_that_went_into_one_on_the_same_day_are_one_merger():
    load_reference(by=SYSTEM)
    merger = succession_into("prov-phu-tho", "prov-vinh-phuc")
    assert merger.kind == SuccessionKind.MERGER
    assert merger.on == dt.date(2025, 7, 1)
    assert predecessors(merger) == {"prov-phu-tho-63", "prov-vinh-phuc", "prov-hoa-binh"}


@pytest.mark.parametrize(
    ("predecessor", "successor", "on"),
    [
        ("soe-pvn-old", "soe-pvn", dt.date(2025, 4, 9)),
        ("agy-ubdt", "min-bdttg", dt.date(2025, 3, 1)),
        ("prov-thua-thien-hue", "prov-hue", dt.date(2025, 1, 1)),
        ("prov-dong-nai", "prov-tp-dong-nai", dt.date(2026, 4, 30)),
    ],
)
def test_one_agency_that_goes_into_one_that_begins_that_day_is_renamed(predecessor, successor, on):
    load_reference(by=SYSTEM)
    renaming = succession_into(successor, predecessor)
    assert (renaming.kind, renaming.on) == (SuccessionKind.RENAMING, on)


def test_an_agency_that_goes_into_one_that_stood_already_is_merged():
    load_reference(by=SYSTEM)
    merger = succession_into("min-bkhcn", "min-btttt")
    assert (merger.kind, merger.on) == (SuccessionKind.MERGER, dt.date(2025, 3, 1))


def test_only_four_successions_are_renamings():
    load_reference(by=SYSTEM)
    assert Succession.objects.filter(kind=SuccessionKind.RENAMING).count() == 4


def test_every_agency_with_a_successor_has_its_arrow():
    load_reference(by=SYSTEM)
    with (reference.DATA / "agencies.csv").open(encoding="utf-8") as file:
        ended = {row["slug"] for row in csv.DictReader(file) if row["successor"]}
    linked = Agency.objects.exclude(links_to_successors=None).values_list("slug", flat=True)
    assert set(linked) == ended
    assert Agency.objects.exclude(valid_to=None).count() == len(ended)


def test_a_succession_is_known_from_its_day_on():
    load_reference(by=SYSTEM)
    merger = succession_into("min-bkhcn", "min-btttt")
    assert merger.recorded_at == clock.start_of_day(dt.date(2025, 3, 1))


def test_a_legal_basis_is_recorded_only_where_a_source_names_one():
    load_reference(by=SYSTEM)
    cited = Succession.objects.exclude(legal_basis="").values_list("legal_basis", flat=True)
    assert set(cited) == {"Nghị quyết 175/2024/QH15", "Nghị định 41/2025/NĐ-CP"}


def test_courses_come_with_the_usual_rule():
    load_reference(by=SYSTEM)
    course = Course.objects.get(code="AI-201")
    assert (course.periods, course.days, course.minimum_attendance) == (40, 5, 80)
    assert course.minimum_score is None
    assert course.approval == "none"
    assert course.bare_birth_years


def test_the_indicator_promises_a_hundred_and_then_a_thousand_people():
    load_reference(by=SYSTEM)
    targets = Target.objects.filter(indicator__slug="trained_officials").order_by("due_on")
    assert [(t.due_on, t.minimum) for t in targets] == [
        (dt.date(2024, 12, 31), 100),
        (dt.date(2030, 12, 31), 1000),
    ]


def test_rule_1_counts_all_qualifying_courses_of_both_sectors_on_our_own_evidence():
    load_reference(by=SYSTEM)
    rule = CountingRule.objects.get()
    assert (rule.version, rule.adopted_on) == (1, dt.date(2024, 5, 3))
    assert set(rule.sectors) == {"state_agency", "state_corporation"}
    assert set(rule.evidence_kinds) == {*Evidence.values} - {Evidence.ELSEWHERE}
    left_out = Course.objects.exclude(id__in=rule.courses.values("course"))
    assert list(left_out.values_list("code", flat=True)) == ["DT-001"]
    assert rule.sentence_vi
    assert rule.sentence_en


def test_rule_1_is_in_force_on_its_day_and_not_before():
    load_reference(by=SYSTEM)
    adopted = clock.start_of_day(dt.date(2024, 5, 3))
    assert CountingRule.objects.in_force(TRAINED_OFFICIALS, adopted) is not None
    assert (
        CountingRule.objects.in_force(TRAINED_OFFICIALS, adopted - dt.timedelta(seconds=1)) is None
    )


def test_certificates_can_be_designed_issued_and_signed_on_any_day():
    load_reference(by=SYSTEM)
    assert CertificateDesign.objects.filter(is_default=True).count() == 1
    for day, name in (
        (dt.date(2025, 2, 28), "Bộ Thông tin và Truyền thông"),
        (dt.date(2025, 3, 1), "Bộ Khoa học và Công nghệ"),
    ):
        body = IssuingBody.objects.in_force_on(day).get()
        assert body.name == name
        assert Signer.objects.in_force_on(day).get().body == body


def test_an_agency_in_the_wrong_sector_is_refused_and_nothing_is_written(monkeypatch, tmp_path):
    for file in reference.DATA.glob("*.csv"):
        text = file.read_text("utf-8")
        wrong = text.replace("state_group,state_corporation", "state_group,state_agency", 1)
        (tmp_path / file.name).write_text(wrong, "utf-8")
    monkeypatch.setattr(reference, "DATA", tmp_path)
    with pytest.raises(ProgrammeError) as refusal:
        load_reference(by=SYSTEM)
    assert refusal.value.code == "sector_mismatch"
    assert not Agency.objects.exists()


def test_the_command_answers_with_one_json_object():
    out = io.StringIO()
    call_command("load_reference", "--json", stdout=out)
    assert json.loads(out.getvalue())["agencies"] == {"created": 159, "present": 0}


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("000.00.18.G12", "G12.18"),
        ("000.00.00.H57", "H57"),
        ("G12.18", "G12.18"),
        (" g12 ", "G12"),
        ("0100109106", "0100109106"),
        ("", ""),
    ],
)
def test_both_forms_of_an_identifier_are_stored_as_one(written, stored):
    assert stored_identifier(written) == stored
