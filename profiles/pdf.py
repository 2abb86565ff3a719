import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.services.invitations import CODE_LIVES
from common import clock, formats
from common.dates import format_long
from common.paper import paper_pdf
from common.personal_data import DataTable
from people.models import Letter as UnmailedLetter
from people.services.accounts import Letter

# Margins and type as in Decree 30/2020/NĐ-CP, annex I.
_LETTER = """
@page { size: A4; margin: 20mm 15mm 20mm 30mm; }
html { font-family: Paper; font-size: 13pt; line-height: 1.4; color: #000; }
.letter { break-before: page; } .letter:first-of-type { break-before: auto; }
.head { text-align: center; margin: 0; font-weight: bold; }
h1 { font-size: 14pt; text-align: center; margin: 14mm 0 8mm; }
.codes { border-collapse: collapse; margin: 8mm 0; }
.codes th { text-align: left; font-weight: normal; padding: 2mm 8mm 2mm 0; }
.codes td { font-weight: bold; font-size: 16pt; letter-spacing: 0.5pt; padding: 2mm 0; }
.small { font-size: 11pt; }
"""
_UNMAILED = """
.heads { width: 100%; border-collapse: collapse; }
.heads td { text-align: center; vertical-align: top; padding: 0; }
.heads td:first-child { width: 42%; } .heads .state { white-space: nowrap; }
.heads p { margin: 0; }
.heads .rule { margin: 1mm auto 0; border-top: 0.7pt solid #000; width: 30mm; line-height: 2mm; }
.heads .motto + .rule { width: 49mm; }
.motto { font-weight: bold; font-size: 13pt; } .state { font-weight: bold; font-size: 12.5pt; }
.heads .place { font-style: italic; margin: 2mm 0 0; }
.to { margin: 8mm 0 0; text-align: center; } .letter h1 { margin: 8mm 0 6mm; }
.text { text-align: justify; overflow-wrap: anywhere; }
.letter .small { margin-top: 12mm; font-style: italic; }
"""
_OWN_DATA = """
@page { size: A4; margin: 18mm 15mm 18mm 20mm;
  @bottom-center { content: counter(page) "/" counter(pages); font: 9pt Paper } }
html { font-family: Paper; font-size: 10.5pt; color: #000; }
h1 { font-size: 15pt; margin: 0 0 1mm; } h2 { font-size: 12pt; margin: 6mm 0 2mm; }
.soft { color: #444; margin: 0 0 4mm; }
table { border-collapse: collapse; width: 100%; margin-bottom: 3mm; }
th, td { border: 0.4pt solid #777; padding: 1mm 1.5mm; text-align: left; vertical-align: top; }
th { width: 38%; font-weight: normal; color: #444; } .entry { break-inside: avoid; }
"""


def code_letters(letters: Sequence[Letter]) -> bytes:
    context = {
        "address": f"{settings.SITE_URL}{reverse('claim_by_code')}",
        "day": clock.today(),
        "until": clock.today() + CODE_LIVES,
        "letters": letters,
    }
    html = render_to_string("profiles/papers/letters.html", context)
    return paper_pdf(html, _LETTER, title="Thư mã kích hoạt tài khoản")


def letters_pdf(letters: Sequence[UnmailedLetter]) -> bytes:
    """A page or more for each, dated with the day on which it was written."""
    for letter in letters:
        letter.__dict__["dated"] = format_long(formats.local_day(letter.created_at))
    context = {"letters": letters, "site": settings.SITE_URL}
    html = render_to_string("profiles/papers/unmailed.html", context)
    return paper_pdf(html, _LETTER + _UNMAILED, title="Thư gửi học viên")


def own_data_pdf(code: str, tables: Sequence[DataTable]) -> bytes:
    context = {"code": code, "as_of": formats.instant(clock.now()), "kinds": readable(tables)}
    language = get_language() or "vi"
    html = render_to_string("profiles/papers/own_data.html", context | {"language": language})
    return paper_pdf(html, _OWN_DATA, title=_("My data: %(code)s") % {"code": code}, lang=language)


def readable(tables: Sequence[DataTable]) -> list[dict[str, Any]]:
    """Titles, labels and values as text; empty values are left out."""
    return [
        {
            "name": kind.name,
            "title": kind.title,
            "entries": [
                [(label, _text(row[key])) for key, label in kind.columns.items() if row[key] != ""]
                for row in kind.rows
            ],
        }
        for kind in tables
    ]


def _text(value: Any) -> str:
    return formats.day(value) if isinstance(value, dt.date) else str(value)
