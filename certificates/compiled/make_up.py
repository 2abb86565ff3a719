"""What a design's source lets depend on a certificate: whole texts, and whether they are there."""

import re
from typing import Any, NamedTuple

from certificates.compiled.reasons import Reason, UnusualError

# What is the same on every certificate of an institution stays in the template, as classes do.
_CLASSES = {"course_size", "density", "name_size"}
_LITERAL = _CLASSES | {
    "nation", "motto", "title", "title_en", "salutation", "statement", "parent_body",
    "parent_body_kept", "issuing_body", "issuing_body_kept", "signer_name", "authority",
    "authority_kept",
}  # fmt: skip
_TAG = re.compile(r"\{%\s*(.*?)\s*%\}", re.DOTALL)
_PRINTED = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_NAMES = r"(?:not )?[\w.]+(?: (?:and|or) (?:not )?[\w.]+)*"
_KNOWN_TAG = re.compile(
    rf"(?:el)?if {_NAMES}|else|endif|for \w+ in (?:name_lines|authority|authority_kept)|endfor"
)
_OPENING = re.compile(r"<[a-zA-Z][^>]*>")
_ALTERNATIVE = re.compile(r'\salt="[^"]*"')


class MakeUp(NamedTuple):
    """Of two certificates with the same literals and holes only the texts in holes differ.

    ``used`` are the names that the design prints or asks for.
    """

    used: frozenset[str]

    def literals(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: values[name] for name in sorted(_LITERAL & self.used)}

    def common(self, values: dict[str, Any]) -> dict[str, Any]:
        """Every value of the page: literals, the others empty."""
        empty = {name: type(value)() for name, value in values.items()}
        return empty | self.literals(values)

    def holes(self, values: dict[str, Any]) -> list[str]:
        printed = self.used - _LITERAL
        lines = [f"name_lines.{at}" for at in range(len(values["name_lines"]))]
        return [name for name, value in values.items()
                if name in printed and value and isinstance(value, str)] + lines  # fmt: skip


def make_up_of(html: str) -> MakeUp:
    """``html`` without its background. Error: UnusualError, where it does more than this knows."""
    tags, printed = _TAG.findall(html), _PRINTED.findall(html)
    in_markup = _PRINTED.findall(_ALTERNATIVE.sub("", " ".join(_OPENING.findall(html))))
    is_known = all(_KNOWN_TAG.fullmatch(tag) for tag in tags)
    if not (is_known and all(map(str.isidentifier, printed)) and {*in_markup} <= _LITERAL):
        raise UnusualError(Reason.DESIGN)
    return MakeUp(frozenset(re.findall(r"\w+", " ".join(tags + printed))))
