"""The percentages of a signed report in the reader's language."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from agencies.models import Agency
from common import formats
from targets.progress.value_changes import ACCEPTED_LATE, REPLACED, WITHDRAWN
from targets.views.measures import percent

Data = Mapping[str, Any]


def signed_percentages(rows: Iterable[Data]) -> list[dict[str, Any]]:
    """``rows`` as frozen by ``services.percentages_content``; agencies are named as today."""
    rows = list(rows)
    english = get_language() == "en"
    names: dict[str, str] = {}
    if rows and english:
        names = {slug: name for _id, slug, name in Agency.objects.id_slug_names()}
    return [_row(row, names) | {"title": _title(row, english=english)} for row in rows]


def _title(row: Data, *, english: bool) -> str:
    title: str = row["title_en"] if english and row["title_en"] else row["title_vi"]
    return title


def _row(row: Data, names: Mapping[str, str]) -> dict[str, Any]:
    previous = row["previous"]
    return {
        "base": row["base"],
        "part": _part(row),
        "percent": percent(row["percent"]),
        "of_all": percent(row["percent_of_all"]),
        "targets": [_target(goal) for goal in row["targets"]],
        "silent": [_agency(one, names) for one in row["states"] if one["state"] == "silent"],
        "previous": previous
        and {name: percent(previous[name]["percent"]) for name in ("signed", "now")},
        "changes": [_change(one, names) for one in row["changes"]],
    }


def _target(goal: Data) -> dict[str, str]:
    state, tone = (_("reached"), "good") if goal["met"] else (_("not reached"), "")
    if goal["met_by_reported"] and not goal["met"]:
        state, tone = _("reached in part"), "wait"
    least, day = f"≥ {goal['minimum']} %", formats.day(dt.date.fromisoformat(goal["due_on"]))
    return {"least": least, "due": day, "state": state, "tone": tone}


def _change(one: Data, names: Mapping[str, str]) -> dict[str, str]:
    new = one["replaced_by"]
    kinds = {
        WITHDRAWN: _("withdrawn"),
        REPLACED: _("replaced by %(part)s") % {"part": _dated(new) if new else ""},
        ACCEPTED_LATE: _("accepted after the last report was signed"),
    }
    return {
        "agency": _agency(one, names),
        "value": _dated(one),
        "what": kinds[one["kind"]],
        "reason": one["reason"],
        "at": formats.instant(dt.datetime.fromisoformat(one["at"])),
    }


def _agency(one: Data, names: Mapping[str, str]) -> str:
    return names.get(one["agency"], one["agency_name"])


def _dated(one: Data) -> str:
    return f"{_part(one)} ({formats.day(dt.date.fromisoformat(one['measured_on']))})"


def _part(one: Data) -> str:
    return f"{formats.number(one['numerator'])} / {formats.number(one['denominator'])}"
