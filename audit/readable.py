"""Entries as sentences: names in place of keys, as far as the reader may see them."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.details import LABELS
from audit.models import AuditEntry
from audit.sentences import SENTENCES
from common import clock, formats
from common.registries import Name, log_names

_PLACEHOLDER = re.compile(r"\{(?:(\w+):)?(\w+)\}")
_MOST_NAMED = 5
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ACTORS = {
    "system": lambda: _("System"),
    "anybody": lambda: _("Someone not signed in"),
    "programme office (command line)": lambda: _("Programme office (command line)"),
}
_Names = Mapping[str, Mapping[Any, Name]]


@dataclass(frozen=True, slots=True)
class Readable:
    entry: AuditEntry
    actor: str
    sentence: SafeString
    facts: list[tuple[str, SafeString]]


def readable(entries: Sequence[AuditEntry], *, reader: Any) -> list[Readable]:
    """As many queries as there are kinds of things named, whatever the number of entries."""
    names = _names(entries, reader)
    return [
        Readable(entry, _actor(entry, names), _sentence(entry, names), _facts(entry, names))
        for entry in entries
    ]


def _names(entries: Iterable[AuditEntry], reader: Any) -> _Names:
    wanted: defaultdict[str, set[Any]] = defaultdict(set)
    for entry in entries:
        wanted["user"].add(entry.actor_id)
        for kind, key in _named_in(entry):
            wanted[kind].update(_several(entry.details[key]))
    return {
        kind: log_names[kind](reader, keys - {None, ""})
        for kind, keys in wanted.items()
        if kind in log_names
    }


def _named_in(entry: AuditEntry) -> Iterator[tuple[str, str]]:
    """What the entry names, each by its kind and its detail: first in its sentence, then beside."""
    placed = set()
    for kind, key in _PLACEHOLDER.findall(_template(entry) or ""):
        placed.add(key)
        yield kind or key, key
    for key in entry.details:
        if key in LABELS and key not in placed:
            yield key, key


def _several(value: Any) -> list[Any]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str | int)]


def _template(entry: AuditEntry) -> str | None:
    """None where a detail is missing that the sentence needs."""
    template = str(SENTENCES.get(entry.action, ""))
    keys = [key for _kind, key in _PLACEHOLDER.findall(template)]
    return template if all(entry.details.get(key) for key in keys) else None


def _actor(entry: AuditEntry, names: _Names) -> str:
    if name := names.get("user", {}).get(entry.actor_id):
        return name.text
    known = _ACTORS.get(entry.actor_label)
    return known() if known else entry.actor_label


def _sentence(entry: AuditEntry, names: _Names) -> SafeString:
    template = _template(entry)
    if not template:
        return format_html("– {}", entry.action_label)
    text, end = SafeString(""), 0
    for found in _PLACEHOLDER.finditer(template):
        kind, key = found[1] or found[2], found[2]
        text += conditional_escape(template[end : found.start()])
        text += _named(entry.details[key], names.get(kind, {}))
        end = found.end()
    return text + conditional_escape(template[end:])


def _named(value: Any, names: Mapping[Any, Name]) -> SafeString:
    several = _several(value)
    shown = format_html_join(", ", "{}", ((_link(one, names),) for one in several[:_MOST_NAMED]))
    if (more := len(several) - _MOST_NAMED) > 0:
        shown += conditional_escape(_(" and %(count)s more") % {"count": formats.number(more)})
    return shown


def _link(value: Any, names: Mapping[Any, Name]) -> SafeString:
    name = names.get(value) or Name(_plain(value))
    if not name.href:
        return conditional_escape(name.text)
    return format_html('<a href="{}">{}</a>', name.href, name.text)


def _facts(entry: AuditEntry, names: _Names) -> list[tuple[str, SafeString]]:
    placed = {key for _kind, key in _PLACEHOLDER.findall(_template(entry) or "")}
    return [
        (str(LABELS[key]), _fact(value, names.get(key, {})))
        for key, value in entry.details.items()
        if key in LABELS and key not in placed and value not in (None, "", [])
    ]


def _fact(value: Any, names: Mapping[Any, Name]) -> SafeString:
    if isinstance(value, list) and value and isinstance(value[0], list):  # steps: name and figure
        pairs = [(_plain(name), _plain(figure)) for name, figure, *_rest in value]
        return format_html_join(", ", "{}: {}", pairs)
    return _named(value, names) if isinstance(value, list) else _link(value, names)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return formats.number(value)
    text = str(value)
    with suppress(ValueError, OverflowError):  # a name that somebody wrote may begin like a day
        if _DAY.fullmatch(text):
            return formats.day(dt.date.fromisoformat(text))
        if _DAY.match(text) and "T" in text:
            return formats.instant(dt.datetime.fromisoformat(text).astimezone(clock.UTC))
    return str(LABELS.get(text, text))
