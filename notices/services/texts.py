"""What messages say: the office's text, else the kind's own, with its values filled in."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.choices import Language
from audit.services import Actor, audit_details, audited
from common.mail_marks import mark
from notices.errors import NoticeInputError
from notices.kinds import MessageKind, message_kinds
from notices.models import MessageText

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    body: str
    is_of_office: bool = False


def wording_of(kind: MessageKind, language: str) -> Wording:
    return _wording(kind, language, MessageText.objects.in_force(kind.name, language))


def all_wordings() -> list[tuple[MessageKind, list[tuple[str, Wording]]]]:
    texts = {(text.kind, text.language): text for text in MessageText.objects.latest_versions()}
    return [
        (
            kind,
            [
                (code, _wording(kind, code, texts.get((kind.name, code))))
                for code in Language.values
            ],
        )
        for _name, kind in message_kinds
    ]


def _wording(kind: MessageKind, language: str, text: MessageText | None) -> Wording:
    if text and not text.is_default:
        return Wording(text.subject, text.body, is_of_office=True)
    with translation.override(language):
        return Wording(str(kind.subject), str(kind.body))


@audited("message_text_changed")
def change_text(
    *, by: Actor, kind: MessageKind, language: str, subject: str, body: str
) -> MessageText:
    """Errors: ``unknown_placeholder``, ``text_missing``."""
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    if not (subject and body):
        raise NoticeInputError("text_missing", _("Enter a subject and a text."))
    require_known_placeholders(kind, subject=subject, body=body)
    return _new_version(by, kind, language, subject, body)


@audited("message_text_reset")
def reset_text(*, by: Actor, kind: MessageKind, language: str) -> MessageText:
    return _new_version(by, kind, language, "", "")


def _new_version(
    by: Actor, kind: MessageKind, language: str, subject: str, body: str
) -> MessageText:
    audit_details(kind=kind.name, language=language)
    return MessageText.objects.create(
        kind=kind.name, language=language, subject=subject, body=body, changed_by=by.label
    )


def require_known_placeholders(kind: MessageKind, *, subject: str, body: str) -> None:
    unknown = placeholders(subject, body) - set(kind.values)
    if unknown:
        raise NoticeInputError(
            "unknown_placeholder",
            _("There is no value for %(names)s. Available values: %(known)s.")
            % {"names": _in_braces(unknown), "known": _in_braces(kind.values)},
        )
    if missing := set(kind.required) - placeholders(body):
        raise NoticeInputError(
            "missing_placeholder",
            _("The text of this message must contain %(names)s.") % {"names": _in_braces(missing)},
        )


def placeholders(*texts: str) -> set[str]:
    return {name for text in texts for name in _PLACEHOLDER.findall(text)}


def _in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def words_of(
    kind: MessageKind, values: Callable[[], Mapping[str, str]]
) -> Callable[[], tuple[str, str]]:
    """Gives subject and body in the language that is active when it is called."""

    def words() -> tuple[str, str]:
        wording, named = wording_of(kind, (get_language() or "vi")[:2]), values()
        return " ".join(fill(wording.subject, named).split()), fill(wording.body, named)

    return words


def compose(
    kind: MessageKind,
    values: Mapping[str, str],
    *,
    to: str,
    language: str,
    wording: Wording,
    **marks: Any,
) -> EmailMessage:
    """A message to the outbox. Values are text: nothing in them is markup or a placeholder.

    ``marks`` are those of ``common.mail_marks``.
    """
    subject = " ".join(fill(wording.subject, values).split())
    message = EmailMessage(subject, fill(wording.body, values), to=[to])
    return mark(message, kind=kind.name, language=language, **marks)


def fill(template: str, values: Mapping[str, str]) -> str:
    """A line that names values, all of which are blank, is left out."""
    lines = []
    for line in template.split("\n"):
        names = placeholders(line)
        if names and not any(values.get(name) for name in names):
            continue
        lines.append(_PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), line))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def example(kind: MessageKind, language: str, wording: Wording) -> Wording:
    values = _example_values(kind, language)
    return Wording(fill(wording.subject, values), fill(wording.body, values))


def send_example(kind: MessageKind, language: str, wording: Wording, *, to: str) -> None:
    values = _example_values(kind, language)
    compose(kind, values, to=to, language=language, wording=wording).send()


def _example_values(kind: MessageKind, language: str) -> dict[str, str]:
    with translation.override(language):
        return {name: str(example) for name, (_label, example) in kind.values.items()}
