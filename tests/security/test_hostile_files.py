"""Whatever somebody uploads is one sentence in bounded time, and never a server error.

The bombs are made by code (``bombs``). Every day a few run over the pages, and all that are quick
over the parsers; ``full`` sends every one through every form that takes a file, wherever it is.
"""

import datetime as dt
import io
import math
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings as settings_of_site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import BaseForm, FileField
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from agencies.sheets import read_successions
from certificates import design_parsers, image_parsers, key_parsers, parsers
from certificates.credential import FILE_NAME, did_web
from certificates.errors import CertificateError
from certificates.file_contents import read_certificate
from certificates.pdf import CertificateFields, starter_designs
from certificates.services import keys
from certificates.services.keys import trusted_credential_keys
from certificates.services.verification import _has_our_proof
from certificates.signing import self_signed_pkcs12
from common import bounded
from common.bounded import MB, BoundedError
from common.bounded.registry import parser_of
from common.errors import DomainError
from common.spreadsheets import open_sheets
from common.spreadsheets.parsers import can_mark
from enrollment.sheets import read_attendance
from enrollment.sheets.conference import read_conference_log
from enrollment.sheets.scores import read_scores
from tests.architecture.world import make_world
from tests.security import bombs
from tests.security.test_forms import WRITERS, Form, client_of, forms_for

SECONDS = 15
# What the boundary gives a stranger's file, waiting included, and the time of a busy machine.
SECONDS_OF_STRANGERS = parsers.OF_STRANGERS.wait + parsers.OF_STRANGERS.wall + 1
SLOW = {"nested form fields", "flate bomb", "nested arrays", "nested dictionaries"}
SAMPLE = CertificateFields(
    issuing_body="Bộ", full_name="Nguyễn Thị An", course_title="AI", register_number="1",
    issued_on=dt.date(2026, 1, 1), signer_name="B", verification_code="7K3M-9QXB-TFW2-HD8P",
    verification_url="http://localhost/verify/7K3M",
).to_json()  # fmt: skip


class Clock:
    """Says how long something took."""

    def __enter__(self) -> "Clock":
        self._started = time.monotonic()
        return self

    def __exit__(self, *_about: object) -> None:
        self.seconds = time.monotonic() - self._started


def verify(content: bytes, name: str = "a.pdf", address: str = "192.0.2.1") -> Any:
    client = Client(raise_request_exception=False, REMOTE_ADDR=address)
    return client.post(reverse("verify"), {"file": SimpleUploadedFile(name, content)})


def sentences(answer: Any) -> list[str]:
    """What the page says about the file."""
    form = (answer.context or {}).get("file_form")
    return form.errors.get("file", []) if form else []


# Every day ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nested_form_fields_at_verify_are_one_sentence_in_time() -> None:
    with Clock() as clock:
        answer = verify(bombs.nested_fields())
    assert answer.status_code in (400, 503)
    assert len(sentences(answer)) == 1
    assert clock.seconds < SECONDS


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(set(bombs.PDFS) - SLOW))
def test_a_malformed_pdf_at_verify_is_no_server_error(name) -> None:
    answer = verify(bombs.PDFS[name](), address=f"192.0.2.{hash(name) % 250 + 1}")
    assert answer.status_code in (200, 400, 503), answer.status_code


def test_whatever_kind_of_value_a_signature_holds_it_is_read_or_broken() -> None:
    for name, content in bombs.malformed_pdfs():
        found = parsers.read_certificate(content, FILE_NAME)["signatures"]
        assert all(not one["intact"] for one in found), name


@pytest.mark.django_db
def test_whatever_kind_of_value_a_credential_holds_it_proves_nothing() -> None:
    """Each names a key of ours: a list in place of its name gave a server error."""
    keys._credential_key_row("k", bytes(range(32)))
    method = next(iter(trusted_credential_keys()))
    for name, content in bombs.malformed_credentials(method):
        document = parsers_document(content)
        assert document is None or not _has_our_proof(document), name


def parsers_document(content: bytes) -> Any:
    from certificates import file_contents

    return file_contents._document(content)


@pytest.mark.django_db
def test_a_credential_of_odd_values_at_verify_is_no_server_error() -> None:
    keys._credential_key_row("k", bytes(range(32)))
    method = next(iter(trusted_credential_keys()))
    odd = dict(bombs.malformed_credentials(method))
    for name in ("proof verificationMethod ['did:web:x']", "nested", "a name twice"):
        assert verify(bombs.with_credential(odd[name])).status_code == 200, name


@pytest.mark.django_db
def test_a_signature_key_is_not_believed_by_its_address_alone() -> None:
    assert did_web("example.gov.vn") not in trusted_credential_keys()


def outcome(function: Any, *args: Any) -> str:
    """What became of a bomb: ``read``, or the code of its sentence."""
    try:
        function(*args)
    except DomainError as error:
        return error.code if error.message.strip() else "no sentence"
    return "read"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("30,000 dots square", "image_too_large"),
        ("all the dots there are", "image_too_large"),
        ("no dots", "not_an_image"),
        ("text bomb", "not_an_image"),
        ("profile bomb", "not_an_image"),
        ("cut off", "not_an_image"),
        ("GIF", "not_an_image"),
        ("TIFF with a cycle", "not_an_image"),
        ("WebP", "not_an_image"),
        ("SVG", "not_an_image"),
    ],
)
def test_a_hostile_picture_is_refused_with_its_reason(name, code) -> None:
    assert outcome(bounded.run, image_parsers.bake, bombs.PICTURES[name]()) == code


@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("RGB", "JPEG", {"progressive": True}),
        ("CMYK", "JPEG", {}),
        ("P", "PNG", {"compress_level": 1}),
        ("LA", "PNG", {"compress_level": 1}),
        ("RGBA", "PNG", {"compress_level": 1}),
        ("RGB", "PNG", {"compress_level": 1, "transparency": (0, 0, 0)}),
    ],
)
def test_an_honest_picture_of_the_most_pixels_is_accepted(mode, kind, options) -> None:
    """A square photograph of 25 million pixels was refused, for want of memory."""
    side = math.isqrt(image_parsers.MOST_PIXELS)
    saved = io.BytesIO()
    Image.radial_gradient("L").resize((side, side)).convert(mode).save(saved, kind, **options)
    baked = bounded.run(image_parsers.bake, saved.getvalue())
    assert (baked["width"], baked["height"]) == (240, 240)


def test_too_many_pixels_are_refused_with_the_remedy() -> None:
    with override("en"), pytest.raises(CertificateError, match=r"25 million pixels\. Crop it"):
        bounded.run(image_parsers.bake, bombs.png(5001, 5000))


def rows_of(content: bytes) -> None:
    for sheet in open_sheets(content, "a.csv"):
        list(sheet.rows())


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zip bomb", "zip_bomb"),
        ("dishonest sizes", "damaged_file"),
        ("overlapping entries", "zip_bomb"),
        ("a thousand million laughs", "has_entities"),
        ("quadratic entities", "has_entities"),
        ("external entity", "has_entities"),
        ("columns without end", "too_many_columns"),
        ("shared texts without end", "zip_bomb"),
    ],
)
def test_a_hostile_workbook_is_refused_with_its_reason(name, code) -> None:
    assert outcome(rows_of, bombs.XLSX[name]()) == code


@pytest.mark.parametrize("name", ["one cell, closed", "zero bytes", "a million columns"])
def test_a_hostile_text_file_is_refused_or_read(name) -> None:
    with Clock() as clock:
        outcome(rows_of, bombs.CSVS[name]())
    assert clock.seconds < SECONDS


LISTS = {
    "marks": (read_attendance, "Mã học viên;1\n", "HV-1;x\n"),
    "scores": (read_scores, "Mã học viên;Điểm\n", "HV-1;8\n"),
    "log": (read_conference_log, "Tên;Giờ vào;Giờ ra\n", "An;2026-01-01 08:00;2026-01-01 09:00\n"),
    "successions": (
        read_successions, "kind;on;predecessors;successors\n", "merger;2025-03-01;a;b\n"
    ),
}  # fmt: skip


def run_of(kind: str) -> list[Any]:
    """Marks and scores are of a class, which nobody asks for before the list has been read."""
    return [None] if kind in {"marks", "scores"} else []


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_very_many_plain_rows_delays_no_page(kind) -> None:
    """Each row is honest: a log of 200,000 of them held a web thread for a minute."""
    read, heading, row = LISTS[kind]
    with Clock() as clock:
        found = outcome(read, (heading + row * 199_000).encode(), *run_of(kind))
    assert found == "list_too_long"
    assert clock.seconds < SECONDS


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_of_very_many_cells_delays_no_page(kind) -> None:
    read, *_lines = LISTS[kind]
    wide = ";".join(f"x{number:05d}" for number in range(250)) + "\n"
    with Clock() as clock:
        found = outcome(read, (wide * 11_000).encode(), *run_of(kind))
    assert found == "list_too_long"
    assert clock.seconds < SECONDS


@pytest.mark.parametrize("name", ["an import", "a file", "an address", "a file as background"])
def test_a_design_fetches_nothing(name) -> None:
    html, css = bombs.DESIGNS[name]
    render = design_parsers.render_samples
    assert outcome(bounded.run, render, html, css, {}, [SAMPLE], True) == "blocked_resource"


def test_a_design_of_nested_flex_boxes_ends() -> None:
    html, css = bombs.DESIGNS["nested flex boxes"]
    with Clock() as clock, pytest.raises(BoundedError):
        bounded.run(design_parsers.render_samples, html, css, {}, [SAMPLE], False)
    assert clock.seconds < SECONDS


def test_a_key_file_of_endless_rounds_ends() -> None:
    key = self_signed_pkcs12("Cục", "pw", valid_from=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    bounded.run(key_parsers.try_key, key, "pw")
    with Clock() as clock, pytest.raises(BoundedError):
        bounded.run(key_parsers.try_key, bombs.endless_key(key), "pw")
    assert clock.seconds < SECONDS


# In full ------------------------------------------------------------------------------------


@pytest.mark.full
@pytest.mark.parametrize("name", sorted(bombs.DESIGNS))
def test_every_hostile_design_is_one_sentence_in_time(name) -> None:
    html, css = bombs.DESIGNS[name]
    with Clock() as clock:
        outcome(bounded.run, design_parsers.render_samples, html, css, {}, [SAMPLE], True)
    assert clock.seconds < SECONDS


@pytest.mark.full
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_pdf_of_which_some_bytes_were_changed_is_always_read_or_refused(data) -> None:
    """Bytes of a signed file and of the bombs, changed, cut and joined at any place."""
    base = bytearray(data.draw(st.sampled_from(_QUICK_PDFS)))
    for _change in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.integers(0, len(base)))
        cut = data.draw(st.integers(0, 40))
        base[at : at + cut] = data.draw(st.sampled_from(_PIECES) | st.binary(max_size=20))
    with Clock() as clock:
        outcome(read_certificate, bytes(base))
    assert clock.seconds < SECONDS_OF_STRANGERS


_QUICK_PDFS = [make() for name, make in bombs.PDFS.items() if name not in SLOW]
_QUICK_PDFS = [content for content in _QUICK_PDFS if len(content) < 5_000]
_PIECES = [
    b"/Kids [5 0 R 5 0 R]", b"/Parent 5 0 R", b"<<", b">>", b"[", b"]", b"1 0 R", b"null", b"-1",
    b"/ByteRange [0 1 2 3]", b"endobj", b"stream\n", b"trailer", b"xref", b"%PDF-", b"(", b"<",
]  # fmt: skip


def uploads() -> Iterator[tuple[str, str, bytes]]:
    """Every bomb with the name that its kind of file has."""
    for ending, kinds in (
        ("pdf", bombs.PDFS), ("png", bombs.PICTURES), ("xlsx", bombs.XLSX), ("csv", bombs.CSVS),
    ):  # fmt: skip
        for name, make in kinds.items():
            yield name, f"a.{ending}", make()
    for name, (html, css) in bombs.DESIGNS.items():
        yield name, "a.html", html.encode()
        yield f"style of {name}", "a.css", css.encode()


@pytest.mark.full
@pytest.mark.django_db
@pytest.mark.parametrize("visitor", WRITERS)
def test_every_bomb_through_every_upload_form_is_a_page_in_time(visitor) -> None:
    world = make_world()
    client = client_of(world, visitor, "vi")
    forms = {form.action: form for _route, form in forms_for(world, client, visitor) if form.files}
    found = []
    for number, (name, file, content) in enumerate(uploads()):
        client.defaults["REMOTE_ADDR"] = f"192.0.2.{number % 250 + 1}"  # no limit of tries is met
        for form in forms.values():
            if not _takes(form, file):
                continue
            files = {one: SimpleUploadedFile(file, content) for one in form.files}
            with Clock() as clock:
                answer = client.post(form.action, {**form.values, **files})
            if answer.status_code >= 500 and answer.status_code != 503:
                found.append(f"{form.action} {name}: {answer.status_code}")
            if clock.seconds > SECONDS:
                found.append(f"{form.action} {name}: {clock.seconds:.1f} s")
    assert found == []


def _takes(form: Form, file: str) -> bool:
    """Whether a form parses files of this kind, or says that it takes them all."""
    ending = file.rpartition(".")[2]
    if form.files & {"html_file", "css_file"}:
        return ending in {"html", "css"}
    return ending not in {"html", "css"}


@pytest.mark.django_db
def test_the_walk_over_upload_forms_meets_every_form_with_a_file_field() -> None:
    """A new form that takes a file must stand on a page that the test above visits."""
    world = make_world()
    met = [
        form
        for visitor in WRITERS
        for _route, form in forms_for(world, client_of(world, visitor, "vi"), visitor)
        if form.files
    ]
    missed = [
        form.__qualname__
        for form in forms_with_files(BaseForm)
        if not any(is_shown_as(form, shown) for shown in met)
    ]
    assert missed == NOT_OF_THE_SMALL_WORLD


# Shown only while certificates wait for a signature from outside (test_outside.py).
NOT_OF_THE_SMALL_WORLD = ["SignedFilesForm"]


def forms_with_files(base: Any) -> Iterator[Any]:
    """Our forms that take a file and are not only a base of others."""
    for form in base.__subclasses__():
        ours = form.__module__.partition(".")[0] in settings_of_site.APPS
        files = [one for one in getattr(form, "base_fields", {}).values() if is_file(one)]
        if ours and files:
            yield form
        yield from forms_with_files(form)


def is_file(control: Any) -> bool:
    return isinstance(control, FileField)


def is_shown_as(form: Any, shown: Form) -> bool:
    names = {name for name, one in form.base_fields.items() if is_file(one)}
    return names <= shown.files


@pytest.mark.django_db
def test_an_honest_design_has_memory_left_in_a_server_that_has_read_other_files() -> None:
    """Libraries of other parsers start threads, whose arenas once took up half of the limit."""
    reads = (parsers.read_certificate, FILE_NAME), (key_parsers.try_key, "")
    for read, *about in (*reads, (image_parsers.bake,), (can_mark,)):
        with suppress(Exception):  # only what it leaves in the server matters here
            bounded.run(read, b"no such file", *about)
    limits = replace(parser_of(design_parsers.render_samples).limits, memory=160 * MB)
    design = starter_designs()[0]
    for _turn in range(10):
        (picture,) = bounded.run(
            design_parsers.render_samples,
            design.html, design.css, {}, [SAMPLE], True,
            limits=limits,
        )  # fmt: skip
        assert picture.startswith(b"\x89PNG")
