"""What SQLite holds unique in a table, as conditions that a trigger can ask about."""

from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """``condition`` is that of a partial index."""

    columns: tuple[str, ...]
    condition: str
    all_columns: tuple[str, ...]

    def is_taken(self, table: str, which: str = "") -> str:
        """SQL: another row has the key of NEW; ``which`` limits those rows."""
        same = [f'"{column}" = NEW."{column}"' for column in self.columns]
        asked = " AND ".join([*same, *filter(None, (which, self._in_brackets))])
        taken = f'EXISTS (SELECT 1 FROM "{table}" WHERE {asked})'  # noqa: S608  # nosec B608
        return f"({taken} AND {self._new_meets_it})" if self.condition else taken

    @property
    def _in_brackets(self) -> str:
        return f"({self.condition})" if self.condition else ""

    @property
    def _new_meets_it(self) -> str:
        # The index condition names bare columns, so NEW is selected as a table of one row.
        values = ", ".join(f'NEW."{column}" AS "{column}"' for column in self.all_columns)
        return f"EXISTS (SELECT 1 FROM (SELECT {values}) WHERE {self.condition})"  # noqa: S608  # nosec B608


def sqlite_keys(cursor: CursorWrapper, table: str) -> list[UniqueKey]:
    cursor.execute(f'PRAGMA table_info("{table}")')
    described = cursor.fetchall()
    every = tuple(row[1] for row in described)
    keys = [UniqueKey(tuple(row[1] for row in described if row[5]), "", every)]
    cursor.execute(
        "SELECT list.name, master.sql FROM pragma_index_list(%s) AS list "
        "JOIN sqlite_master AS master ON master.name = list.name "
        'WHERE list."unique" AND list.origin <> %s ORDER BY list.name',
        [table, "pk"],
    )
    for name, sql in cursor.fetchall():
        cursor.execute(f'PRAGMA index_info("{name}")')
        columns = tuple(row[2] for row in cursor.fetchall())
        if None in columns:
            raise NotImplementedError(f"{name} is unique over an expression, not over columns")
        _head, _where, condition = (sql or "").partition(" WHERE ")
        keys.append(UniqueKey(columns, condition, every))
    return keys
