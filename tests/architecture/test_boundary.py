"""Files from outside are parsed by declared parsers only (common/bounded)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.bounded.registry import declared_parsers
from tests.architecture.test_layers import ROOT, python_files

# What opens or parses a file: calls of these names, with or without what stands before the dot.
OPENS = {
    "pyhanko": {"PdfFileReader", "PdfReader", "embedded_signatures", "validate_pdf_signature"},
    "pikepdf": {"pikepdf.open", "Pdf.open"},
    "pictures": {"Image.open"},
    "spreadsheets": {
        "load_workbook",
        "CalamineWorkbook",
        "CalamineWorkbook.from_filelike",
        "CalamineWorkbook.from_path",
        "CalamineWorkbook.from_object",
    },
    "archives": {"ZipFile", "zipfile.ZipFile", "TarFile", "tarfile.open"},
    "XML": {"ET.fromstring", "ET.parse", "fromstring", "etree.parse", "etree.fromstring"},
    "text tables": {"csv.reader", "csv.DictReader"},
    "keys": {"load_pkcs12", "load_key_and_certificates"},
    "pages": {"weasyprint.HTML", "HTML"},
    "foreign pickles": {"pickle.load", "pickle.loads", "marshal.loads"},
    "programs": {"pdftotext", "pdfinfo", "pdftoppm", "pdfdetach"},
}
# Modules that run within the boundary alone, though they declare no parser themselves.
WITHIN = {
    "certificates/returned/additions.py": "called by certificates/returned/parsers.py",
    "certificates/returned/signatures.py": "the same",
    "common/spreadsheets/containers.py": "opened by common/spreadsheets/parsers.py",
    "common/spreadsheets/csv_files.py": "the same",
    "common/spreadsheets/highlights.py": "the same",
    "common/spreadsheets/other_formats.py": "the same",
    "common/spreadsheets/xml_pieces.py": "the same",
}
# What opens files that we have made ourselves.
OURS = {
    "audit/services/stored_heads.py": "what an administrator names on the command line",
    "certificates/pdf/comparing.py": "certificates that we have just made, both ways",
    "certificates/compiled/reading_back.py": "a certificate that we have just made",
    "certificates/credential/baking.py": "a picture that we have just drawn",
    "certificates/services/proof_sheets.py": "a batch's file of our own certificates",
    "certificates/services/bundles.py": "writes an archive of our certificates",
    "certificates/signing.py": "opens keys that key_parsers has opened once; signs our own PDF",
    "common/pdf.py": "our own pages, and designs that design_parsers has laid out once",
    "common/pdf_merge.py": "certificates of ours, in a process of its own",
    "common/spreadsheets/xlsx_skeletons.py": "a workbook of ours, just made",
    "common/spreadsheets/xlsx_writer.py": "writes a workbook",
    "lms/demo/plan.py": "demo data of this checkout",
    "lms/reference.py": "reference data of this checkout",
    "retention/manifest.py": "what an administrator names on the command line",
    "retention/services/packages.py": "writes a package for the archive",
    "targets/sheets.py": "our own annex and evidence pack, just made",
}


def calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            yield from _names(node.func)
        elif isinstance(node, ast.Attribute) and node.attr == "embedded_signatures":
            yield node.attr
        elif isinstance(node, ast.Constant) and node.value in OPENS["programs"]:
            yield str(node.value)


def _names(function: ast.expr) -> Iterator[str]:
    if isinstance(function, ast.Name):
        yield function.id
    elif isinstance(function, ast.Attribute):
        yield function.attr
        if isinstance(function.value, ast.Name):
            yield f"{function.value.id}.{function.attr}"


def declares_parsers(file: Path) -> bool:
    tree = ast.parse(file.read_text())
    return any(
        isinstance(found, ast.Call) and "parser" in _names(found.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for found in node.decorator_list
    )


def opening() -> dict[str, set[str]]:
    known = set().union(*OPENS.values())
    return {
        str(file.relative_to(ROOT)): found
        for file in python_files()
        if not declares_parsers(file) and (found := known & set(calls(file)))
    }


def test_nobody_outside_the_boundary_opens_files_from_outside() -> None:
    allowed = {*WITHIN, *OURS}
    assert {file: found for file, found in opening().items() if file not in allowed} == {}


def test_every_exception_is_still_needed() -> None:
    assert {*WITHIN, *OURS} - opening().keys() == set()


def test_a_module_within_the_boundary_is_imported_by_no_module_outside() -> None:
    """``opening`` and the package's ``__init__`` hand bytes to parsers, never to readers."""
    readers = {"open_archive", "csv_sheet", "Workbook"}
    guilty = {}
    for file in python_files():
        name = str(file.relative_to(ROOT))
        if name in WITHIN or name in OURS or declares_parsers(file):
            continue
        tree = ast.parse(file.read_text())
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("common.spread")
            for alias in node.names
        }
        if imported & readers:
            guilty[name] = imported & readers
    assert guilty == {}


def test_parsers_live_in_modules_that_say_so() -> None:
    homes = {str(file.relative_to(ROOT)) for file in python_files() if declares_parsers(file)}
    odd = {home for home in homes if not Path(home).stem.endswith("parsers")}
    assert odd == {"common/pdf_text.py"}


@pytest.mark.parametrize("found", declared_parsers(), ids=lambda found: found.name)
def test_every_parser_is_limited_in_all_that_it_may_take(found) -> None:
    limits = found.limits
    assert 0 < limits.cpu <= 60
    assert 0 < limits.wall <= 60
    assert 0 < limits.memory <= 512_000_000
    assert 0 < limits.output <= 768_000_000


def test_lists_that_no_job_reads_have_few_rows() -> None:
    """Rows are worked through where they are asked for: a web thread takes ``rows_on_a_page``."""
    readers = {
        str(file.relative_to(ROOT))
        for file in python_files()
        if "open_sheets" in file.read_text() and "common/spreadsheets" not in str(file)
    }
    assert readers == {"rosters/importing/check_job.py", "rosters/importing/rows/__init__.py"}
