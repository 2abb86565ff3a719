"""Texts in two languages as Moodle's filters keep them in one, and its HTML as plain text."""

import html
import re
from typing import Final

from common.deferred_messages import DeferredMessage as _
from common.vietnamese import nfc

_MLANG: Final = re.compile(r"\{mlang\s+(\w+)\}(.*?)\{mlang\}", re.DOTALL)
_SPAN: Final = re.compile(
    r"""<span\b(?=[^>]*\bclass=["']multilang["'])[^>]*\blang=["'](\w+)["'][^>]*>(.*?)</span>""",
    re.DOTALL | re.IGNORECASE,
)
_BREAK: Final = re.compile(r"<br\s*/?>|</p>|</div>|</li>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]*>")
# Pictures and sounds, also as links to a file that was exported along.
_FILE: Final = re.compile(r"<(?:img|audio|video|object|iframe)\b|@@PLUGINFILE@@", re.IGNORECASE)
NO_FILES: Final = _("Pictures and sounds are not taken: describe in words what they show or say.")


def split(text: str, *, is_html: bool) -> tuple[str, str]:
    """Vietnamese and English; a text without marks of a language is Vietnamese."""
    found: dict[str, str] = {}
    for pattern in (_SPAN, _MLANG):
        for language, words in pattern.findall(text):
            found.setdefault(language.lower(), words)
    vi = found.get("vi") or found.get("other") or ("" if found else text)
    en = found.get("en", "")
    if not vi:
        vi, en = en, ""
    return plain(vi, is_html=is_html), plain(en, is_html=is_html)


def join(vi: str, en: str, *, is_html: bool) -> str:
    if is_html:
        vi, en = (html.escape(text, quote=False).replace("\n", "<br>") for text in (vi, en))
    if not en:
        return vi
    return f"{{mlang vi}}{vi}{{mlang}}{{mlang en}}{en}{{mlang}}"


def plain(text: str, *, is_html: bool) -> str:
    if is_html:
        text = html.unescape(_TAG.sub("", _BREAK.sub("\n", re.sub(r"\s+", " ", text))))
    lines = [" ".join(line.split()) for line in nfc(text).strip().splitlines()]
    return "\n".join(lines).strip()


def has_files(text: str) -> bool:
    return bool(_FILE.search(text))
