"""Compiling, as plain data: what WeasyPrint makes of a design, for whoever fills it in.

Designs that users wrote are laid out within the boundary (``design_parsers``), ours in this
process: in both cases plain data comes back, and is kept by ``store``.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.rendering import Rendering, Repertoire
from certificates.compiled.skeleton import Page, Skeleton, read_skeleton, token
from certificates.compiled.template import STANDIN, cut, freeze
from certificates.pdf import CertificateRenderer
from common.pdf import Attachment

Values = Mapping[str, Any]
_ELEMENT = re.compile(r"<[^>]*>")
# Name, description and relationship of the attachment; None without one.
AttachmentKind = tuple[str, str, str] | None


class Compiler:
    """Compiles pages of one design with its pictures; keeps fonts for the next ones."""

    def __init__(self, renderer: CertificateRenderer) -> None:
        self._renderer = renderer
        self._repertoire = Repertoire()

    def skeleton(
        self, values: Values, names: list[str], url: str, kind: AttachmentKind
    ) -> dict[str, Any]:
        """The page with tokens for ``names``, and the template of its unbroken lines.

        ``layout`` is the same for pages that differ in texts of lines with holes alone.

        ``values`` are empty but for what every certificate of this make-up has in common.
        """
        try:
            html = self._renderer.page(_with_tokens(values, names))
            rendering = self._rendered(html, url, kind)
            skeleton = read_skeleton(rendering, names)
            # No certificate's text was ever in this rendering.
            tokens = {name: token(at) for at, name in enumerate(names)}
            page = skeleton.fill(tokens, skeleton.fillings(self._repertoire.faces))
            if any(len(lines) > 1 for lines in page.pattern):
                return {"unusual": Reason.NARROW}
            made = self._frozen(skeleton, rendering, page, [])
            return made | {"layout": _layout(made, html)}
        except UnusualError as unusual:
            if unusual.reason == Reason.PAGE:
                return {"skeleton": Skeleton(names, False, [], [], [], {}, [])._asdict()}
            return {"unusual": unusual.reason}

    def template(
        self, plain: dict[str, Any], values: Values, url: str, kind: AttachmentKind
    ) -> dict[str, Any]:
        """The template of a pattern of broken lines, from the first certificate that has it."""
        try:
            rendering = self._rendered(self._renderer.page(values), url, kind)
            skeleton, texts = Skeleton.from_plain(plain), flat(values)
            page = skeleton.fill(texts, skeleton.fillings(self._repertoire.faces))
            made = self._frozen(skeleton, rendering, page, [texts[one] for one in skeleton.names])
        except UnusualError as unusual:
            return {"unusual": unusual.reason}
        if made["skeleton"]["constant"] != skeleton.constant:
            return {"unusual": Reason.DIFFERENT}
        return {"template": made["template"]}

    def _frozen(
        self, skeleton: Skeleton, rendering: Rendering, page: Page, shown: list[str]
    ) -> dict[str, Any]:
        parts, holes, constant = cut(skeleton, rendering, page)
        names = {piece.font for one in skeleton.paragraphs for piece in one.pieces}
        fonts = {name: self._repertoire.data[name] for name in sorted(names)}
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in fonts.items()}
        template = {"pattern": page.pattern, "parts": parts, "holes": holes}
        return {
            "skeleton": skeleton._replace(constant=constant, fonts=digests)._asdict(),
            "template": template | freeze(skeleton, rendering, shown),
            "fonts": list(fonts.values()),
        }

    def _rendered(self, html: str, url: str, kind: AttachmentKind) -> Rendering:
        attachment = Attachment(kind[0], STANDIN, *kind[1:]) if kind else None
        return Rendering(self._renderer, html, url, attachment, self._repertoire)


def _with_tokens(values: Values, names: list[str]) -> dict[str, Any]:
    tokens = {name: token(at) for at, name in enumerate(names)}
    lines = [tokens.pop(name) for name in names if name.startswith("name_lines.")]
    return {**values, **tokens, "name_lines": lines}


def _layout(made: dict[str, Any], html: str) -> str:
    # Equal elements have equal styles, also those that only broken lines would show.
    elements = _ELEMENT.findall(html)
    paragraphs = [
        [[piece[1:] for piece in one.pieces], *one[1:]] for one in made["skeleton"]["paragraphs"]
    ]
    others = [made["skeleton"][name] for name in ("blocks", "alts", "fonts", "constant")]
    everything = repr([elements, paragraphs, others, made["template"]])
    return hashlib.sha256(everything.encode()).hexdigest()


def flat(values: Values) -> dict[str, str]:
    """The texts; the lines of a name as texts of their own."""
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    lines = {f"name_lines.{at}": line for at, line in enumerate(values["name_lines"])}
    return texts | lines
