"""Rules between rows that the database enforces where a constraint cannot express them.

A guard is a trigger that refuses a row. As with ``append_only``, triggers are recreated after every
``migrate``: SQLite loses them whenever Django remakes a table.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper

from common import triggers


@dataclass(frozen=True)
class Guard:
    """Refuses rows of ``table`` for which ``condition`` holds (SQL over ``NEW``, both engines).

    Updates are checked when one of ``columns`` changes. A refusal is an IntegrityError. On
    PostgreSQL a ``lock`` (the key of an advisory lock) is held from the check to the end of the
    transaction: what others are writing meanwhile would not be seen.
    """

    name: str
    app_label: str
    table: str
    columns: tuple[str, ...]
    condition: str
    lock: int = 0


def no_circle(
    name: str,
    app_label: str,
    table: str,
    *,
    step: tuple[str, str],
    lock: int,
    believed: str = "",
    checked: str = "",
    ends_with: tuple[str, ...] = (),
) -> Guard:
    """Refuses a row whose ``step``, a column and the one it leads to, closes a circle.

    ``believed`` is SQL that says which rows count, over ``row`` and ``NEW``; by default all.
    ``checked`` says which new rows are looked at: to end one closes no circle, though it met others
    that never were in force together. Both read the columns ``ends_with``.
    """
    origin, target = step
    only = f"AND {believed}" if believed else ""
    condition = (  # names of our own tables and columns
        f'NEW."{origin}" IN (WITH RECURSIVE chain(id) AS (SELECT NEW."{target}" UNION '  # noqa: S608  # nosec B608
        f'SELECT row."{target}" FROM "{table}" AS row JOIN chain ON row."{origin}" = chain.id '
        f'WHERE row."{target}" IS NOT NULL {only}) SELECT id FROM chain WHERE id IS NOT NULL)'
    )
    if checked:
        condition = f"{checked} AND {condition}"
    return Guard(name, app_label, table, (*step, *ends_with), condition, lock)


_guards: dict[str, Guard] = {}


def guard(rule: Guard) -> None:
    """Takes effect with the next ``migrate``."""
    _guards[rule.name] = rule


def install(connection: BaseDatabaseWrapper, app_label: str = "") -> None:
    with connection.cursor() as cursor:
        for rule in _guards.values():
            if app_label not in {"", rule.app_label}:
                continue
            for statement in _statements(connection.vendor, rule):
                cursor.execute(statement)


def _statements(vendor: str, rule: Guard) -> list[str]:
    locking = f"PERFORM pg_advisory_xact_lock({rule.lock}); " if rule.lock else ""
    refusal = f"RAISE EXCEPTION 'refused: {rule.name}' USING ERRCODE = 'check_violation'"
    return triggers.statements(
        vendor,
        rule.name,
        "BEFORE",
        rule.table,
        rule.columns,
        pl=f"{locking}IF {rule.condition} THEN {refusal}; END IF; RETURN NEW;",
        sqlite=f"WHEN {rule.condition} BEGIN SELECT RAISE(ABORT, 'refused: {rule.name}'); END",
    )
