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
_SLOT = re.compile(r'(?P<iri><urn:slot:(\d+)>)|"urn:slot:(\d+)"|(?P<blank>_:b(\d+))')
_IRI = re.compile(r'(?:https?|did|urn):[^\s<>"{}|\\^`]+')


def canonical(document: dict[str, Any]) -> str:
    """The document's quads, in order. Error: ValueError, as where a context is not one of ours."""
    values: list[str] = []
    shape = json.dumps(_shape(document, values), sort_keys=True)
    return _quads_of(shape).filled(values) or normalised(document)


def normalised(document: dict[str, Any]) -> str:
    """The same by the whole algorithm, at fifty times the cost. Error: ValueError."""
    return _processed("normalize", document, algorithm="URDNA2015")


def _shape(node: Any, values: list[str]) -> Any:
    """The document with a numbered slot for each text; ``values`` takes the texts."""
    if isinstance(node, list):
        return [_shape(item, values) for item in node]
    if not isinstance(node, dict):
        return node
    shape = {}
    for name, value in sorted(node.items()):
        if name in _FILLED and isinstance(value, str):
            shape[name] = f"urn:slot:{len(values)}"
            values.append(value)
        else:
            shape[name] = value if name == "@context" else _shape(value, values)
    return shape


@dataclass(frozen=True, slots=True)
class _Quads:
    """Quads as format strings: slot *n* as an IRI is field 2n, as a text 2n+1; then the blanks."""

    lines: tuple[str, ...]
    addresses: tuple[int, ...]  # the slots that stand for IRIs
    around: tuple[tuple[str, ...], ...]  # for each blank node the lines that name it

    def filled(self, values: list[str]) -> str:
        """Empty where only the full algorithm can number the blank nodes."""
        if not all(_IRI.fullmatch(values[slot]) for slot in self.addresses):
            return ""
        terms = [term for text in values for term in (f"<{text}>", f'"{_escaped(text)}"')]
        count = len(self.around)
        hashes = {}
        for blank, lines in enumerate(self.around):
            names = ["_:a" if other == blank else "_:z" for other in range(count)]
            known = "".join(sorted(line.format(*terms, *names) for line in lines))
            hashes[hashlib.sha256(known.encode()).hexdigest()] = blank
        if len(hashes) < count:
            return ""
        names = [""] * count
        for number, (_digest, blank) in enumerate(sorted(hashes.items())):
            names[blank] = f"_:c14n{number}"
        return "".join(sorted({line.format(*terms, *names) for line in self.lines}))


@lru_cache(maxsize=64)
def _quads_of(shape: str) -> _Quads:
    text = _processed("to_rdf", json.loads(shape))
    slots = shape.count("urn:slot:")
    blanks: dict[str, int] = {}
    addresses: set[int] = set()

    def field(found: re.Match[str]) -> str:
        iri, blank = found["iri"], found["blank"]
        if blank:
            return f"{{{2 * slots + blanks.setdefault(blank, len(blanks))}}}"
        slot = int(found[2] or found[3])
        if iri:
            addresses.add(slot)
        return f"{{{2 * slot + (0 if iri else 1)}}}"

    plain = text.replace("{", "{{").replace("}", "}}").splitlines(keepends=True)
    lines = tuple(_SLOT.sub(field, line) for line in plain)
    named = [f"{{{2 * slots + number}}}" for number in range(len(blanks))]
    around = tuple(tuple(line for line in lines if name in line) for name in named)
    return _Quads(lines, tuple(sorted(addresses)), around)


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
