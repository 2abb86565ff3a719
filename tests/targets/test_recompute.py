"""Whoever has the signed report checks the pack against it, and no forgery passes.

Each forgery is tried twice: with the hash that the report prints, and with that of the forged pack
as if it had been printed, so that what the pack says of itself is checked as well.
"""

import datetime as dt
import hashlib
import io
import json
import sys
import zipfile
from typing import Any

import pytest

from audit.services import PROGRAMME_OFFICE
from common import clock
from enrollment.services.completion import void_completion
from people.models import Merge, Trainee
from targets.models import PeriodReport
from targets.services.evidence import evidence_pack, pack_sha256
from targets.services.reports import reopen
from tests.counting.makers import make_indicator, make_letter, make_rule, sign
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_succession,
    make_trainee,
)
from tests.targets.packs import (
    RECOMPUTE,
    forged,
    hash_of,
    pack_of,
    recompute,
    replacing,
    with_sums,
    zipped,
)

pytestmark = pytest.mark.django_db

HALF: dict[str, Any] = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 6, 30)}
SECOND_HALF: dict[str, Any] = {"starts_on": dt.date(2024, 7, 1), "ends_on": dt.date(2024, 12, 31)}


def person(name: str) -> Trainee:
    return make_trainee(full_name=name, birth_date=dt.date(1980, 2, 3))


@pytest.fixture
def report() -> PeriodReport:
    """Two halves of a year: in the second, one void, one merge, one late record, one new."""
    course = make_course("AI-1")
    spring = make_run(course, starts_on=dt.date(2024, 6, 3), ends_on=dt.date(2024, 6, 4))
    autumn = make_run(course, starts_on=dt.date(2024, 9, 2), ends_on=dt.date(2024, 9, 3))
    make_indicator(d2024_12_31=2)
    make_rule([course])
    people = [person(name) for name in ("Lê Thị An", "Lê Thị Ân", "Trần Văn Bình", "Vũ Văn Chí")]
    done = [make_completion(one, spring, completed_on=spring.ends_on) for one in people]
    signed_on = dt.date(2024, 7, 5)
    sign(signed_on, make_letter("01/BC-BTTTT", signed_on), **HALF)
    with clock.set_to(dt.date(2024, 8, 1)):
        void_completion(by=PROGRAMME_OFFICE, completion=done[3], reason="Ghi nhầm")
        Merge.objects.create(
            survivor=people[0], absorbed=people[1], recorded_by="test", recorded_at=clock.now()
        )
    make_completion(person("Ghi Muộn"), spring, recorded_at=clock.end_of_day(dt.date(2024, 8, 2)))
    make_completion(person("Người Mới"), autumn)
    return sign(**SECOND_HALF)


@pytest.fixture
def files(report):
    return pack_of(report, in_clear=True)


def test_a_genuine_pack_holds_with_names_and_without(report, files, tmp_path):
    for pack in (files, pack_of(report)):
        found = recompute(pack, tmp_path, "--printed", report.pack_sha256)
        assert (found.returncode, found.stderr) == (0, "")
        assert f"persons: signed {report.persons}, recomputed {report.persons}" in found.stdout


def test_the_hash_may_be_typed_as_it_is_printed(report, files, tmp_path):
    digits = report.pack_sha256.upper()
    typed = " ".join(digits[start : start + 4] for start in range(0, 64, 4))
    assert recompute(files, tmp_path, "--printed", typed).returncode == 0


def test_the_hash_that_was_signed_is_that_of_the_stored_report(report):
    assert pack_sha256(PeriodReport.objects.get(pk=report.pk)) == report.pack_sha256


def test_a_pack_alone_proves_nothing(files, tmp_path):
    found = recompute(files, tmp_path)
    assert (found.returncode, "nothing vouches for the pack" in found.stderr) == (2, True)


def test_the_script_needs_the_standard_library_alone():
    lines = RECOMPUTE.read_text().splitlines()
    imported = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]
    assert set(imported) <= set(sys.stdlib_module_names)


def changed_json(change):
    def apply(text):
        data = json.loads(text)
        change(data)
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"

    return apply


def with_another_person(text):
    """One more row of the list, in the manner of the last."""
    last = text.splitlines()[-1].split(",")
    return text + ",".join([str(int(last[0]) + 1), *last[1:4], "0" * 64, ""]) + "\n"


def without_last_row(text):
    return "".join(text.splitlines(keepends=True)[:-1])


def swapped(text):
    """The first two of a list in each other's place."""
    heading, first, second, *rest = text.splitlines(keepends=True)
    return "".join([heading, second, first, *rest])


def one_more_in_sector(report):
    report["by_sector"]["state_corporation"] = 1
    report["by_sector"]["state_agency"] -= 1


FORGERIES = {
    "invented person": {"people": with_another_person},
    "invented total": {"report": replacing('"persons": 4', '"persons": 5')},
    "dropped person": {"people": without_last_row},
    "dropped completion": {"completions": without_last_row},
    "swapped list": {"people": swapped},
    "other sector of a completion": {
        "completions": replacing(",state_agency", ",state_corporation")
    },
    "other sectors": {"report": changed_json(one_more_in_sector)},
    "sectors of the page": {
        "report": changed_json(lambda data: data["printed"]["sectors"][0].update(key="x"))
    },
    "parts by agency": {
        "report": changed_json(lambda data: data["printed"]["by_agency"][0].update(new=7))
    },
    "lower target, met": {
        "report": changed_json(lambda data: data["printed"]["targets"][0].update(persons=99))
    },
    "target met earlier": {
        "report": changed_json(
            lambda data: data["printed"]["targets"][0].update(met_on="2024-01-01")
        )
    },
    "earlier instant": {
        "report": changed_json(lambda data: data.update(known_as_of="2024-06-05T00:00:00+07:00"))
    },
    "other period": {"report": replacing('"ends_on": "2024-12-31"', '"ends_on": "2024-06-03"')},
    "later period": {"report": replacing('"starts_on": "2024-07-01"', '"starts_on": "2024-10-01"')},
    "other rule": {"rule": replacing('"minimum_periods": 0', '"minimum_periods": 400')},
    "other version of the rule": {"rule": replacing('"version": 1', '"version": 2')},
    "another day": {"completions": replacing("2024-09-03", "2024-09-02")},
    "a completion of somebody else": {"completions": replacing("\n1,2024", "\n2,2024")},
    "name": {"names": replacing("Lê Thị An", "Lê Thị Anh")},
    "birth date": {"names": replacing("1980-02-03", "1980-02-04")},
    "nameless": {"names": without_last_row},
    "last signed figure": {
        "report": changed_json(
            lambda data: data["printed"]["opening"]["previous"].update(persons=3)
        )
    },
    "last signed list": {"previous": without_last_row},
    "unnamed adjustment": {"adjustments": without_last_row},
    "adjustment of somebody else": {
        "adjustments": replacing("recorded_late,1,", "recorded_late,1,9")
    },
    "unnamed completion": {"completion_changes": without_last_row},
    "kind of adjustment": {"adjustments": replacing("voided,", "merged,")},
    "bridge": {
        "report": changed_json(
            lambda data: data["printed"]["opening"]["persons"].update(adjusted=0, between=-1)
        )
    },
}


@pytest.mark.parametrize("changes", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_figure_is_refused_even_where_every_hash_was_made_again(
    report, files, changes, tmp_path
):
    pack = forged(files, **changes)
    printed = recompute(pack, tmp_path, "--printed", report.pack_sha256)
    assert (printed.returncode, printed.stderr[:8]) == (1, "REFUSED:")
    agreeing = recompute(pack, tmp_path, "--printed", hash_of(pack))
    assert (agreeing.returncode, agreeing.stderr[:8]) == (1, "REFUSED:")


# What follows from nothing else in the pack, the printed hash alone holds together.
ONLY_PRINTED = {
    "signer": {"report": replacing("Trần Quốc Khải", "Nguyễn Văn Giả")},
    "who signed off": {"report": changed_json(lambda data: data.update(signed_by="người khác"))},
    "later instant": {
        "report": changed_json(lambda data: data.update(known_as_of="2026-01-10T00:00:00+07:00"))
    },
    "dropped target": {"report": changed_json(lambda data: data["printed"]["targets"].clear())},
    "evidence": {"completions": replacing("signed_sheet", "qr_check_in")},
    "name of an agency": {"agencies": replacing("2024", "1924")},
    "instructions": {"README": replacing("--printed", "--trust-me")},
}


@pytest.mark.parametrize("name", ONLY_PRINTED)
def test_what_the_printed_hash_covers_cannot_be_changed(report, files, name, tmp_path):
    changes = ONLY_PRINTED[name]
    if name == "name of an agency":
        changes = {"agencies": lambda text: text.replace("\n", "x\n", 2)}
    pack = forged(files, **changes)
    assert recompute(pack, tmp_path, "--printed", report.pack_sha256).returncode == 1
    careless = pack | {"SHA256SUMS": files["SHA256SUMS"]}
    found = recompute(careless, tmp_path, "--printed", report.pack_sha256)
    assert (found.returncode, "is not what was signed" in found.stderr) == (1, True)


@pytest.mark.parametrize("name", ["SHA256SUMS", "report.json", "adjustments.csv", "previous.csv"])
def test_a_pack_without_one_of_its_files_is_refused(report, files, name, tmp_path):
    pack = {key: content for key, content in files.items() if key != name}
    assert recompute(pack, tmp_path, "--printed", report.pack_sha256).returncode == 1
    if name != "SHA256SUMS":
        summed = with_sums(pack)
        assert recompute(summed, tmp_path, "--printed", hash_of(summed)).returncode == 1


@pytest.mark.parametrize("name", ["more.csv", "../report.json", "people.CSV", "people.csv/"])
def test_a_file_that_belongs_to_no_pack_is_refused(report, files, name, tmp_path):
    pack = files | {name: b"x"}
    assert recompute(pack, tmp_path, "--printed", report.pack_sha256).returncode == 1
    summed = with_sums(pack)
    assert recompute(summed, tmp_path, "--printed", hash_of(summed)).returncode == 1


@pytest.mark.parametrize("sums", [b"", b"\n", b"0" * 64 + b"  report.json\n"])
def test_emptied_checksums_are_refused(report, files, sums, tmp_path):
    pack = files | {"SHA256SUMS": sums}
    for printed in (report.pack_sha256, hashlib.sha256(sums).hexdigest()):
        assert recompute(pack, tmp_path, "--printed", printed).returncode == 1


def test_a_file_that_is_in_the_pack_twice_is_refused(report, files, tmp_path):
    made = io.BytesIO(zipped(files))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(made, "a") as pack:
        pack.writestr("people.csv", files["people.csv"])
    found = recompute(made.getvalue(), tmp_path, "--printed", report.pack_sha256)
    assert (found.returncode, "more than once" in found.stderr) == (1, True)


def test_the_pack_of_another_report_is_refused(report, files, tmp_path):
    reopen(by=PROGRAMME_OFFICE, report=report, reason="Bổ sung")
    second = sign(letter=make_letter("03/BC-BTTTT"), **SECOND_HALF)
    assert recompute(files, tmp_path, "--printed", second.pack_sha256).returncode == 1


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all"])
def test_what_is_no_pack_is_refused_in_a_sentence(content, tmp_path):
    found = recompute(content, tmp_path, "--printed", "0" * 64)
    assert (found.returncode, found.stderr[:8]) == (1, "REFUSED:")


def test_a_pack_after_splits_mergers_and_rules_still_holds(report, tmp_path):
    """Figures of agencies are as signed, whatever became of the agencies."""
    old, new = make_agency(), make_agency()
    run = make_run(make_course("AI-2"), starts_on=dt.date(2025, 2, 3), ends_on=dt.date(2025, 2, 4))
    make_completion(make_trainee(old), run)
    make_succession(old, new, on=dt.date(2025, 3, 1))
    make_rule([run.course], on=dt.date(2025, 5, 1), reason="decided so")
    late = dt.date(2025, 7, 5)
    later = sign(
        on=late,
        letter=make_letter("20/BC-BTTTT", late),
        starts_on=dt.date(2025, 1, 1),
        ends_on=dt.date(2025, 6, 30),
    )
    found = recompute(pack_of(later), tmp_path, "--printed", later.pack_sha256)
    assert (found.returncode, found.stderr) == (0, "")
    assert [one["kind"] for one in later.content["opening"]["kinds"]] == ["rule_out"]


def test_the_pack_names_the_evidence_of_each_completion(report, files):
    heading, *rows = files["completions.csv"].decode().splitlines()
    columns = heading.split(",")
    for word in ("evidence", "document_sha256", "attendance_percent", "certificate"):
        assert word in columns
    assert all(",signed_sheet," in row and ",100," in row for row in rows)


def test_the_pack_without_names_holds_no_trainee_code(report):
    text = b"".join(pack_of(report).values()).decode()
    assert not any(one["code"] in text or one["full_name"] in text for one in report.names)


def test_the_pack_is_the_same_file_each_time(report):
    made = [evidence_pack(by=PROGRAMME_OFFICE, report=report) for _n in range(2)]
    assert made[0] == made[1]
