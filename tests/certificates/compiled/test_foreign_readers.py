"""Files of both ways, as MuPDF and pdf.js (Firefox) read and draw them."""

import datetime as dt
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from certificates.compiled import signature
from certificates.signing import load_key, self_signed_pkcs12
from common.pdf import Attachment
from tests.certificates.compiled.conftest import DESIGNS, Ways
from tests.certificates.compiled.people import certificate_of
from tests.validators.node import install

pytestmark = pytest.mark.full
PEOPLE = (3, 17, 40)
MADE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
CREDENTIAL = Attachment("credential.json", b'{"name": "\xc3\x81nh"}', "Open Badges 3.0", "Data")
DOTS_PER_INCH = "110"


@dataclass
class Sample:
    path: Path
    texts: tuple[str, ...]
    is_signed: bool


@pytest.fixture(scope="module")
def samples(ways: Callable[[str], Ways], tmp_path_factory) -> list[tuple[Sample, Sample]]:
    """Each certificate compiled (signed) and rendered (signed by the other way of signing)."""
    folder = tmp_path_factory.mktemp("samples")
    key = load_key(self_signed_pkcs12("Cục", "pw", valid_from=MADE), "pw")
    found = []
    for slug in DESIGNS:
        for number in PEOPLE:
            fields, both = certificate_of(number), ways(slug)
            written = both.compiled.make(fields, CREDENTIAL)
            rendered = both.renderer.render(fields, attachments=[CREDENTIAL])
            at = MADE + dt.timedelta(days=9)
            contents = {
                "compiled": signature.sign(written, key, at),
                "rendered": key.sign(rendered, at=at),
            }
            texts = (fields.full_name, fields.register_number, fields.verification_code)
            pair = []
            for way, content in contents.items():
                path = folder / f"{slug}-{number}-{way}.pdf"
                path.write_bytes(content)
                pair.append(Sample(path, texts, is_signed=True))
            found.append((pair[0], pair[1]))
    return found


def all_of(samples: list[tuple[Sample, Sample]]) -> list[Sample]:
    return [one for pair in samples for one in pair]


def mutool(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    run = subprocess.run(["mutool", *arguments], capture_output=True, check=True, timeout=60)
    # What Debian's build says of itself, whatever the file.
    said = run.stderr.replace(b"warning: ICC support is not available\n", b"")
    assert said == b"", said
    return run


def letters(text: str) -> str:
    """A line may end within a name."""
    return "".join(text.split())


def test_mupdf_reads_texts_and_the_attachment_without_a_warning(samples):
    for one in all_of(samples):
        seen = mutool("draw", "-F", "txt", one.path).stdout.decode()
        assert all(letters(text) in letters(seen) for text in one.texts), one.path
        assert b"Pages: 1" in mutool("info", one.path).stdout
        attached = mutool("show", "-b", one.path, "trailer/Root/AF/1/EF/F").stdout
        assert attached == CREDENTIAL.content


def test_mupdf_draws_both_ways_alike(samples, tmp_path):
    for pair in samples:
        drawn = []
        for one in pair:
            image = tmp_path / f"{one.path.stem}.ppm"
            mutool("draw", "-q", "-r", DOTS_PER_INCH, "-o", image, one.path)
            drawn.append(image.read_bytes())
        assert drawn[0] == drawn[1], pair[0].path
        assert len(set(drawn[0])) > 100  # more than paper


@pytest.fixture(scope="module")
def seen_by_pdf_js(samples, tmp_path_factory) -> list[dict[str, Any]]:
    folder = install("pdf", tmp_path_factory.mktemp("pdf_js"))
    command = ["node", "read.mjs", *(str(one.path) for one in all_of(samples))]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_pdf_js_reads_texts_tags_and_the_attachment_without_a_warning(samples, seen_by_pdf_js):
    assert len(seen_by_pdf_js) == len(all_of(samples))
    for one, seen in zip(all_of(samples), seen_by_pdf_js, strict=True):
        assert all(letters(text) in letters(seen["text"]) for text in one.texts), one.path
        assert seen["pages"] == 1
        assert one.texts[0] in seen["title"] == seen["described"]
        assert seen["attachments"] == [[CREDENTIAL.name, CREDENTIAL.content.decode()]]
        assert seen["signed"] is one.is_signed
        assert seen["tagged"] > 0
        assert seen["warnings"] == []


def test_pdf_js_reads_the_same_of_both_ways(seen_by_pdf_js):
    pairs = zip(seen_by_pdf_js[::2], seen_by_pdf_js[1::2], strict=True)
    for compiled, rendered in pairs:
        assert compiled | {"path": ""} == rendered | {"path": ""}
