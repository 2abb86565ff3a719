"""The table of kinds of messages in docs/messages.md, made from what the apps declare."""

from django.utils import translation

from accounts.choices import Language
from notices.kinds import Importance, MessageKind, message_kinds

BEGIN, END = "<!-- made by manage.py message_kinds -->", "<!-- end -->"
_HEADINGS = ("kind", "occasion", "recipients", "languages", "channel", "sent")


def kind_table() -> str:
    with translation.override("en"):
        rows = [_row(kind) for _name, kind in sorted(message_kinds)]
    lines = [_HEADINGS, ("---",) * len(_HEADINGS), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(kind: MessageKind) -> tuple[str, ...]:
    return (
        f"`{kind.name}`",
        str(kind.label),
        str(kind.recipients),
        ", ".join(code for code in Language.values if _is_worded(kind, code)),
        _channel(kind),
        _moment(kind),
    )


def _is_worded(kind: MessageKind, language: str) -> bool:
    with translation.override(language):
        return bool(str(kind.subject) and str(kind.body))


def _channel(kind: MessageKind) -> str:
    is_optional = kind.importance != Importance.DECISION
    return f"notifications; e-mail{', unless declined' if is_optional else ''}"


def _moment(kind: MessageKind) -> str:
    return f"{kind.days.label}: {kind.days.default}, changeable" if kind.days else "at once"


def with_table(document: str) -> str:
    """The document with the table as it is now."""
    before, _begin, rest = document.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{kind_table()}\n{END}{after}"
