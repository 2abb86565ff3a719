"""Signing a period: what is frozen, what is refused, what later changes become."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.models import AuditEntry, AuditHead, AuditSeal
from audit.services import PROGRAMME_OFFICE, SYSTEM
from audit.services.stored_heads import heads_in
from audit.services.verification import verify
from common import append_only, clock
from common.spreadsheets import open_sheets
from enrollment.services.completion import void_completion
from people.models import Merge
from targets.errors import TargetError
from targets.models import PeriodReport
from targets.pdf import report_pdf
from targets.progress.adjustments import adjustments
from targets.progress.signed_list import commitment, hash_of_list
from targets.services.evidence import evidence_pack, export_annex
from targets.services.reports import letter_of, reopen
from targets.sheets import annex
from tests.audit.heads import last_head
from tests.counting.makers import (
    SIGNED_ON,
    make_indicator,
    make_letter,
    make_rule,
    make_signer,
    sign,
)
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_trainee,
    make_user,
)
from tests.pdfs import text_of
from tests.targets.packs import recompute
from tests.validators.vera import broken_rules

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]


@pytest.fixture
def run():
    run = make_run(make_course("AI-1"), starts_on=dt.date(2024, 6, 3), ends_on=dt.date(2024, 6, 4))
    make_indicator(d2024_12_31=2)
    make_rule([run.course])
    return run


def changes(report):
    return [(one.kind, one.persons, one.full_name) for one in adjustments(report).people]


def test_signing_freezes_figure_names_rule_and_instant(run):
    for name in ("Trần Văn Bình", "Lê Thị An"):
        make_completion(make_trainee(full_name=name), run)
    report = sign()
    assert (report.persons, report.new_persons, report.completions) == (2, 2, 2)
    assert [one["full_name"] for one in report.names] == ["Lê Thị An", "Trần Văn Bình"]
    assert report.rule.version == report.content["rule"]["version"] == 1
    assert clock.HANOI.fromutc(report.known_as_of.replace(tzinfo=clock.HANOI)).date() == SIGNED_ON


def test_the_hash_of_the_list_is_in_the_audit_log(run):
    make_completion(run=run)
    report = sign()
    entry = AuditEntry.objects.get(action="period_signed")
    assert entry.details["names_sha256"] == report.names_sha256 == hash_of_list(report.names)


def test_a_signed_report_cannot_be_changed_or_deleted(run):
    make_completion(run=run)
    report = sign()
    for attempt in (
        lambda: PeriodReport.objects.filter(pk=report.pk).update(persons=7),
        lambda: PeriodReport.objects.filter(pk=report.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ({"starts_on": dt.date(2024, 7, 1)}, "overlaps_signed"),
        ({"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2024, 12, 1)}, "ends_before_start"),
        ({"starts_on": dt.date(2025, 1, 1), "ends_on": SIGNED_ON}, "period_in_future"),
    ],
)
def test_a_period_that_cannot_be_signed_is_refused(run, period, code):
    make_completion(run=run)
    sign()
    with pytest.raises(TargetError) as refusal:
        sign(**period)
    assert refusal.value.code == code


HALF = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 6, 30)}


@pytest.mark.parametrize(
    ("number", "dated", "code"),
    [
        ("03/BC-BTTTT", dt.date(2025, 1, 11), "letter_in_future"),
        ("03/BC-BTTTT", dt.date(2024, 12, 31), "letter_before_end"),
        ("02/bc-BTTTT", SIGNED_ON, "number_taken"),
    ],
)
def test_a_letter_that_no_office_would_send_is_refused(run, number, dated, code):
    make_completion(run=run)
    day = dt.date(2025, 1, 2)
    sign(on=day, letter=make_letter(dated=day), **HALF)
    with pytest.raises(TargetError) as refusal:
        sign(letter=make_letter(number, dated), starts_on=dt.date(2024, 7, 1))
    assert refusal.value.code == code


def test_numbers_start_again_with_each_year(run):
    make_completion(run=run)
    day = dt.date(2024, 7, 5)
    sign(on=day, letter=make_letter(dated=day), **HALF)
    assert sign(starts_on=dt.date(2024, 7, 1)).number == "02/BC-BTTTT"


def test_who_is_out_of_office_does_not_sign(run):
    with pytest.raises(TargetError, check=lambda error: error.code == "signer_out_of_term"):
        letter_of(make_signer(valid_to=dt.date(2025, 1, 9)), number="1/BC", dated=SIGNED_ON)


def test_the_form_offers_who_is_in_office_and_keeps_the_letter_that_is_refused(run, client):
    make_completion(run=run)
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    client.force_login(office)
    gone, stays = make_signer(valid_to=dt.date(2025, 1, 9)), make_signer(valid_from=SIGNED_ON)
    data = {
        "starts_on": "2024-01-01",
        "ends_on": "2024-12-31",
        "agreed_persons": 1,
        "number": "02/BC-BTTTT",
        "dated": "2999-01-01",
        "signer": stays.pk,
        "recipients": "Lưu: VT",
    }
    with clock.set_to(SIGNED_ON):
        answer = client.post(reverse("new_report"), data)
    form = answer.context["sign_form"]
    assert (answer.status_code, PeriodReport.objects.count()) == (400, 0)
    assert form["number"].value() == "02/BC-BTTTT"
    assert (gone in form.fields["signer"].queryset, stays in form.fields["signer"].queryset) == (
        False,
        True,
    )


def test_without_a_rule_there_is_nothing_to_sign():
    make_indicator()
    with pytest.raises(TargetError) as refusal:
        sign()
    assert refusal.value.code == "no_rule"


def test_a_figure_that_moved_since_it_was_looked_at_is_not_signed(run):
    make_completion(run=run)
    with pytest.raises(TargetError) as refusal:
        sign(agreed_persons=2)
    assert refusal.value.code == "figure_changed"


def test_a_reopened_period_keeps_its_first_version(run):
    make_completion(run=run)
    first = sign()
    printed = report_pdf(first), annex(first)
    reopen(by=PROGRAMME_OFFICE, report=first, reason="Bổ sung lớp ghi muộn")
    make_completion(run=run, recorded_at=clock.end_of_day(dt.date(2025, 2, 1)))
    second = sign(on=dt.date(2025, 3, 1), letter=make_letter("11/BC-BTTTT"))
    assert (first.version, first.persons) == (1, 1)
    assert (second.version, second.persons) == (2, 2)
    assert (report_pdf(first), annex(first)) == printed


def test_a_reopening_needs_a_reason_and_happens_once(run):
    make_completion(run=run)
    report = sign()
    with pytest.raises(TargetError, check=lambda error: error.code == "reason_missing"):
        reopen(by=PROGRAMME_OFFICE, report=report, reason=" ")
    reopen(by=PROGRAMME_OFFICE, report=report, reason="Nhầm kỳ")
    with pytest.raises(TargetError, check=lambda error: error.code == "already_reopened"):
        reopen(by=PROGRAMME_OFFICE, report=report, reason="Nhầm kỳ")


# Adjustments ----------------------------------------------------------------------------


def test_without_changes_there_is_no_adjustment(run):
    make_completion(run=run)
    assert changes(sign()) == []


def test_a_completion_recorded_late_is_named(run):
    make_completion(run=run)
    report = sign()
    make_completion(
        make_trainee(full_name="Lê Thị An"), run, recorded_at=clock.end_of_day(dt.date(2025, 2, 1))
    )
    assert changes(report) == [("recorded_late", 1, "Lê Thị An")]
    assert "01/02/2025" in adjustments(report).people[0].detail


def test_a_void_is_named_with_its_reason(run):
    completion = make_completion(make_trainee(full_name="Lê Thị An"), run)
    report = sign()
    void_completion(by=PROGRAMME_OFFICE, completion=completion, reason="Ghi nhầm")
    assert changes(report) == [("voided", -1, "Lê Thị An")]
    assert "Ghi nhầm" in adjustments(report).people[0].detail


def test_a_merge_of_two_signed_people_is_named(run):
    survivor, absorbed = (make_trainee(full_name=name) for name in ("Lê Thị An", "Lê Thị Ân"))
    for trainee in (survivor, absorbed):
        make_completion(trainee, run)
    report = sign()
    Merge.objects.create(survivor=survivor, absorbed=absorbed, recorded_by="test")
    assert changes(report) == [("merged", -1, "Lê Thị Ân")]


def test_an_undone_merge_is_named(run):
    survivor, absorbed = (make_trainee(full_name=name) for name in ("Lê Thị An", "Lê Thị Ân"))
    for trainee in (survivor, absorbed):
        make_completion(trainee, run)
    merge = Merge.objects.create(
        survivor=survivor,
        absorbed=absorbed,
        recorded_by="test",
        recorded_at=clock.end_of_day(dt.date(2024, 7, 1)),
    )
    report = sign()
    Merge.objects.filter(pk=merge.pk).update(undone_at=clock.now())
    assert changes(report) == [("unmerged", 1, "Lê Thị Ân")]


def test_an_earlier_completion_recorded_late_moves_a_person(run):
    who = make_trainee(full_name="Lê Thị An")
    make_completion(who, run)
    report = sign()
    earlier = make_run(run.course, starts_on=dt.date(2024, 5, 6), ends_on=dt.date(2024, 5, 7))
    make_completion(
        who,
        earlier,
        sending_agency=make_agency(),
        recorded_at=clock.end_of_day(dt.date(2025, 2, 1)),
    )
    assert changes(report) == [("moved", 0, "Lê Thị An")]


# Files ----------------------------------------------------------------------------------


def test_a_reprint_after_late_changes_is_byte_equal(run):
    completion = make_completion(run=run)
    report = sign()
    printed = report_pdf(report), annex(report), pack(report)
    void_completion(by=PROGRAMME_OFFICE, completion=completion, reason="Ghi nhầm")
    type(completion.trainee).objects.update(full_name="Người Khác")
    again = PeriodReport.objects.get(pk=report.pk)
    assert (report_pdf(again), annex(again), pack(again)) == printed


def test_the_paper_is_laid_out_by_decree_30_and_readable_for_everybody(run, tmp_path):
    for name in ("Trần Văn Bình", "Đặng Thị Ngọc Ánh"):
        make_completion(make_trainee(full_name=name), run)
    report = sign()
    paper = tmp_path / "report.pdf"
    paper.write_bytes(report_pdf(report))
    text = text_of(paper.read_bytes())
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Số: 02/BC-BTTTT",
        "ngày 10 tháng 01 năm 2025",
        "2 người",
        "Nơi nhận:",
        "Trần Quốc Khải",
        report.names_sha256,
        report.pack_sha256[:4],
    ):
        assert part in text
    verdicts = broken_rules([paper])
    assert {key: rules for key, rules in verdicts.items() if rules} == {}


def test_who_takes_the_annex_is_on_record_with_the_number_of_names(run):
    report = sign()
    assert export_annex(by=PROGRAMME_OFFICE, report=report) == annex(report)
    (entry,) = AuditEntry.objects.filter(action="annex_exported")
    assert entry.details == {"report": report.code, "rows": len(report.names)}


def test_the_annex_holds_the_list_in_its_order(run):
    for name in ("Trần Văn Bình", "Lê Thị An"):
        make_completion(make_trainee(full_name=name, birth_date=dt.date(1980, 2, 3)), run)
    (sheet,) = open_sheets(annex(sign()), "annex.xlsx")
    _heading, first, second = (row.values for row in sheet.rows())
    assert (first[:3], second[1]) == ((1, "Lê Thị An", dt.date(1980, 2, 3)), "Trần Văn Bình")


def test_the_annex_says_of_whoever_counts_by_a_day_outside_their_class_why(run):
    for name, reason in (("Lê Thị An", "Bảo vệ muộn"), ("Lê Thị Bình", "")):
        other_day = {"completed_on": dt.date(2024, 6, 9), "day_reason": reason}
        make_completion(make_trainee(full_name=name), run, **other_day)
    make_completion(make_trainee(full_name="Lê Thị Chi"), run)
    (sheet,) = open_sheets(annex(sign()), "annex.xlsx")
    heading, *rows = (row.values for row in sheet.rows())
    column = heading.index("Hoàn thành ngoài thời gian của lớp")
    found = [row[column] if len(row) > column else None for row in rows]
    assert found == ["Bảo vệ muộn", "chưa ghi lý do", None]


def test_the_annex_has_no_column_for_other_days_where_there_are_none(run):
    make_completion(run=run)
    (sheet,) = open_sheets(annex(sign()), "annex.xlsx")
    assert "Hoàn thành ngoài thời gian của lớp" not in next(iter(sheet.rows())).values


def test_the_report_prints_officials_experts_and_of_whom_it_is_not_known(run):
    make_completion(run=run, trainee_kind="expert")
    make_completion(run=run)
    report = sign()
    figures = {one["key"]: one["persons"] for one in report.content["quality"]["trainee_kinds"]}
    assert figures == {"official": 0, "expert": 1, "not_known": 1}
    assert "Cán bộ và chuyên gia" in text_of(report_pdf(report))


def pack(report, **fields):
    return evidence_pack(by=PROGRAMME_OFFICE, report=report, **fields)


def test_the_pack_names_nobody_unless_asked_to_with_a_reason(run):
    who = make_trainee(full_name="Lê Thị An")
    make_completion(who, run)
    report = sign()
    files = zipfile.ZipFile(io.BytesIO(pack(report)))
    text = b"".join(files.read(name) for name in files.namelist()).decode()
    assert "Lê Thị An" not in text
    assert who.code not in text
    with pytest.raises(TargetError, check=lambda error: error.code == "reason_missing"):
        pack(report, in_clear=True)
    clear = zipfile.ZipFile(io.BytesIO(pack(report, in_clear=True, reason="Thanh tra")))
    assert "Lê Thị An" in clear.read("names.csv").decode()
    entry = AuditEntry.objects.filter(action="evidence_pack_exported").latest("id")
    assert (entry.details["in_clear"], entry.details["reason"]) == (True, "Thanh tra")


def test_a_name_in_clear_fits_its_commitment_in_the_signed_list(run):
    make_completion(make_trainee(full_name="Lê Thị An"), run)
    (one,) = sign().names
    assert one["commitment"] == commitment(one["salt"], one["code"], "Lê Thị An", one["birth"])


def test_the_pack_describes_what_was_signed(run):
    make_completion(run=run)
    report = sign()
    signed = json.loads(zipfile.ZipFile(io.BytesIO(pack(report))).read("report.json"))
    assert (signed["persons"], signed["names_sha256"]) == (1, report.names_sha256)


def test_report_and_pack_carry_the_signed_head_of_the_audit_log(run, tmp_path):
    """So that a log that was cut later is noticed by whoever holds one of them."""
    make_completion(run=run)
    report = sign()
    head = last_head()
    assert report.content["audit_head"]["signature"] == head.signature
    text = " ".join(text_of(report_pdf(report)).split())
    assert head.hash in text
    source = pack(report)
    (kept,) = heads_in(source, where="pack.zip")
    assert kept.signed == head
    assert recompute(source, tmp_path, "--printed", report.pack_sha256).returncode == 0
    assert [one.state for one in verify(stored=[kept]).compared] == ["present"]


def test_the_log_is_compared_with_the_head_in_each_signed_report(run):
    """Also with the files outside gone, and the heads that were signed since."""
    make_completion(run=run)
    sign()
    append_only.remove(connection)
    AuditHead.objects.all().delete()
    AuditSeal.objects.all().delete()
    assert [problem.code for problem in verify().problems] == ["kept_head_shorter"]
