"""Skeletons and templates of one appearance: in memory, on disk, or compiled now."""

import hashlib
import json
import logging
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from certificates.compiled.lines import Filling
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
_MOST_IN_MEMORY = 600


class Known(NamedTuple):
    """A skeleton with its name in the store, and what fills its paragraphs."""

    sha256: str
    skeleton: Skeleton
    fillings: list[Filling]


class Library:
    def __init__(self, store: Store, skeleton: Compile, template: Compile) -> None:
        self._store = store
        self._compile_skeleton, self._compile_template = skeleton, template
        self._memory: dict[Any, Any] = {}
        self._faces: dict[str, Face] = {}
        # What skeletons compiled here look like, and their templates, or Reason.PAGE.
        self._layouts: dict[str, str] = {}
        self._shared: dict[Any, str] = {}
        self.compiled = 0

    def skeleton(self, key: Any, *arguments: Any) -> Known:
        """The skeleton of a make-up; ``arguments`` are the compiler's. Error: UnusualError."""

        def compiled(name: str) -> Known | Reason | None:
            made = self._compiled(self._compile_skeleton, *arguments)
            if "unusual" in made:
                return Reason(made["unusual"])
            for font in made.get("fonts", ()):
                self._store.add(font)
            sha256 = self._store.put(name, made["skeleton"])
            self._layouts[sha256] = made.get("layout", sha256)
            if template := made.get("template"):
                self._keep(digest([sha256, template["pattern"]]), template, sha256)
            return self._known(sha256)

        return self._found(key, self._known, compiled)

    def template(self, known: Known, page: Page, *arguments: Any) -> Template:
        """The template for a page's breaks. Error: UnusualError."""

        def compiled(name: str) -> Template | Reason | None:
            # Labels that differ are drawn with the texts: such pages share their templates.
            layout = (self._layouts.get(known.sha256, known.sha256), page.pattern)
            if shared := self._shared.get(layout):
                if shared == Reason.PAGE:
                    return Reason.PAGE
                if plain := self._store.object(shared):
                    own = plain | {"skeleton": known.sha256}
                    return self._template(self._store.put(name, own))
            made = self._compiled(self._compile_template, known.skeleton._asdict(), *arguments)
            if made.get("unusual") == Reason.PAGE:
                self._shared[layout] = Reason.PAGE
            if "unusual" in made:
                return Reason(made["unusual"])
            self._shared[layout] = sha256 = self._keep(name, made["template"], known.sha256)
            return self._template(sha256)

        return self._found((known.sha256, page.pattern), self._template, compiled)

    def recorded(self, sha256: str) -> tuple[Template, Known] | None:
        """The template that made a file, with its skeleton; None where it is lost."""
        template = self._template(sha256)
        known = template and self._known(template.skeleton)
        return (template, known) if template and known else None

    def _found(
        self,
        key: Any,
        read: Callable[[str], T | None],
        compiled: Callable[[str], T | Reason | None],
    ) -> T:
        if key not in self._memory:
            name = digest(key)
            try:
                found = read(self._store.named(name)) or compiled(name)
            except OSError:
                logger.exception("compiled designs cannot be stored")
                raise UnusualError(Reason.STORE) from None
            if len(self._memory) >= _MOST_IN_MEMORY:
                self._memory.pop(next(iter(self._memory)))
            self._memory[key] = found or Reason.STORE
        known: T | Reason = self._memory[key]
        if isinstance(known, Reason):
            raise UnusualError(known)
        return known

    def _known(self, sha256: str) -> Known | None:
        plain = self._store.object(sha256)
        if not plain:
            return None
        skeleton = Skeleton.from_plain(plain)
        for font in skeleton.fonts.values():
            if font not in self._faces:
                data = self._store.bytes_of(font)
                if data is None:
                    return None
                self._faces[font] = Face(data)
        faces = {name: self._faces[font] for name, font in skeleton.fonts.items()}
        return Known(sha256, skeleton, skeleton.fillings(faces))

    def _keep(self, name: str, template: dict[str, Any], skeleton: str) -> str:
        start = self._store.shared(template["start"])
        return self._store.put(name, template | {"start": start, "skeleton": skeleton})

    def _template(self, sha256: str) -> Template | None:
        plain = self._store.object(sha256)
        start = self._store.joined(plain["start"]) if plain else None
        return Template.from_plain({**plain, "start": start}, sha256) if plain and start else None

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
