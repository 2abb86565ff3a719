"""Many PDF files into one to print, in a process of its own: its memory goes when it ends.

``python -m common.pdf_merge FOLDER TARGET`` takes the files of the folder in order of name.
"""

import hashlib
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SECONDS_BETWEEN_LOOKS = 0.2
# Signatures and structure belong to the single files; on paper they say nothing.
_LEFT_OUT = ("/Annots", "/StructParents", "/Tabs", "/Resources")
_REFERENCE = re.compile(rb"(\d+) (\d+) R")


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
        shared = _Shared(merged)
        for path in sorted(folder.iterdir()):
            with pikepdf.open(path) as source:
                for page in source.pages:
                    shared.append(source, page.obj)
        merged.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)


class _Shared:
    """Fonts, frames and pictures that many pages have in common are copied once."""

    def __init__(self, merged: Any) -> None:
        self._merged = merged
        self._copies: dict[bytes, Any] = {}

    def append(self, source: Any, page: Any) -> None:
        import pikepdf

        resources = page.Resources
        for key in _LEFT_OUT:
            if key in page:
                del page[key]
        self._merged.pages.append(pikepdf.Page(page))
        self._merged.pages[-1].obj.Resources = pikepdf.Dictionary(
            {kind: self._entries(source, entries) for kind, entries in resources.items()}
        )

    def _entries(self, source: Any, entries: Any) -> Any:
        import pikepdf

        if not isinstance(entries, pikepdf.Dictionary):
            return self._copy(source, entries)
        return pikepdf.Dictionary({name: self._copy(source, one) for name, one in entries.items()})

    def _copy(self, source: Any, one: Any) -> Any:
        digest = _digest(source, one, {one.objgen: 0})
        if digest not in self._copies:
            own = one if one.is_indirect else source.make_indirect(one)
            self._copies[digest] = self._merged.copy_foreign(own)
        return self._copies[digest]


def _digest(source: Any, one: Any, seen: dict[tuple[int, int], int]) -> bytes:
    """Of an object with all that it refers to, whatever their numbers in this file are."""
    import pikepdf

    is_stream = isinstance(one, pikepdf.Stream)
    text = (one.stream_dict if is_stream else one).unparse(resolved=True)
    digest = hashlib.sha256(_REFERENCE.sub(b"R", text))
    if is_stream:
        digest.update(hashlib.sha256(one.read_raw_bytes()).digest())
    for name in _REFERENCE.findall(text):
        number = int(name[0]), int(name[1])
        if number in seen:
            digest.update(b"%d" % seen[number])
        else:
            seen[number] = len(seen)
            digest.update(_digest(source, source.get_object(number), seen))
    return digest.digest()


if __name__ == "__main__":
    _merge(Path(sys.argv[1]), Path(sys.argv[2]))
