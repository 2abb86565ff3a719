"""Words printed on a certificate beside what its design prints."""

from dataclasses import replace
from html import escape

from certificates.pdf.rendering import Appearance

_STYLE = """
.mark-on-copy { position: fixed; bottom: -1.6mm; left: 0; right: 0; margin: 0; text-align: center;
  font: 700 10.5pt/1 Text; color: #9a1f1b; letter-spacing: .6pt }
"""


def marked(appearance: Appearance, text: str) -> Appearance:
    mark = f'<p class="mark-on-copy">{escape(text)}</p>'
    before, end, after = appearance.html.rpartition("</body>")
    html = f"{before}{mark}{end}{after}" if end else f"{appearance.html}{mark}"
    return replace(appearance, html=html, css=appearance.css + _STYLE)
