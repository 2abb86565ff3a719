"""Linked data as canonical N-Quads (RDFC-1.0), which ``eddsa-rdfc-2022`` signs.

PyLD reads each *shape* of document once: which terms it has, and of which types. Documents of
one shape differ in texts and addresses alone, and these are filled into its quads; so a class of
a thousand costs one expansion. Contexts are the two files beside this module, never the network.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from pathlib import Path
from typing import Any

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CONTEXTS = {CREDENTIALS: "credentials-v2.json", OPEN_BADGES: "open-badges-3.0.3.json"}

# Terms whose value is a text or an address, whatever it says. All others are part of the shape:
# their values are terms themselves ("assertionMethod").
_FILLED = frozenset({
    "activityEndDate", "activityStartDate", "caption", "created", "description", "encodedList",
    "humanCode", "id", "identityHash", "issuer", "licenseNumber", "name", "narrative",
    "statusListCredential", "statusListIndex", "statusReference", "targetDescription",
    "targetFramework", "targetName", "targetUrl", "term", "validFrom", "value",
    "verificationMethod", "version",
})  # fmt: skip
_SLOT = "urn:slot"
_FIELD = re.compile(rf'(<{_SLOT}:\d+>|"{_SLOT}:\d+"|_:b\d+)')
_IRI = re.compile(r'(?:https?|did|urn):[^\s<>"{}|\\^`]+')


def canonical(document: dict[str, Any]) -> str:
    """The document's quads, in order. Error: ValueError, as where a context is not one of ours."""
    values: list[str] = []
    shape = json.dumps(_shape(document, values))
    return _quads_of(shape).filled(values) or normalised(document)


def normalised(document: dict[str, Any]) -> str:
    """The same by the whole algorithm, at fifty times the cost. Error: ValueError."""
    return _processed("normalize", document, algorithm="URDNA2015")


def _shape(node: Any, values: list[str]) -> Any:
    """The document with a slot for each text; ``values`` takes the texts."""
    if isinstance(node, list):
        return [_shape(item, values) for item in node]
    if not isinstance(node, dict):
        return node
    shape = {}
    for name, value in node.items():
        if name in _FILLED and isinstance(value, str):
            shape[name] = _SLOT
            values.append(value)
        else:
            shape[name] = value if name == "@context" else _shape(value, values)
    return shape


@dataclass(frozen=True, slots=True)
class _Lines:
    """Quads: in ``parts`` every second one is a field, that of the number in ``fields``."""

    parts: list[str]
    fields: list[int]

    @classmethod
    def read(cls, lines: list[str], fields: dict[str, int]) -> "_Lines":
        parts = _FIELD.split("".join(lines))
        return cls(parts, [fields[part] for part in parts[1::2]])

    def sorted(self, terms: list[str]) -> list[str]:
        parts = self.parts.copy()
        parts[1::2] = [terms[field] for field in self.fields]
        # Not ``splitlines``, which ends a line at U+2028 too: a text may hold that as it is.
        return sorted("".join(parts).split("\n")[:-1])


@dataclass(frozen=True, slots=True)
class _Quads:
    """Slot *n* as an IRI is field 2n, as a text 2n+1; the blank nodes' fields follow."""

    lines: _Lines
    addresses: tuple[int, ...]  # the slots that stand for IRIs
    around: tuple[_Lines, ...]  # for each blank node the lines that name it

    def filled(self, values: list[str]) -> str:
        """Empty where only the full algorithm can number the blank nodes."""
        if not all(_IRI.fullmatch(values[slot]) for slot in self.addresses):
            return ""
        terms = [term for text in values for term in (f"<{text}>", f'"{_escaped(text)}"')]
        blanks = len(self.around)
        hashes = {}
        for blank, lines in enumerate(self.around):
            names = ["_:z"] * blanks
            names[blank] = "_:a"
            known = _text(lines.sorted(terms + names))
            hashes[hashlib.sha256(known.encode()).hexdigest()] = blank
        if len(hashes) < blanks:
            return ""
        names = [""] * blanks
        for number, (_digest, blank) in enumerate(sorted(hashes.items())):
            names[blank] = f"_:c14n{number}"
        return _text(list(dict.fromkeys(self.lines.sorted(terms + names))))


def _text(lines: list[str]) -> str:
    return "".join([f"{line}\n" for line in lines])


@lru_cache(maxsize=64)
def _quads_of(shape: str) -> _Quads:
    numbers = count()
    numbered = re.sub(f'"{_SLOT}"', lambda _found: f'"{_SLOT}:{next(numbers)}"', shape)
    text, end = _processed("to_rdf", json.loads(numbered)), 2 * next(numbers)
    found = list(dict.fromkeys(_FIELD.findall(text)))
    blanks = [part for part in found if part.startswith("_:")]
    fields = {part: end + blanks.index(part) if part in blanks else _field(part) for part in found}
    lines = text.splitlines(keepends=True)
    return _Quads(
        _Lines.read(lines, fields),
        tuple(sorted(fields[part] // 2 for part in found if part.startswith("<"))),
        tuple(
            _Lines.read([line for line in lines if blank in _FIELD.findall(line)], fields)
            for blank in blanks
        ),
    )


def _field(part: str) -> int:
    """Of ``<urn:slot:1>`` or ``"urn:slot:1"``."""
    return 2 * int(part[1:-1].rpartition(":")[2]) + part.startswith('"')


def _processed(step: str, document: dict[str, Any], **options: str) -> str:
    from pyld import jsonld

    options = {"format": "application/n-quads", **options}
    try:
        return str(getattr(jsonld, step)(document, options | {"documentLoader": _load}))
    except jsonld.JsonLdError as error:
        raise ValueError(str(error)) from error


def _load(address: str, _options: dict[str, Any]) -> dict[str, Any]:
    if address not in CONTEXTS:
        raise ValueError(f"not a context of ours: {address}")
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": address,
        "document": _context(address),
    }


@cache
def _context(address: str) -> Any:
    return json.loads((Path(__file__).parent / "contexts" / CONTEXTS[address]).read_text())


def _escaped(text: str) -> str:
    for plain, escape in (
        ("\\", "\\\\"),
        ("\t", "\\t"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ('"', '\\"'),
    ):
        text = text.replace(plain, escape)
    return text
