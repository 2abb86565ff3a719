"""Tasks of release 1.0 named their cooperating units in one line of text."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from tests.releases.history import walking_executor

AS_TEXT, AS_ROWS, IN_VERSIONS = (
    "0005_signed_report_files",
    "0006_progress_and_units_of_tasks",
    "0007_versions_of_answers",
)


@pytest.fixture
def empty_database(tmp_path: Path, db: None) -> Iterator[None]:
    """A database of SQLite in place of the tests' own."""
    usual = connections["default"]
    scratch = usual.copy()
    scratch.settings_dict["NAME"] = str(tmp_path / "empty.sqlite3")
    connections["default"] = scratch
    yield
    scratch.close()
    connections["default"] = usual


def tables_as_of(migration: str) -> Any:
    return walking_executor(connection).migrate([("targets", migration)]).apps


def test_names_become_agencies_where_they_are_ones_and_answers_stay_dated(empty_database):
    old = tables_as_of(AS_TEXT)
    agencies = {
        name: old.get_model("agencies", "Agency").objects.create(slug=slug, name_vi=name)
        for slug, name in (("bo-mot", "Bộ Một"), ("bo-hai", "Bộ Hai"))
    }
    recorded_at = dt.datetime(2025, 3, 1, tzinfo=dt.UTC)
    task = old.get_model("targets", "AgencyTask").objects.create(
        indicator=old.get_model("counting", "Indicator").objects.create(slug="x", unit="person"),
        agency=agencies["Bộ Một"],
        title="Mở lớp",
        due_on=dt.date(2025, 6, 1),
        responsible_unit="Vụ A",
        cooperating_units="Bộ Hai; Văn phòng, Bộ Hai,, Bộ Một",
        recorded_at=recorded_at,
    )
    units = tables_as_of(AS_ROWS).get_model("targets", "CooperatingUnit").objects.order_by("pk")
    found = [(unit.agency and unit.agency.slug, unit.other) for unit in units]
    assert found == [("bo-hai", ""), (None, "Văn phòng"), (None, "Bộ Một")]
    answered_at = recorded_at + dt.timedelta(days=9)
    units.filter(other="Văn phòng").update(
        answer="refused", answer_reason="Bận", answered_at=answered_at
    )
    units = tables_as_of(IN_VERSIONS).get_model("targets", "CooperatingUnit").objects.order_by("pk")
    assert [(unit.task_id, unit.change_reason, unit.believed_from) for unit in units] == [
        (task.pk, "", recorded_at),
        (task.pk, "Bận", answered_at),
        (task.pk, "", recorded_at),
    ]
