"""What a mutation is: one control of the code taken away, and the tests that must notice."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Mutation:
    """Each old text stands in the file exactly once and is replaced by the new one."""

    name: str
    file: str
    edits: tuple[tuple[str, str], ...]
    tests: tuple[str, ...]  # node ids or files, as pytest takes them
    rows: tuple[str, ...] = ()  # of docs/asvs.md, whose control this is
    together: str = ""  # tried at once with all of this name; each of the tests must fail
    function: str = ""  # inside which the change lies: it need not be loaded again
    new_database: bool = False  # what a migration leaves in the database must be made again

    def applied_to(self, source: str) -> str:
        for old, new in self.edits:
            if (found := source.count(old)) != 1:
                raise ValueError(f"{self.name}: found {found} times in {self.file}: {old!r}")
            source = source.replace(old, new)
        return source

    def fingerprint(self, root: Path = ROOT) -> str:
        """Changes with the mutated file and with the files of its tests."""
        files = {self.file, *(test.partition("::")[0] for test in self.tests)}
        digest = hashlib.sha256(repr(self).encode())
        for file in sorted(files):
            path = root / file
            for part in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
                digest.update(part.read_bytes())
        return digest.hexdigest()
