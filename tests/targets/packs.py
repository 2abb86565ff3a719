"""Evidence packs as a stranger gets them, as a forger changes them, and what recompute.py says."""

import hashlib
import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from audit.services import PROGRAMME_OFFICE
from targets.models import PeriodReport
from targets.services.evidence import evidence_pack

RECOMPUTE = Path(__file__).parents[2] / "docs" / "recompute.py"
BESIDE = {"SHA256SUMS", "names.csv", "report.pdf"}
Files = dict[str, bytes]


def pack_of(report: PeriodReport, *, in_clear: bool = False) -> Files:
    reason = "Thanh tra" if in_clear else ""
    made = evidence_pack(by=PROGRAMME_OFFICE, report=report, in_clear=in_clear, reason=reason)
    pack = zipfile.ZipFile(io.BytesIO(made))
    return {name: pack.read(name) for name in pack.namelist()}


def recompute(
    pack: Files | bytes, folder: Path, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run by Python alone, apart from this project and all that is installed."""
    path = folder / "pack.zip"
    path.write_bytes(pack if isinstance(pack, bytes) else zipped(pack))
    command = [sys.executable, "-I", str(RECOMPUTE), str(path), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def zipped(files: Files) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as pack:
        for name, content in files.items():
            pack.writestr(name, content)
    return made.getvalue()


def forged(files: Files, **changes: Callable[[str], str]) -> Files:
    """Files changed, and every hash made again, as by somebody who knows how packs are made.

    A file is named without its ending, ``-`` written ``_``.
    """
    found = dict(files)
    for word, change in changes.items():
        (name,) = (
            one
            for one in files
            if one.rpartition(".")[0].replace("-", "_") == word and one != "report.pdf"
        )
        before = files[name].decode()
        after = change(before)
        assert after != before, f"nothing to forge in {name}"
        found[name] = after.encode()
    return with_sums(found)


def with_sums(files: Files) -> Files:
    sums = "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        for name, content in files.items()
        if name not in BESIDE
    )
    return files | {"SHA256SUMS": sums.encode()}


def hash_of(files: Files) -> str:
    return hashlib.sha256(files["SHA256SUMS"]).hexdigest()


def replacing(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)
