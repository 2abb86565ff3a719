"""In which forms a question bank leaves: the kind of file, and what writes it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from common.downloads import XLSX
from learning.sheets.drafts import Draft
from learning.sheets.gift import write_gift
from learning.sheets.moodle_xml import write_moodle_xml
from learning.sheets.workbooks import write_workbook

BANK_FORMS: Final[dict[str, tuple[str, Callable[[Iterable[Draft]], Iterator[bytes]]]]] = {
    "xlsx": (XLSX, write_workbook),
    "gift": ("text/plain; charset=utf-8", write_gift),
    "xml": ("application/xml", write_moodle_xml),
}
