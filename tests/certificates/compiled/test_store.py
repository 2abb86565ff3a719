"""Compiled designs on disk: whole or not there, made anew where they are not as they should be."""

import datetime as dt
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from certificates.compiled import Store, UnusualError, design
from certificates.models import Certificate, CertificateDesign
from certificates.pdf.comparing import differences
from certificates.services import designs, documents
from certificates.services.issuance import CertificateBuilder, unsigned_form
from tests.certificates.compiled.conftest import CREDENTIAL
from tests.certificates.compiled.people import certificate_of
from tests.certificates.conftest import OFFICE
from tests.certificates.samples import usual
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_trainee

LONG = "Trung tâm Chuyển đổi số và Đổi mới sáng tạo, Văn phòng Tổng công ty, Chi nhánh miền Trung"


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def folder(default_ways, tmp_path) -> Path:
    default_ways.opened(tmp_path / "compiled").make(usual(), CREDENTIAL)
    return Path(tmp_path / "compiled")


def test_another_process_compiles_nothing_again(default_ways, folder):
    other = default_ways.opened(folder)
    made = other.make(usual(full_name="Lê Thị Ánh"), CREDENTIAL)
    assert other.compiled == 0
    assert (
        made.sha256 == default_ways.compiled.make(usual(full_name="Lê Thị Ánh"), CREDENTIAL).sha256
    )


def test_files_and_folders_are_for_the_owner_alone(folder):
    assert {stat.S_IMODE(path.stat().st_mode) for path in files_of(folder)} == {0o600}
    folders = {path.parent for path in files_of(folder)}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}


def test_nothing_of_a_person_and_nothing_pickled_lies_there(folder):
    for path in files_of(folder):
        content = path.read_bytes()
        assert usual().full_name.encode() not in content
        assert not content.startswith(b"\x80")


@pytest.mark.parametrize("damage", [lambda c: c[: len(c) // 2], lambda _c: b"", lambda c: c + b"x"])
def test_what_is_cut_off_or_changed_is_made_anew(default_ways, folder, damage):
    before = {path: path.read_bytes() for path in files_of(folder)}
    for path, content in before.items():
        path.write_bytes(damage(content))
    other = default_ways.opened(folder)
    made = other.make(usual(), CREDENTIAL)
    assert other.compiled > 0
    assert made.sha256 == default_ways.compiled.make(usual(), CREDENTIAL).sha256
    assert {path: path.read_bytes() for path in before} == before


def test_a_name_that_points_to_the_object_of_another_make_up_is_made_anew(default_ways, folder):
    first = set((folder / "names").iterdir())
    default_ways.opened(folder).make(usual(position="", grade=""), CREDENTIAL)
    others = set((folder / "names").iterdir()) - first
    for one, other in zip(sorted(first), sorted(others), strict=True):
        one.write_bytes(other.read_bytes())
    opened = default_ways.opened(folder)
    made = opened.make(usual(), CREDENTIAL)
    assert opened.compiled > 0
    assert made.sha256 == default_ways.compiled.make(usual(), CREDENTIAL).sha256


def test_other_versions_or_fonts_compile_anew(default_ways, folder, monkeypatch):
    monkeypatch.setattr(design, "VERSION", design.VERSION + 1)
    other = default_ways.opened(folder)
    other.make(usual(), CREDENTIAL)
    assert other.compiled > 0


def test_the_order_of_people_changes_no_byte(default_ways, tmp_path):
    people = [certificate_of(number) for number in range(0, 80, 8)]
    digests: list[dict[str, str]] = []
    for order in (people, people[::-1]):
        opened = default_ways.opened(tmp_path / str(len(digests)))
        made = {one.full_name: opened.make(one, CREDENTIAL).sha256 for one in order}
        digests.append(made)
    assert digests[0] == digests[1]
    names = [{path.name: path.read_bytes() for path in files_of(tmp_path / way)} for way in "01"]
    assert names[0] == names[1]


def test_a_template_of_a_page_that_differs_in_a_label_is_the_one_it_would_get_itself(
    default_ways, tmp_path
):
    day, year = (usual(birth=birth, unit=LONG) for birth in (dt.date(1980, 5, 4), 1980))
    both, alone = (default_ways.opened(tmp_path / one) for one in ("both", "alone"))
    both.make(day, CREDENTIAL)
    before = both.compiled
    shared, own = both.make(year, CREDENTIAL), alone.make(year, CREDENTIAL)
    assert alone.compiled == 2 * (both.compiled - before)
    assert shared.sha256 == own.sha256
    assert shared.template.sha256 == own.template.sha256


def test_several_processes_compile_at_once(tmp_path, default_ways):
    program = (
        "import sys, django; django.setup();"
        "from pathlib import Path;"
        "from tests.certificates.compiled.conftest import CREDENTIAL, DESIGNS, Ways;"
        "from tests.certificates.samples import usual;"
        "made = Ways(next(iter(DESIGNS.values())), Path(sys.argv[1])).compiled;"
        "print(made.make(usual(), CREDENTIAL).sha256)"
    )
    run = [sys.executable, "-c", program, str(tmp_path / "shared")]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "lms.settings"}
    both = [subprocess.Popen(run, stdout=subprocess.PIPE, env=environment) for _ in range(2)]
    digests = {one.communicate(timeout=120)[0].split()[-1].decode() for one in both}
    assert digests == {default_ways.compiled.make(usual(), CREDENTIAL).sha256}


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(default_ways, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UnusualError):
        default_ways.opened(tmp_path / "file").make(usual(), CREDENTIAL)


def test_an_object_is_found_by_its_whole_name_alone(tmp_path):
    store = Store(tmp_path)
    sha256 = store.put("key", {"a": [1, b"two"]})
    assert store.object(sha256) == {"a": [1, b"two"]}
    assert store.named("key") == sha256
    for name in ("", "../" + sha256, sha256[:63], sha256.upper() + "0", "0" * 64):
        assert store.object(name) is None


# The record ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_unsigned_form_is_made_again_from_the_template_that_is_recorded(run, settings):
    issued = issue_for_run(by=OFFICE, run=run).issued
    for certificate in issued:
        assert Store(settings.COMPILED_DESIGNS).object(certificate.made_with)
        content = unsigned_form(certificate)
        assert certificate.file.read().startswith(content)


@pytest.mark.django_db
def test_a_lost_template_is_compiled_again_to_the_same_bytes(run, settings, tmp_path):
    issued = issue_for_run(by=OFFICE, run=run).issued[0]
    settings.COMPILED_DESIGNS = tmp_path / "empty"
    documents.compiled_for.cache_clear()
    assert issued.file.read().startswith(unsigned_form(issued))
    documents.compiled_for.cache_clear()


@pytest.mark.django_db
def test_a_design_of_the_office_is_compiled_within_the_boundary(office, run, tmp_path, settings):
    CertificateDesign.objects.update(css=CertificateDesign.objects.get().css + "\n.name{color:red}")
    issued = issue_for_run(by=OFFICE, run=run).issued
    assert {len(one.made_with) for one in issued} == {documents.TEMPLATE_LENGTH}
    source = CertificateBuilder().source(issued[0])
    made = documents.DocumentBuilder().unsigned(source)
    again = documents._rendered(source, documents.RENDERED).content
    assert differences(made, again) == []


@pytest.mark.django_db
def test_a_design_with_filters_is_rendered_and_says_why(office, run):
    html = CertificateDesign.objects.get().html.replace(
        "{{ issuing_body }}", "{{ issuing_body|upper }}"
    )
    CertificateDesign.objects.update(html=html)
    issue_for_run(by=OFFICE, run=run)
    assert set(Certificate.objects.values_list("made_with", flat=True)) == {"rendered:design"}


@pytest.mark.django_db
def test_a_design_is_compiled_when_it_is_chosen(
    office, run, settings, tmp_path, django_capture_on_commit_callbacks
):
    """From what the office has printed before, in the name of the present signer."""
    issue_for_run(by=OFFICE, run=run)
    settings.COMPILED_DESIGNS = tmp_path / "chosen"
    documents.compiled_for.cache_clear()
    with django_capture_on_commit_callbacks(execute=True):
        designs.make_default(by=OFFICE, design=CertificateDesign.objects.get())
    objects = files_of(tmp_path / "chosen")
    assert objects
    make_completion(make_trainee(full_name="Đỗ Thị Yến"), run)
    issued = issue_for_run(by=OFFICE, run=run).issued
    assert len(issued[0].made_with) == documents.TEMPLATE_LENGTH
    assert files_of(tmp_path / "chosen") == objects
    documents.compiled_for.cache_clear()
