import datetime as dt
from typing import Any

_OF_THE_ROW = ("id", "believed_until", "replaced_by")


def store_former(row: Any, now: dt.datetime) -> None:
    """Copy the stored values of a versioned row, believed until now, to a row of their own."""
    fields = [one for one in row._meta.concrete_fields if one.name not in _OF_THE_ROW]
    former = {one.attname: getattr(row, one.attname) for one in fields}
    type(row)._default_manager.create(**former, believed_until=now, replaced_by=row)
