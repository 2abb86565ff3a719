"""A long roster is shown page by page, without decrypting the other rows."""

from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.deferred_messages import DeferredMessage
from jobs.models import Job
from rosters.choices import Outcome
from rosters.importing import check_job
from rosters.importing.preview import Preview
from rosters.importing.report import WARNED, RowResult, answers_to, tally
from rosters.importing.rows import Problem, RosterRow, RosterValues
from rosters.importing.staged_rows import new_parts, part_with
from rosters.models import RosterImport
from tests.architecture.world import make_roster
from tests.factories import make_agency, make_coordinator, make_run

pytestmark = pytest.mark.django_db

ROW = st.tuples(st.sampled_from(list(Outcome)), st.booleans())


def stored(upload: RosterImport, parts: list[list[tuple[Outcome, bool]]]) -> list[RowResult]:
    """Keep these outcomes, each with or without a warning, as parts of the upload."""
    found, tallies, numbers = [], [], count(2)
    rows = [[RosterRow(next(numbers), RosterValues("An")) for _ in part] for part in parts]
    for part, kept in zip(parts, new_parts(upload, iter(rows)), strict=True):
        results = [
            RowResult(row.number, outcome, row.values.full_name,
                      [Problem(row.number, "x", "y", DeferredMessage("z"), "warning")] * warned)
            for row, (outcome, warned) in zip(kept.rows, part, strict=True)
        ]  # fmt: skip
        kept.keep(results)
        tallies.append(tally(results))
        found += results
    upload.report = {"written": False, "enrolled": 0, "waitlisted": 0, "pending": 0}
    upload.report["parts"] = tallies
    upload.save()
    return found


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(st.lists(ROW, min_size=1, max_size=5), min_size=1, max_size=4),
    key=st.sampled_from(["", WARNED, *Outcome]),
    start=st.integers(0, 12),
    size=st.integers(1, 7),
)
def test_a_page_shows_the_same_as_reading_everything(upload, parts, key, start, size):
    everything = stored(upload, parts)
    wanted = [result for result in everything if answers_to(result, key)]
    rows = Preview(upload).rows(key)
    assert len(rows) == Preview(upload).count(key) == len(wanted)
    assert [row.result for row in rows[start : start + size]] == wanted[start : start + size]
    upload.report.pop("parts")
    again = Preview(upload).rows(key)[start : start + size]
    assert [row.result for row in again] == wanted[start : start + size]


@pytest.fixture
def upload():
    agency = make_agency()
    return make_roster(make_run(), agency, make_coordinator(agency))


def opened(queries: CaptureQueriesContext) -> int:
    """How many queries read the rows of parts."""
    return sum(
        '"rosters_stagedpart"."content"' in query["sql"] and query["sql"].startswith("SELECT")
        for query in queries.captured_queries
    )


def test_a_page_opens_the_parts_that_it_shows(upload, client):
    stored(upload, [[(Outcome.CREATED, False)]] * 5 + [[(Outcome.REJECTED, False)]])
    client.force_login(upload.uploaded_by)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(reverse("roster", args=[upload.pk]), {"show": "rejected"})
    assert [row["number"] for row in page.context["rows"]] == [7]
    assert opened(queries) == 1


def test_nothing_is_opened_while_a_job_works(upload, client):
    user = upload.uploaded_by
    upload.job = Job.objects.create(kind="import_roster", owner=user, actor_label="test")
    upload.save()
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("roster", args=[upload.pk]))
    assert opened(queries) == 0
    assert not any('"rosters_rosterimport"."content"' in q["sql"] for q in queries.captured_queries)


def test_a_row_is_found_by_halves(upload):
    stored(upload, [[(Outcome.CREATED, False)]] * 8)
    with CaptureQueriesContext(connection) as queries:
        found = part_with(upload, 9)
    assert found is not None
    assert [row.number for row in found.rows] == [9]
    assert opened(queries) <= 4
    assert part_with(upload, 1) is None
    assert part_with(upload, 99) is None


def test_counts_follow_when_rows_are_checked_again(upload):
    stored(upload, [[(Outcome.REJECTED, True)], [(Outcome.REJECTED, False)]])
    check_job.plan_again(upload)
    preview = Preview(RosterImport.objects.get(pk=upload.pk))
    assert [preview.count(key) for key in ("", Outcome.CREATED, WARNED)] == [2, 2, 0]
