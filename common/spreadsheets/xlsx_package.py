"""Parts of a workbook, found by their relations: some programs name them differently."""

import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from posixpath import join, normpath, split
from typing import Final

from common.spreadsheets.containers import chunks
from common.spreadsheets.errors import refuse
from common.spreadsheets.xml_pieces import parse

_LONGEST_PART: Final = 16 << 20  # of those that are read as a whole
_USUAL_MAIN: Final = "xl/workbook.xml"


@dataclass
class Package:
    archive: zipfile.ZipFile

    def chunks(self, part: str) -> Iterator[bytes]:
        return chunks(self.archive, part)

    def read(self, part: str) -> ET.Element:
        if part not in self.archive.NameToInfo:
            raise refuse("damaged_file")
        if self.archive.getinfo(part).file_size > _LONGEST_PART:
            raise refuse("damaged_file")
        return parse(b"".join(self.chunks(part)))

    def related(self, part: str, kind: str) -> dict[str, str]:
        if not self.has_relations(part):
            return {}
        folder = split(part)[0]
        return {
            relation.get("Id", ""): normpath(join("/", folder, target)).lstrip("/").lower()
            for relation in self.read(_relations_of(part))
            if relation.get("Type", "").endswith(f"/{kind}")
            and (target := relation.get("Target", "").replace("\\", "/"))
        }

    def has_relations(self, part: str) -> bool:
        return _relations_of(part) in self.archive.NameToInfo

    @cached_property
    def main(self) -> str:
        found = next(iter(self.related("", "officeDocument").values()), _USUAL_MAIN)
        if found not in self.archive.NameToInfo:
            raise refuse("not_a_spreadsheet")
        return found

    def main_sibling(self, kind: str) -> str:
        usual = join(split(self.main)[0], f"{kind}.xml").lower()
        part = next(iter(self.related(self.main, kind).values()), usual)
        return part if part in self.archive.NameToInfo else ""


def _relations_of(part: str) -> str:
    folder, name = split(part)
    return join(folder, "_rels", f"{name}.rels")
