"""Compiling, as plain data: what WeasyPrint makes of a design, for whoever fills it in.

Designs that users wrote are laid out within the boundary (``design_parsers``), ours in this
process: in both cases plain data comes back, and is kept by ``store``.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.rendering import Rendering, Repertoire
from certificates.compiled.skeleton import Skeleton, read_skeleton, token
from certificates.compiled.template import STANDIN, Freezer, cut
from certificates.pdf import CertificateRenderer
from common.pdf import Attachment

Values = Mapping[str, Any]
# Name, description and relationship of the attachment; None without one.
AttachmentKind = tuple[str, str, str] | None
PageHtml = Callable[[Values], str]


class Compiler:
    """Compiles pages of one design with its pictures; keeps fonts for the next ones."""

    def __init__(self, renderer: CertificateRenderer) -> None:
        self._renderer = renderer
        self._repertoire = Repertoire()

    def skeleton(
        self, values: Values, names: list[str], url: str, kind: AttachmentKind
    ) -> dict[str, Any]:
        """The page with tokens for ``names``, and the template of its unbroken lines.

        ``values`` are empty but for what every certificate of this make-up has in common.
        """
        try:
            return self._skeleton(values, names, url, kind)
        except UnusualError as unusual:
            return {"unusual": unusual.reason}

    def template(
        self, plain: dict[str, Any], values: Values, url: str, kind: AttachmentKind
    ) -> dict[str, Any]:
        """The template of a pattern of broken lines, from the first certificate that has it."""
        try:
            return self._template(Skeleton.from_plain(plain), values, url, kind)
        except UnusualError as unusual:
            return {"unusual": unusual.reason}

    def _skeleton(
        self, values: Values, names: list[str], url: str, kind: AttachmentKind
    ) -> dict[str, Any]:
        rendering = self._rendered(with_tokens(values, names), url, kind)
        skeleton = read_skeleton(rendering, names)
        if not skeleton.fits:
            return {"skeleton": skeleton.to_plain()}
        # No certificate's text was ever in this rendering.
        tokens = {name: token(at) for at, name in enumerate(names)}
        page = skeleton.fill(tokens, self._repertoire.faces)
        if any(len(lines) > 1 for lines in page.pattern):
            raise UnusualError(Reason.NARROW)
        parts, holes, constant = cut(skeleton, rendering, page)
        fonts = {name: self._repertoire.data[name] for name in skeleton.fonts_of_holes}
        digests = {name: hashlib.sha256(data).hexdigest() for name, data in fonts.items()}
        skeleton = replace(skeleton, constant=constant, fonts=digests)
        template = {"pattern": page.pattern, "parts": parts, "holes": holes}
        return {
            "skeleton": skeleton.to_plain(),
            "template": template | Freezer(skeleton, rendering).frozen([]),
            "fonts": list(fonts.values()),
        }

    def _template(
        self, skeleton: Skeleton, values: Values, url: str, kind: AttachmentKind
    ) -> dict[str, Any]:
        rendering = self._rendered(values, url, kind)
        if not rendering.fits:
            raise UnusualError(Reason.PAGE)
        texts = flat(values)
        page = skeleton.fill(texts, self._repertoire.faces)
        parts, holes, constant = cut(skeleton, rendering, page)
        if constant != skeleton.constant:
            raise UnusualError(Reason.DIFFERENT)
        shown = [texts[name] for name in skeleton.names]
        template = {"pattern": page.pattern, "parts": parts, "holes": holes}
        return {"template": template | Freezer(skeleton, rendering).frozen(shown)}

    def _rendered(self, values: Values, url: str, kind: AttachmentKind) -> Rendering:
        attachment = Attachment(kind[0], STANDIN, *kind[1:]) if kind else None
        html = self._renderer.page(values)
        return Rendering(self._renderer, html, url, attachment, self._repertoire)


def with_tokens(values: Values, names: list[str]) -> dict[str, Any]:
    filled = dict(values)
    for at, name in enumerate(names):
        text, _dot, line = name.partition(".")
        if line:
            filled[text] = [*filled[text], token(at)] if int(line) else [token(at)]
        else:
            filled[name] = token(at)
    return filled


def flat(values: Values) -> dict[str, str]:
    """The texts; the lines of a name as texts of their own."""
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    for at, line in enumerate(values["name_lines"]):
        texts[f"name_lines.{at}"] = line
    return texts
