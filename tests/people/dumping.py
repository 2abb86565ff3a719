"""Everything stored in database and media folder, as a copied disk would show it."""

from pathlib import Path

from django.db import connection


def database() -> str:
    """Every value of every table as the database stores it."""
    with connection.cursor() as cursor:
        held = []
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(f"SELECT * FROM {name}")  # noqa: S608 - a table of our own
            held += [
                bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v)
                for row in cursor.fetchall()
                for v in row
            ]
    return "\n".join(held)


def media(folder: str | Path) -> str:
    files = sorted(f for f in Path(folder).rglob("*") if f.is_file())
    return "\n".join(f.read_bytes().decode("latin-1") for f in files)
