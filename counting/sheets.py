from collections.abc import Iterable

from common.spreadsheets import Column, write_csv
from counting.output import Row


def figures_csv(rows: Iterable[Row]) -> bytes:
    columns = [Column(name, name) for name in ("by", "key", "label", "persons", "completions")]
    return b"".join(write_csv(columns, rows))
