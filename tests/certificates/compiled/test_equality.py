"""A compiled certificate draws and says what the rendered one does."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from certificates.compiled import UnusualError
from certificates.pdf.comparing import differences
from common.fonts import VIETNAMESE_LETTERS
from tests.certificates.compiled.conftest import CREDENTIAL, DESIGNS, Ways
from tests.certificates.compiled.people import certificate_of
from tests.certificates.samples import longest, shortest, usual
from tests.pdfs import complaints_of_qpdf
from tests.validators.vera import broken_rules

SIGNATURE = "0" * 64
NAMES = st.lists(
    st.text(VIETNAMESE_LETTERS, min_size=1, max_size=8).map(str.capitalize), min_size=1, max_size=7
).map(" ".join)


def compared(ways: Ways, fields) -> list[str] | None:
    """The differences; None where the certificate is left to the renderer."""
    try:
        made = ways.compiled.make(fields, CREDENTIAL)
    except UnusualError:
        return None
    return differences(made.content, ways.renderer.render(fields, attachments=[CREDENTIAL]))


@pytest.mark.parametrize("slug", DESIGNS)
@pytest.mark.parametrize("count", [12, pytest.param(400, marks=pytest.mark.full)])
def test_made_up_people_get_the_same_certificate_either_way(ways, slug, count):
    own, left = ways(slug), 0
    for number in range(count):
        fields = certificate_of(37 * number, signature=SIGNATURE if number % 2 else "")
        found = compared(own, fields)
        left += found is None
        assert not found, fields.full_name
    assert left <= max(1, count // 20)


@given(name=NAMES, course=NAMES, grade=st.sampled_from(["", "Giỏi"]))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_names_a_compiled_certificate_equals_the_rendered_one(
    default_ways, name, course, grade
):
    assert not compared(default_ways, usual(full_name=name, course_title=course, grade=grade))


@pytest.mark.full
@given(name=NAMES, course=NAMES, position=NAMES | st.just(""), unit=NAMES | st.just(""))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@pytest.mark.parametrize("slug", DESIGNS)
def test_whatever_the_names_every_design_equals(ways, slug, name, course, position, unit):
    fields = usual(full_name=name, course_title=course, position=position, unit=unit)
    assert not compared(ways(slug), fields)


@pytest.fixture(scope="module")
def files(ways, tmp_path_factory) -> Path:
    """Every design both ways, as files."""
    folder: Path = tmp_path_factory.mktemp("both-ways")
    for slug in DESIGNS:
        own = ways(slug)
        people = {"usual": usual(signature_image=SIGNATURE), "shortest": shortest(),
                  "made-up": certificate_of(11), "longest": longest()}  # fmt: skip
        for name, fields in people.items():
            try:
                made = own.compiled.make(fields, CREDENTIAL)
            except UnusualError:
                continue
            (folder / f"{slug}-{name}.pdf").write_bytes(made.content)
            rendered = own.renderer.render(fields, attachments=[CREDENTIAL])
            (folder / f"{slug}-{name}.rendered").write_bytes(rendered)
    return folder


def test_no_pixel_differs(files, tmp_path):
    paths = sorted(files.glob("*.pdf"))
    assert len(paths) >= 3 * len(DESIGNS)
    for path in paths:
        pages = []
        for way in (path, path.with_suffix(".rendered")):
            target = tmp_path / way.name
            command = ["pdftoppm", "-r", "100", "-png", "-singlefile", way, target]
            subprocess.run(command, check=True, timeout=60)
            pages.append(Image.open(f"{target}.png").convert("RGB"))
        assert ImageChops.difference(*pages).getbbox() is None, path.name


def test_every_compiled_certificate_is_pdf_a_3a_and_pdf_ua_1(files):
    verdicts = broken_rules(sorted(files.glob("*.pdf")))
    assert {key: rules for key, rules in verdicts.items() if rules} == {}


def test_qpdf_finds_nothing_wrong_and_no_file_is_large(files):
    for path in files.glob("*.pdf"):
        assert complaints_of_qpdf(path) == ""
        assert path.stat().st_size <= 130_000


@pytest.mark.parametrize("field", ["full_name", "position", "unit", "serial_number"])
def test_every_vietnamese_letter_is_drawn_as_it_went_in(default_ways, field):
    """What is drawn is read back by ``make`` itself."""
    for at in range(0, len(VIETNAMESE_LETTERS), 16):
        letters = " ".join(VIETNAMESE_LETTERS[at : at + 16])
        made = default_ways.compiled.make(usual(**{field: letters}), None)
        assert len(made) > 50_000
