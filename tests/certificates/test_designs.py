"""Every design that ships: valid, signed, readable; a version that has issued never changes."""

import io
import re
import subprocess
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, transaction
from django.urls import reverse
from django.utils.translation import override
from PIL import Image

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import Certificate, CertificateDesign, IssuingTerms
from certificates.pdf import Appearance, starter_designs
from certificates.services.designs import preview, save_design, try_design
from certificates.services.issuance import unsigned_form
from common import bounded
from common.bounded import BoundedError
from common.errors import DomainError
from common.fonts import VIETNAMESE_LETTERS
from tests.certificates.samples import picture
from tests.certificates.steps import issue_for_run, upload_seal, upload_signature
from tests.factories import make_completion, make_run, make_trainee
from tests.pdfs import letters_of, page_count
from tests.validators.vera import broken_rules

pytestmark = pytest.mark.django_db
DESIGNS = {design.slug: design for design in starter_designs()}
# Names that together hold every letter of Vietnamese, both cases.
REPERTOIRE = re.findall(".{1,48}", VIETNAMESE_LETTERS)


@pytest.fixture
def signed_and_sealed(office):
    upload_signature(office, picture())
    upload_seal(office.body, picture(size=(400, 400)))
    return office


def issue_in(design: CertificateDesign, *names: str) -> list[Certificate]:
    run = make_run()
    IssuingTerms.objects.create(run=run, design=design)
    for name in names:
        make_completion(make_trainee(full_name=name), run)
    return issue_for_run(by=OFFICE, run=run).issued


def row_of(slug: str) -> CertificateDesign:
    design = DESIGNS[slug]
    row, _created = CertificateDesign.objects.get_or_create(
        slug=slug, version=1, defaults={"name": slug, "html": design.html, "css": design.css}
    )
    return row


def test_there_are_designs_in_landscape_and_portrait():
    portrait = [slug for slug, design in DESIGNS.items() if "A4 portrait" in design.css]
    assert len(DESIGNS) == 3
    assert portrait == ["hoa-sen"]


def test_every_design_issues_valid_signed_files_in_vietnamese(signed_and_sealed, settings):
    """One start of veraPDF for all: PDF/A-3a, PDF/UA-1; pdfsig of poppler; size; letters."""
    for slug in DESIGNS:
        issued = issue_in(row_of(slug), *REPERTOIRE)
        text = "".join(letters_of(Path(one.file.path).read_bytes()) for one in issued)
        assert not [name for name in REPERTOIRE if name not in text], slug
    paths = sorted(settings.MEDIA_ROOT.rglob("*.pdf"))
    assert len(paths) == len(DESIGNS) * len(REPERTOIRE)
    assert {key: rules for key, rules in broken_rules(paths).items() if rules} == {}
    assert max(path.stat().st_size for path in paths) <= 140_000
    assert {page_count(path) for path in paths} == {1}
    for path in paths[:: len(REPERTOIRE)]:
        seen = subprocess.run(
            ["pdfsig", "-nocert", path], capture_output=True, text=True, check=False
        )
        assert "Signature is Valid" in seen.stdout
        assert "Total document signed" in seen.stdout


@pytest.mark.parametrize("slug", DESIGNS)
@pytest.mark.parametrize("sample", ["longest", "shortest"])
def test_every_design_has_a_preview_with_real_data(office, slug, sample):
    name = "Công Huyền Tôn Nữ Nguyễn Phước Thị Bích Phượng" if sample == "longest" else "Ý An"
    make_trainee(full_name=name)
    make_trainee(full_name="Nguyễn Văn Bình")
    assert name.replace(" ", "") in letters_of(preview(row_of(slug), sample))


@pytest.mark.both_engines
def test_a_version_that_has_issued_never_changes(office):
    design = CertificateDesign.objects.get()
    issue_in(design, "Nguyễn An")
    with pytest.raises(Error), transaction.atomic():
        CertificateDesign.objects.filter(pk=design.pk).update(html="<p>other</p>")
    with pytest.raises(Error), transaction.atomic():
        CertificateDesign.objects.filter(pk=design.pk).delete()


@pytest.mark.both_engines
def test_what_a_certificate_prints_never_changes(office):
    certificate = issue_in(CertificateDesign.objects.get(), "Nguyễn An")[0]
    with pytest.raises(Error), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(printed={})
    with pytest.raises(Error), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).delete()


def save(**changes) -> CertificateDesign:
    design = CertificateDesign.objects.order_by("-version").filter(slug="dong-son").first()
    assert design
    values = {"name": design.name, "html": design.html, "css": design.css} | changes
    return save_design(by=OFFICE, slug="dong-son", **values)


def test_a_change_of_a_design_that_has_issued_is_a_new_version(office):
    issue_in(CertificateDesign.objects.get(), "Nguyễn An")
    assert save(name="Khác").version == 2
    assert save(name="Khác nữa").version == 2
    assert CertificateDesign.objects.get(version=1).name != "Khác"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("<main", '<img src="https://example.com/x.png" alt="x"><main', "blocked_resource"),
        ("<main", '<img src="file:///etc/passwd" alt="x"><main', "blocked_resource"),
        ("<main", '<img src="data:image/png;base64,AAAA" alt="x"><main', "blocked_resource"),
        ("{{ course_title_kept }}", "", "design_invalid"),
        ("{{ register_number }}", "", "design_invalid"),
        ("<main", "{{ personal_number }}<main", "design_invalid"),
        ("<main", "{% include 'x' %}<main", "design_invalid"),
        ("<main", "<p>x</p>" * 300 + "<main", "does_not_fit"),
        ("<main", "x" * 400_000 + "<main", "design_invalid"),
    ],
)
def test_a_bad_design_is_refused_in_a_sentence_and_not_saved(office, before, after, code):
    html = CertificateDesign.objects.get().html
    assert before in html
    with pytest.raises(DomainError) as refused:
        save(html=html.replace(before, after))
    assert refused.value.code == code
    assert CertificateDesign.objects.get().html == html


def test_a_signature_becomes_an_opaque_small_jpeg(office):
    upload_signature(office, picture(size=(4000, 2000)))
    baked = office.signature
    with Image.open(io.BytesIO(bytes(baked.content))) as image:
        assert (image.format, image.mode) == ("JPEG", "RGB")
    assert len(baked.content) <= 14_000


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"GIF89a", "not_an_image"), (b"", "not_an_image"), (b"x" * 6_000_000, "image_too_large")],
)
def test_what_is_no_fitting_picture_is_refused(office, content, code):
    with pytest.raises(CertificateError) as refused:
        upload_signature(office, content)
    assert refused.value.code == code


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(office):
    huge = Image.new("1", (6000, 6000))
    output = io.BytesIO()
    huge.save(output, "PNG")
    with pytest.raises(CertificateError) as refused:
        upload_seal(office.body, output.getvalue())
    assert refused.value.code == "image_too_large"


def test_an_old_certificate_keeps_the_signature_of_its_day(signed_and_sealed):
    certificate = issue_in(CertificateDesign.objects.get(), "Nguyễn An")[0]
    upload_signature(signed_and_sealed, picture("RGB"))
    assert unsigned_form(certificate)


# On its page ----------------------------------------------------------------------------


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def source(**changes: object) -> dict[str, object]:
    design = CertificateDesign.objects.get(is_default=True)
    return {"name": design.name, "html": design.html, "css": design.css} | changes


def test_a_change_is_previewed_before_it_is_saved(office, office_client):
    address = reverse("certificate_design", args=["dong-son", 1])
    html = CertificateDesign.objects.get().html.replace("<main", "<p>Bản nháp</p><main")
    shown = office_client.post(address, source(html=html, action="try")).content.decode()
    assert shown.count("data:image/png;base64,") == 2
    assert "&lt;p&gt;Bản nháp&lt;/p&gt;" in shown
    assert f'value="{source()["name"]}"' in shown
    assert "Bản nháp" not in CertificateDesign.objects.get().html


def test_a_design_comes_as_files_and_becomes_the_next_version(office, office_client):
    issue_in(CertificateDesign.objects.get(), "Nguyễn An")
    design = DESIGNS["song-ngu"]
    files = {
        "html_file": upload("page.html", b"\xef\xbb\xbf" + design.html.encode()),
        "css_file": upload("page.css", design.css.encode()),
    }
    address = reverse("certificate_design", args=["dong-son", 1])
    assert office_client.post(address, source(action="save") | files).status_code == 302
    saved = CertificateDesign.objects.get(slug="dong-son", version=2)
    assert (saved.html, saved.css) == (design.html.rstrip("\n") + "\n", design.css)
    assert CertificateDesign.objects.get(version=1).html != saved.html


def test_a_new_design_is_entered_under_a_name_of_its_own(office, office_client):
    address = reverse("new_design")
    assert "dong-son" not in office_client.get(address).content.decode().split("<form")[0]
    form = source(slug="giay-khen", name="Giấy khen", action="save")
    assert office_client.post(address, form).status_code == 302
    assert CertificateDesign.objects.get(slug="giay-khen").version == 1
    assert office_client.post(address, form | {"slug": "dong-son"}).status_code == 400


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("html_file", b"\xff\xfe no text"),
        ("html_file", b"<p>" * 400_000),
        ("html_file", b'<img src="https://example.com/x.png">'),
        ("css_file", b"@import url(https://example.com/x.css);"),
        ("css_file", b""),
    ],
)
def test_a_bad_file_is_explained_on_the_page_and_not_saved(office, office_client, field, content):
    before = CertificateDesign.objects.values_list("html", "css").get()
    address = reverse("certificate_design", args=["dong-son", 1])
    form = source(action="save") | {field: upload("x", content)}
    answer = office_client.post(address, form)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode() or "error" in answer.content.decode()
    assert CertificateDesign.objects.values_list("html", "css").get() == before


@pytest.mark.parametrize("code", ["too_long", "too_large", "crashed"])
def test_a_design_that_costs_too_much_is_refused_in_words_of_designs(monkeypatch, code) -> None:
    def run(*_arguments):
        raise BoundedError(code)

    monkeypatch.setattr(bounded, "run", run)
    with override("en"), pytest.raises(CertificateError, match="Simplify it"):
        try_design(Appearance("<p>", "p{}"))
