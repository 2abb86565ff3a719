from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from certificates.file_contents import code_in
from certificates.pdf import CertificateRenderer
from common.errors import DomainError
from common.pdf_text import MAX_FILE
from tests.certificates.samples import CODE, usual


@pytest.fixture(scope="module")
def issued(renderer: CertificateRenderer) -> bytes:
    return renderer.render(usual())


def _altered(pdf: bytes, tmp_path: Path, change: Callable[[pikepdf.Pdf], None]) -> bytes:
    source, target = tmp_path / "source.pdf", tmp_path / "target.pdf"
    source.write_bytes(pdf)
    with pikepdf.open(source) as opened:
        change(opened)
        opened.save(target)
    return target.read_bytes()


def test_our_file_contains_its_code(issued):
    assert code_in(issued) == CODE


def test_a_file_saved_again_still_contains_the_code(issued, tmp_path):
    def rename(pdf):
        pdf.docinfo["/Title"] = "Giấy chứng nhận khác"

    assert code_in(_altered(issued, tmp_path, rename)) == CODE


def test_a_file_without_our_metadata_is_known_by_its_printed_text(issued, tmp_path):
    def strip(pdf):
        del pdf.docinfo["/Keywords"]
        del pdf.Root["/Metadata"]

    assert code_in(_altered(issued, tmp_path, strip)) == CODE


def test_bytes_added_behind_the_end_change_nothing(issued):
    assert code_in(issued + b"\n% more") == CODE


def test_a_foreign_pdf_contains_no_code(issued, tmp_path):
    path = tmp_path / "foreign.pdf"
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.save(path)
    assert code_in(path.read_bytes()) is None


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"%PDF-1.7\n" + b"\0" * 999])
def test_a_broken_file_contains_no_code(broken):
    assert code_in(broken) is None


def test_half_of_our_file_is_read_without_an_error(issued):
    assert code_in(issued[: len(issued) // 2]) in (None, CODE)


def test_a_file_of_more_than_20_mb_is_refused():
    with pytest.raises(DomainError) as refused:
        code_in(b"%PDF-1.7" + b"\0" * MAX_FILE)
    assert refused.value.code == "file_too_large"
