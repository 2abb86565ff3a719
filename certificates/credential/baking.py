"""The badge of a course as a picture, and the credential inside it (Open Badges 3.0, "baking")."""

import io
import json
from functools import lru_cache
from html import escape

from certificates.credential.proofs import Document
from common.fonts import find_font

OPEN_BADGES_XML = "https://purl.imsglobal.org/ob/v3p0"
_KEYWORD = "openbadgecredential"
_SIZE, _SHARPNESS = 400, 2  # of the PNG in pixels; it is drawn larger and scaled down
_BLUE, _GOLD, _PAPER = "#12406b", "#d8b25a", "#ffffff"
_WORDS = "CHỨNG NHẬN", "CERTIFICATE"


def badge_svg(code: str) -> str:
    """The badge of the course with a code; it bears nothing about a person."""
    size = _code_size(code)
    rings = "".join(
        f'<circle cx="200" cy="200" r="{radius}" fill="{fill}" stroke="{_GOLD}" stroke-width="6"/>'
        for radius, fill in ((194, _BLUE), (160, _PAPER))
    )
    lines = "".join(
        f'<text x="200" y="{y}" font-size="{points}" fill="{_BLUE}">{escape(text)}</text>'
        for y, points, text in ((140, 30, _WORDS[0]), (212, size, code), (276, 24, _WORDS[1]))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" '
        'font-family="Liberation Sans, Arial, sans-serif" font-weight="700" text-anchor="middle">'
        f"{rings}{lines}</svg>\n"
    )


def badge_png(code: str) -> bytes:
    return _png(code, "")


def baked_svg(code: str, credential: Document) -> str:
    text = json.dumps(credential, ensure_ascii=False).replace("]]>", "]]\\u003e")
    svg = badge_svg(code)
    start = svg.index(">") + 1
    opening = svg[:start].replace("<svg ", f'<svg xmlns:openbadges="{OPEN_BADGES_XML}" ', 1)
    inside = f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"
    return opening + inside + svg[start:]


def baked_png(code: str, credential: Document) -> bytes:
    return _png(code, json.dumps(credential, ensure_ascii=False))


def _png(code: str, credential: str) -> bytes:
    from PIL import Image, PngImagePlugin

    chunks = PngImagePlugin.PngInfo()
    if credential:
        chunks.add_itxt(_KEYWORD, credential)
    output = io.BytesIO()
    Image.open(io.BytesIO(_drawn(code))).save(output, "PNG", pnginfo=chunks, optimize=True)
    return output.getvalue()


@lru_cache(maxsize=64)
def _drawn(code: str) -> bytes:
    from PIL import Image, ImageDraw, ImageFont

    scale = _SHARPNESS
    image = Image.new("RGBA", (_SIZE * scale, _SIZE * scale))
    draw = ImageDraw.Draw(image)
    for radius, fill in ((197, _GOLD), (191, _BLUE), (163, _GOLD), (157, _PAPER)):
        low, high = (200 - radius) * scale, (200 + radius) * scale
        draw.ellipse((low, low, high, high), fill=fill)
    font = str(find_font("LiberationSans-Bold.ttf"))
    for y, points, text in (
        (140, 30, _WORDS[0]), (212, _code_size(code), code), (276, 24, _WORDS[1])
    ):  # fmt: skip
        face = ImageFont.truetype(font, points * scale)
        draw.text((200 * scale, y * scale), text, _BLUE, face, anchor="ms")
    output = io.BytesIO()
    image.resize((_SIZE, _SIZE), Image.Resampling.LANCZOS).save(output, "PNG")
    return output.getvalue()


def _code_size(code: str) -> int:
    """Points at which a code of up to 20 letters stays within the inner circle."""
    return max(16, min(60, 380 // max(1, len(code))))
