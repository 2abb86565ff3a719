"""Tools of every API: one form of error, strict input, keyset pages, versions of a row.

Nothing here knows what the rows are about. Who asks, and how often, is said in
``accounts.api``.
"""

import datetime as dt
import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography.fernet import InvalidToken
from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.core.signals import got_request_exception
from django.db import IntegrityError
from django.db.models import Model, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, status
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.encryption import box
from common.errors import DomainError

PAGE, MOST_ROWS = 50, 200
CURSOR_LENGTH = 1_000
logger = logging.getLogger(__name__)


# ── Errors ────────────────────────────────────────────────────────────────────────────


class Problem(serializers.Serializer[Any]):
    """The one form of error: ``fields`` names what to mend, empty where nothing can be."""

    code = serializers.CharField()
    message = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]  # a key of the answer
        child=serializers.ListField(child=serializers.CharField())
    )


class Stale(exceptions.APIException):
    """Somebody changed the row since it was read; nothing was overwritten."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "stale"

    def __init__(self) -> None:
        super().__init__(_("Somebody changed this meanwhile: read it again; nothing was changed."))


class MatchMissing(exceptions.APIException):
    """A change must say which version of the row it was made from."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "if_match_missing"

    def __init__(self) -> None:
        super().__init__(_("Send the ETag of what you read in the header If-Match."))


class Conflict(exceptions.APIException):
    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


# A refused deed is a conflict with what is there, unless what was sent could never be right.
_OF_INPUT_PREFIXES = ("unknown_", "date_", "birth_", "invalid_")
_OF_INPUT_SUFFIXES = ("_before_start", "_in_future", "in_the_future", "_do_not_fit")
_OF_INPUT = {"no_seats", "name_missing", "reason_missing"}


def _is_about_input(code: str) -> bool:
    return (
        code in _OF_INPUT
        or code.startswith(_OF_INPUT_PREFIXES)
        or code.endswith(_OF_INPUT_SUFFIXES)
    )


def problem(
    status_code: int,
    code: str,
    message: str,
    fields: Mapping[str, list[str]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer in the one form of error."""
    body = {"code": code, "message": message, "fields": dict(fields or {})}
    return Response(body, status=status_code, headers=headers)


def explain(error: Exception, context: dict[str, Any]) -> Response:
    """Every exception as an answer; what nobody expected is logged and says no details."""
    if isinstance(error, DomainError):
        return problem(400 if _is_about_input(error.code) else 409, error.code, error.message)
    if isinstance(error, Http404):
        return problem(404, "not_found", _("There is no such thing, or it is not yours to see."))
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return problem(403, "permission_denied", _("Your role does not allow this."))
    if isinstance(error, SuspiciousOperation):
        return problem(400, "bad_request", _("This request is too large or not well formed."))
    if isinstance(error, IntegrityError):
        return problem(409, "conflict", _("This contradicts what is already on record."))
    if isinstance(error, ValidationError):
        fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        return problem(400, "invalid", _("Some fields need mending."), fields)
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "invalid", _("Some fields need mending."), flat(error.detail))
    if isinstance(error, exceptions.APIException):
        return _of_rest_framework(error)
    logger.error("The API failed", exc_info=error)
    request = context.get("request")
    got_request_exception.send(sender=explain, request=getattr(request, "_request", None))
    return problem(500, "server_error", _("Something broke here; it has been noted."))


def _of_rest_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    code = error.get_codes()
    return problem(
        error.status_code,
        code if isinstance(code, str) else error.default_code,
        str(error.detail),
        headers=headers,
    )


def flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Nested messages by dotted path: ``{"marks.0.session": ["…"]}``; "" is the whole body."""
    if isinstance(detail, Mapping):
        items = [(str(key), value) for key, value in detail.items()]
    elif isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        items = [(str(at), value) for at, value in enumerate(detail)]
    else:
        return {path: [str(part) for part in (detail if isinstance(detail, list) else [detail])]}
    found: dict[str, list[str]] = {}
    for key, value in items:
        below = "" if key == "non_field_errors" else key
        found |= flat(value, ".".join(part for part in (path, below) if part))
    return found


# ── Input ─────────────────────────────────────────────────────────────────────────────


class Strict(serializers.Serializer[Any]):
    """Input that takes nothing but its fields: a name it does not know is an error."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise exceptions.ValidationError(
                {str(name): [_("There is no such field.")] for name in sorted(unknown, key=str)}
            )
        return super().to_internal_value(data)


class Nothing(Strict):
    """A deed that needs no words."""


class Json(JSONParser):
    """JSON; what is nested too deep, or is half a character, is the sender's mistake, not ours."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            parsed = super().parse(*args, **kwargs)
            # Half a pair of surrogates can be stored nowhere, nor be named in an answer.
            json.dumps(parsed, ensure_ascii=False).encode()
            return parsed
        except UnicodeEncodeError:
            raise exceptions.ParseError(_("The body is not well-formed JSON.")) from None
        except RecursionError:
            raise exceptions.ParseError(_("The body is nested too deep.")) from None
        except exceptions.ParseError:
            # The library's sentence is English and quotes Python.
            raise exceptions.ParseError(_("The body is not well-formed JSON.")) from None


class AlwaysJson(BaseContentNegotiation):
    """The API speaks JSON, whatever the visitor's program would rather read."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        from rest_framework.negotiation import DefaultContentNegotiation

        return DefaultContentNegotiation().select_parser(request, parsers)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


def key(text: str, longest: int = 60) -> str:
    """A key from an address; what no key can be is found nowhere."""
    if len(text) > longest or "\x00" in text:
        raise Http404
    return text


Row = TypeVar("Row", bound=Model)


def named(rows: QuerySet[Row], field: str, **key: str) -> Row:
    """The row that a field of the body names; what one may not see does not exist (400)."""
    row = rows.filter(**key).first()
    if row is None:
        raise exceptions.ValidationError({field: [_("There is no such thing.")]})
    return row


# ── Versions ──────────────────────────────────────────────────────────────────────────


def etag(body: Mapping[str, Any]) -> str:
    """The version of a row: equal bodies give equal tags, in every language."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_match(request: Request, body: Mapping[str, Any]) -> None:
    """Refuse a change that was made from another version than ``body``, the present one."""
    wanted = request.headers.get("If-Match", "").strip()
    if not wanted:
        raise MatchMissing
    tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
    if "*" not in tags and etag(body) not in tags:
        raise Stale


# ── Pages ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list and the cursor of the rows behind them, None at the end."""

    rows: list[dict[str, Any]]
    cursor: str | None


def page(
    rows: QuerySet[Any],
    *,
    columns: Sequence[str],
    ordering: str,
    size: int = PAGE,
    cursor: str = "",
) -> Page:
    """Up to ``size`` rows behind the cursor, in one query whose cost no depth changes.

    ``ordering`` is a column without nulls, ``-`` before it for the other direction; the
    primary key settles ties. Raises ValidationError for a cursor that is not ours.
    """
    field, down = ordering.removeprefix("-"), ordering.startswith("-")
    fields = [field] if field == "pk" else [field, "pk"]
    if cursor:
        rows = rows.filter(_behind(_opened(cursor, ordering), field, down=down))
    rows = rows.order_by(*(f"-{name}" if down else name for name in fields))
    # Which rows first, what they say then: beside the joins of the columns SQLite sorts them all.
    shown = rows.filter(pk__in=rows.values("pk")[: size + 1])
    found = list(shown.values(*dict.fromkeys([*columns, *fields])))
    if len(found) <= size:
        return Page(found, None)
    found.pop()
    last = [found[-1][name] for name in fields]
    return Page(found, _sealed(ordering, last))


def _behind(values: list[Any], field: str, *, down: bool) -> Q:
    beyond = "lt" if down else "gt"
    if field == "pk":
        return Q(**{f"pk__{beyond}": values[0]})
    # The first condition alone says where to enter the index; with OR alone it would be read
    # from its beginning.
    return Q(**{f"{field}__{beyond}e": values[0]}) & (
        Q(**{f"{field}__{beyond}": values[0]}) | Q(**{f"pk__{beyond}": values[1]})
    )


def _sealed(ordering: str, values: list[Any]) -> str:
    """Encrypted: addresses end up in logs, and the sort key of a person is their name."""
    plain = [v.isoformat() if isinstance(v, dt.date) else v for v in values]
    return box().encrypt(json.dumps([ordering, *plain]).encode()).decode().rstrip("=")


def _opened(cursor: str, ordering: str) -> list[Any]:
    if len(cursor) > CURSOR_LENGTH:
        raise _not_ours()
    try:
        text = box().decrypt((cursor + "=" * (-len(cursor) % 4)).encode())
    except (InvalidToken, ValueError):
        raise _not_ours() from None
    written_for, *rest = json.loads(text)
    values = list(rest)
    if written_for != ordering:
        raise _not_ours()
    return values


def _not_ours() -> exceptions.ValidationError:
    message = _("This cursor does not belong to this list; begin without one.")
    return exceptions.ValidationError({"cursor": [message]})


# ── Values as text, made once in Python ───────────────────────────────────────────────


def day(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None


def instant(value: dt.datetime | None) -> str | None:
    """To the second, in Asia/Ho_Chi_Minh."""
    return value.astimezone(clock.HANOI).isoformat(timespec="seconds") if value else None


def number(value: Any) -> str | None:
    """A decimal as text, so that no reader rounds it."""
    return None if value is None else str(value)
