"""Many PDF files into one to print, in a process of its own: its memory goes when it ends.

``python -m common.pdf_merge FOLDER TARGET`` takes the files of the folder in order of name.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SECONDS_BETWEEN_LOOKS = 0.2
# Signatures and structure belong to the single files; on paper they say nothing.
_LEFT_OUT = ("/Annots", "/StructParents", "/Tabs")


def merge_folder(
    folder: Path, target: Path, *, meanwhile: Callable[[], Any] = lambda: None
) -> None:
    """Merge the folder's files into the target; ``meanwhile`` is called while it goes on.

    Error: RuntimeError where a file cannot be read.
    """
    command = [sys.executable, "-m", "common.pdf_merge", str(folder), str(target)]
    home = Path(__file__).resolve().parent.parent
    with subprocess.Popen(command, cwd=home, stderr=subprocess.PIPE) as process:
        try:
            while process.poll() is None:
                meanwhile()
                time.sleep(_SECONDS_BETWEEN_LOOKS)
        except BaseException:
            process.kill()
            raise
        if process.returncode:
            reason = process.stderr.read().decode("utf-8", "replace") if process.stderr else ""
            raise RuntimeError(reason[-500:])


def _merge(folder: Path, target: Path) -> None:
    import pikepdf

    with pikepdf.new() as merged:
        for path in sorted(folder.iterdir()):
            with pikepdf.open(path) as source:
                merged.pages.extend(source.pages)
        for page in merged.pages:
            for key in _LEFT_OUT:
                if key in page:
                    del page[key]
        merged.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)


if __name__ == "__main__":
    _merge(Path(sys.argv[1]), Path(sys.argv[2]))
