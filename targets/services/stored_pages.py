"""Figures that take too long for a page of a long list: computed every night, shown at once.

Up to ``LIVE_UP_TO`` completions they are computed while the page waits, and are those of now.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import get_language, override

from accounts.models import User
from audit.services import Actor
from common import clock
from common.dates import parse_date, parse_moment
from counting.counter import counted
from jobs.models import Job
from jobs.stored_results import compute, facts, store, stored_result
from targets.job_types import COMPUTE_PAGE, PagePayload
from targets.models import PeriodReport
from targets.progress.adjustments import adjustments, in_readers_language
from targets.progress.changes_shown import changes_shown
from targets.progress.quality import quality, quality_shown

LIVE_UP_TO = 5_000
Context = dict[str, Any]


def _quality(key: str) -> Context:
    """``key``: as-of day and known-as-of, each may be missing: ``2024-12-31|``."""
    as_of, _between, known = key.partition("|")
    return quality_shown(
        quality(
            counted(
                parse_date(as_of) if as_of else None,
                known_as_of=parse_moment(known) if known else None,
            )
        )
    )


def _report(key: str) -> Context:
    """``key``: the report's code."""
    report = PeriodReport.objects.select_related("rule", "indicator").by_code(key).get()
    return changes_shown(in_readers_language(adjustments(report)))


_PAGES: dict[str, Callable[[str], Context]] = {"quality": _quality, "report": _report}


def page_context(page: str, key: str, completions: int) -> tuple[Context, Context | None]:
    """What the page shows, and how old it is where it was stored; empty if never computed."""
    if completions <= LIVE_UP_TO:
        return _PAGES[page](key), None
    row = stored_result(COMPUTE_PAGE.kind, f"{page}/{key}")
    found = facts(row)
    if row is None or row.computed_at is None:
        return {}, found
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return row.content[language], found


def compute_page(page: str, key: str, *, advance: Callable[[], object] = lambda: None) -> None:
    at, content = clock.now(), {}
    for language, _name in settings.LANGUAGES:
        advance()
        with override(language):
            content[language] = _PAGES[page](key)
    store(COMPUTE_PAGE.kind, content, key=f"{page}/{key}", at=at)


def start_page(page: str, key: str, *, by: Actor, owner: User | None) -> Job:
    """The job that computes a page anew, or the one under way."""
    payload = PagePayload(page=page, key=key)
    return compute(COMPUTE_PAGE, payload=payload, by=by, owner=owner, key=f"{page}/{key}")


def compute_pages(*, advance: Callable[[], object] = lambda: None) -> None:
    """Those that readers will ask for tomorrow."""
    if counted().completions > LIVE_UP_TO:
        compute_page("quality", "|", advance=advance)
    reports = PeriodReport.objects.not_reopened().filter(completions__gt=LIVE_UP_TO)
    for report in reports.without_names():
        compute_page("report", report.code, advance=advance)


def quality_key(as_of: dt.date | None, known_as_of: dt.date | dt.datetime | None) -> str:
    return "|".join(one.isoformat() if one else "" for one in (as_of, known_as_of))
