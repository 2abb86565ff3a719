"""Skeletons and templates of one appearance: in memory, on disk, or compiled now."""

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from certificates.compiled.lines import Paragraph
from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.shaping import Face
from certificates.compiled.skeleton import Page, Skeleton
from certificates.compiled.store import Store
from certificates.compiled.writing import Template
from common.bounded import BoundedError
from common.errors import DomainError
from common.garbage_collection import gc_disabled

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Does what a method of ``Compiler`` does, wherever that is done.
Compile = Callable[..., dict[str, Any]]
_MOST_IN_MEMORY = 300


@dataclass(frozen=True, slots=True)
class Known:
    """A skeleton with its name in the store and the faces of its fonts."""

    sha256: str
    skeleton: Skeleton
    faces: dict[str, Face]


class Library:
    def __init__(self, store: Store, skeleton: Compile, template: Compile) -> None:
        self._store = store
        self._compile_skeleton, self._compile_template = skeleton, template
        self._skeletons: dict[Any, Known | Reason] = {}
        self._templates: dict[Any, Template | Reason] = {}
        self._faces: dict[str, Face] = {}
        self._paragraphs: dict[Paragraph, Paragraph] = {}
        self.compiled = 0

    def skeleton(self, key: Any, *arguments: Any) -> Known:
        """The skeleton of a make-up; ``arguments`` are the compiler's. Error: UnusualError."""
        if key not in self._skeletons:
            name = digest(key)
            found = self._stored(name) or self._made(name, arguments)
            _remember(self._skeletons, key, found)
        return _unless_unusual(self._skeletons[key])

    def template(self, known: Known, page: Page, *arguments: Any) -> Template:
        """The template for a page's breaks. Error: UnusualError."""
        key = (known.sha256, page.pattern)
        if key not in self._templates:
            name = digest(key)
            sha256, plain = self._store.named(name) or ("", {})
            found: Template | Reason | None = self._read(sha256, plain)
            if found is None:
                made = self._compiled(self._compile_template, known.skeleton.to_plain(), *arguments)
                found = _reason(made) or self._keep(name, known.sha256, made["template"])
            _remember(self._templates, key, found)
        return _unless_unusual(self._templates[key])

    def recorded(self, sha256: str) -> tuple[Template, Known] | None:
        """The template that made a file, with its skeleton; None where it is lost."""
        template = self._read(sha256, self._store.object(sha256) or {})
        known = template and self._known(template.skeleton, self._store.object(template.skeleton))
        return (template, known) if template and known else None

    def _stored(self, name: str) -> Known | None:
        found = self._store.named(name)
        return self._known(*found) if found else None

    def _known(self, sha256: str, plain: dict[str, Any] | None) -> Known | None:
        if not plain:
            return None
        skeleton = Skeleton.from_plain({key: plain[key] for key in plain if key != "key"})
        for font in skeleton.fonts.values():
            if font not in self._faces:
                data = self._store.bytes_of(font)
                if data is None:
                    return None
                self._faces[font] = Face(data)
        # The same paragraph stands on many pages: where its lines break is asked for once.
        shared = [self._paragraphs.setdefault(one, one) for one in skeleton.paragraphs]
        skeleton = replace(skeleton, paragraphs=shared)
        faces = {name: self._faces[font] for name, font in skeleton.fonts.items()}
        return Known(sha256, skeleton, faces)

    def _made(self, name: str, arguments: tuple[Any, ...]) -> Known | Reason:
        made = self._compiled(self._compile_skeleton, *arguments)
        if reason := _reason(made):
            return reason
        try:
            for font in made.get("fonts", ()):
                self._store.add(font)
            sha256 = self._store.put(name, made["skeleton"])
        except OSError as error:
            raise _not_stored(error) from None
        if template := made.get("template"):
            self._keep(digest([sha256, template["pattern"]]), sha256, template)
        return self._known(sha256, self._store.object(sha256)) or Reason.STORE

    def _keep(self, name: str, skeleton: str, made: dict[str, Any]) -> Template:
        try:
            prefix = self._store.shared(made["prefix"])
            sha256 = self._store.put(name, made | {"prefix": prefix, "skeleton": skeleton})
        except OSError as error:
            raise _not_stored(error) from None
        template = self._read(sha256, self._store.object(sha256) or {})
        if template is None:
            raise UnusualError(Reason.STORE)
        return template

    def _read(self, sha256: str, plain: dict[str, Any]) -> Template | None:
        start = self._store.joined(plain.get("prefix", [])) if plain else None
        return Template.from_plain(plain, sha256, start) if start else None

    def _compiled(self, compile_: Compile, *arguments: Any) -> dict[str, Any]:
        self.compiled += 1
        try:
            with gc_disabled():
                return compile_(*arguments)
        except BoundedError as error:
            if error.is_busy:
                raise UnusualError(Reason.DESIGN) from None
            return {"unusual": Reason.DESIGN}
        except DomainError:  # whoever renders the whole says it better
            return {"unusual": Reason.DESIGN}


def digest(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, ensure_ascii=False).encode()).hexdigest()


def _reason(made: dict[str, Any]) -> Reason | None:
    return Reason(made["unusual"]) if "unusual" in made else None


def _not_stored(error: OSError) -> UnusualError:
    logger.error("compiled designs cannot be stored: %s", error)
    return UnusualError(Reason.STORE)


def _remember(known: dict[Any, T], key: Any, found: T) -> None:
    if len(known) >= _MOST_IN_MEMORY:
        known.pop(next(iter(known)))
    known[key] = found


def _unless_unusual(found: T | Reason) -> T:
    if isinstance(found, Reason):
        raise UnusualError(found)
    return found
