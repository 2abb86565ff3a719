from django.db import connection


def lock_until_commit(key: int) -> None:
    """Let nobody else pass here with the same key before this transaction ends.

    SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
