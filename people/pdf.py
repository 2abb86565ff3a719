"""Letters with the code that opens an account, in Vietnamese, one A4 page each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.services.invitations import CODE_LIVES
from common import clock, formats
from common.fonts import find_font
from common.pdf import Asset, Metadata, render_pdf
from people.models import Trainee

_FONTS = {
    "LiberationSerif-Regular.ttf": "normal",
    "LiberationSerif-Bold.ttf": "bold",
}
# Margins and type as in Decree 30/2020/NĐ-CP, annex I.
_STYLE = """
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


@dataclass(frozen=True, slots=True)
class Letter:
    """What one letter prints. The code stands nowhere else."""

    trainee: Trainee
    sign_in_name: str
    code: str


def code_letters(letters: Sequence[Letter]) -> bytes:
    """One page for each letter."""
    context = {
        "address": f"{settings.SITE_URL}{reverse('claim_by_code')}",
        "day": formats.day(clock.today()),
        "letters": [
            {
                "name": letter.trainee.full_name,
                "agency": letter.trainee.agency.name_vi,
                "unit": letter.trainee.unit,
                "sign_in_name": letter.sign_in_name,
                "code": letter.code,
                "until": formats.day(clock.today() + CODE_LIVES),
            }
            for letter in letters
        ],
    }
    html = render_to_string("people/papers/letters.html", context)
    faces = "".join(
        f'@font-face {{ font-family: Paper; src: url("asset:{file}"); font-weight: {weight} }}'
        for file, weight in _FONTS.items()
    )
    metadata = Metadata(
        title="Thư mã kích hoạt tài khoản",
        created=clock.now(),
        identifier=hashlib.sha256(html.encode()).digest()[:16],
    )
    assets = {file: Asset(find_font(file).read_bytes(), "font/ttf") for file in _FONTS}
    return render_pdf(html, metadata=metadata, stylesheets=[faces + _STYLE], assets=assets)
