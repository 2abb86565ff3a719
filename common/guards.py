"""Rules between rows that the database enforces where a constraint cannot express them.

A guard is a trigger that refuses a row. As with ``append_only``, triggers are recreated after every
``migrate``: SQLite loses them whenever Django remakes a table.
"""

from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True)
class Guard:
    """Refuses rows of ``table`` for which ``condition`` holds (SQL over ``NEW``, both engines).

    Updates are checked when one of ``columns`` changes. A refusal is an IntegrityError.
    """

    name: str
    app_label: str
    table: str
    columns: tuple[str, ...]
    condition: str


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
    columns = ", ".join(f'"{column}"' for column in rule.columns)
    events = {"insert": "INSERT", "update": f"UPDATE OF {columns}"}
    if vendor == "postgresql":
        function = (
            f'CREATE OR REPLACE FUNCTION "{rule.name}"() RETURNS trigger LANGUAGE plpgsql AS $$ '
            f"BEGIN IF {rule.condition} THEN RAISE EXCEPTION 'refused: {rule.name}' "
            "USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$"
        )
        return [function] + [
            f'CREATE OR REPLACE TRIGGER "{rule.name}_{name}" BEFORE {event} ON "{rule.table}" '
            f'FOR EACH ROW EXECUTE FUNCTION "{rule.name}"()'
            for name, event in events.items()
        ]
    return [
        f'CREATE TRIGGER IF NOT EXISTS "{rule.name}_{name}" BEFORE {event} ON "{rule.table}" '
        f"WHEN {rule.condition} BEGIN SELECT RAISE(ABORT, 'refused: {rule.name}'); END"
        for name, event in events.items()
    ]
