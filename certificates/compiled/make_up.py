"""What a design's source lets depend on a certificate: whole texts, and whether they are there."""

import re
from dataclasses import dataclass
from typing import Any

from certificates.compiled.reasons import Reason, UnusualError

# What is the same on every certificate of an institution stays in the template.
FIXED = (
    "nation", "motto", "title", "title_en", "salutation", "statement", "parent_body",
    "parent_body_kept", "issuing_body", "issuing_body_kept", "signer_name",
)  # fmt: skip
_AUTHORITY = "authority", "authority_kept"
_TAG = re.compile(r"\{%\s*(.*?)\s*%\}", re.DOTALL)
_PRINTED = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAMES = r"(?:not )?[\w.]+(?: (?:and|or) (?:not )?[\w.]+)*"
_KNOWN_TAG = re.compile(
    rf"(?:el)?if {_NAMES}|else|endif|for \w+ in (?:name_lines|authority|authority_kept)|endfor",
    re.DOTALL,
)
_LOOP = re.compile(r"\{%\s*for (\w+) in \w+\s*%\}")
_OPENING = re.compile(r"<[a-zA-Z][^>]*>")
_ALTERNATIVE = re.compile(r'\salt="[^"]*"')


@dataclass(frozen=True, slots=True)
class MakeUp:
    """Of two certificates that agree in ``key``, only texts in holes differ.

    ``literal``: what is printed as it is, because it is fixed or part of the markup.
    ``present``: what may be there or not.
    """

    literal: tuple[str, ...]
    present: tuple[str, ...]

    def key(self, values: dict[str, Any]) -> tuple[Any, ...]:
        return (
            tuple([values[name] for name in self.literal]),
            tuple([bool(values[name]) for name in self.present]),
            tuple(values["authority"]),
            len(values["name_lines"]),
        )

    def common(self, values: dict[str, Any]) -> dict[str, Any]:
        """Every value of the page: those in the key, the others empty."""
        empty: dict[str, Any] = {
            name: [] if isinstance(value, list) else "" for name, value in values.items()
        }
        return empty | {name: values[name] for name in (*self.literal, *_AUTHORITY)}

    def holes(self, values: dict[str, Any]) -> list[str]:
        lines = [f"name_lines.{at}" for at in range(len(values["name_lines"]))]
        texts = [name for name, value in values.items() if value and isinstance(value, str)]
        return [name for name in texts if name not in self.literal] + lines


def make_up_of(html: str) -> MakeUp:
    """``html`` without its background. Error: UnusualError, where it does more than this knows."""
    tags = _TAG.findall(html)
    printed = _PRINTED.findall(html)
    known = all(_KNOWN_TAG.fullmatch(tag) for tag in tags)
    if not known or not all(re.fullmatch(r"\w+", name) for name in printed):
        raise UnusualError(Reason.DESIGN)
    own = {*_LOOP.findall(html), "and", "or", "not", "forloop", "first", "last"}
    asked = {
        word for tag in tags if "if " in tag for word in re.findall(r"\w+", tag.split("if ", 1)[1])
    }
    names = ({*printed} | asked) - own - {"name_lines", *_AUTHORITY}
    in_markup = set(_PRINTED.findall(_ALTERNATIVE.sub("", " ".join(_OPENING.findall(html)))))
    literal = (in_markup | {*FIXED}) & names
    return MakeUp(tuple(sorted(literal)), tuple(sorted(names - literal)))
