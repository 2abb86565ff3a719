"""Re-encryption of everything encrypted at rest under the newest of ``FIELD_KEYS``."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from audit.services import Actor, audit_details, audited_action
from common.encryption import EncryptedTextField, rotated
from rosters.models import RosterExport, RosterImport, StagedPart

BATCH = 500
# Bytes that are encrypted as a whole, besides the encrypted fields.
_BINARY: tuple[tuple[type[models.Model], str], ...] = (
    (RosterImport, "content"),
    (RosterImport, "letter_file"),
    (StagedPart, "content"),
    (RosterExport, "content"),
)


@dataclass(frozen=True, slots=True)
class Rotation:
    """Counts of one column; ``frozen`` rows refuse every update and keep their key."""

    column: str
    written: int
    frozen: int


def rotate(*, by: Actor) -> list[Rotation]:
    """Re-encrypt in batches. A second run after an interruption skips what is done."""
    done = [_rotate(field) for field in _encrypted_fields()]
    done.append(Rotation("mfa_authenticator.data", _rotate_second_factors(), 0))
    with audited_action("field_keys_rotated", by=by):
        audit_details(
            written=sum(one.written for one in done), frozen=sum(one.frozen for one in done)
        )
    return done


def _encrypted_fields() -> Iterator[Any]:
    for model in apps.get_models():
        yield from (
            one for one in model._meta.concrete_fields if isinstance(one, EncryptedTextField)
        )
    yield from (model._meta.get_field(name) for model, name in _BINARY)


def _rotate(field: Any) -> Rotation:
    meta = field.model._meta
    table, column, key = meta.db_table, field.column, meta.pk.column
    written = frozen = 0
    for part in _parts(table, column, key):
        changed = [(new, pk) for pk, held in part if (new := _renewed(held)) is not None]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(
                    f'UPDATE "{table}" SET "{column}" = %s WHERE "{key}" = %s',  # noqa: S608  # nosec B608
                    changed,
                )
            written += len(changed)
        except DatabaseError:
            frozen += len(changed)
    return Rotation(f"{table}.{column}", written, frozen)


def _parts(table: str, column: str, key: str) -> Iterator[list[tuple[Any, Any]]]:
    """Raw values in batches by primary key, as the database stores them."""
    last: Any = None
    while True:
        after = f'AND "{key}" > %s' if last is not None else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{key}", "{column}" FROM "{table}" '  # noqa: S608  # nosec B608
                f'WHERE "{column}" IS NOT NULL {after} ORDER BY "{key}" LIMIT {BATCH}',
                [last] if last is not None else [],
            )
            part = cursor.fetchall()
        if not part:
            return
        yield part
        last = part[-1][0]


def _renewed(held: Any) -> Any:
    """The value under the newest key, of its own type; None where it is already."""
    if not held:
        return None
    if isinstance(held, str):
        new = rotated(held.encode())
        return new and new.decode()
    return rotated(bytes(held))


def _rotate_second_factors() -> int:
    written = 0
    for factor in Authenticator.objects.iterator():
        data = {key: _secret(value) for key, value in factor.data.items()}
        if data != factor.data:
            Authenticator.objects.filter(pk=factor.pk).update(data=data)
            written += 1
    return written


def _secret(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("gAAAA"):
        return value
    return _renewed(value) or value
