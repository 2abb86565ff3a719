"""Triggers that watch new rows of a table and changes of some of its columns, on both engines."""

from collections.abc import Sequence


def statements(
    vendor: str, name: str, when: str, table: str, columns: Sequence[str], *, pl: str, sqlite: str
) -> list[str]:
    """SQL that makes the triggers. ``when`` is BEFORE or AFTER.

    ``pl`` is what the function does on PostgreSQL; ``sqlite`` is what follows the event there.
    """
    changed = ", ".join(f'"{column}"' for column in columns)
    events = {"insert": "INSERT", "update": f"UPDATE OF {changed}"}
    watched = [f'"{name}_{kind}" {when} {event} ON "{table}"' for kind, event in events.items()]
    if vendor != "postgresql":
        return [f"CREATE TRIGGER IF NOT EXISTS {one} {sqlite}" for one in watched]
    function = f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ '
    return [f"{function}BEGIN {pl} END $$"] + [
        f'CREATE OR REPLACE TRIGGER {one} FOR EACH ROW EXECUTE FUNCTION "{name}"()'
        for one in watched
    ]
