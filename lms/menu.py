"""The main menu: for each role its jobs, and for each job its pages.

A page stands in the menu only if the access rule of its view lets the visitor in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Role
from common.access import ANYBODY, SIGNED_IN


# Entries are compared by identity: a comparison of their labels would translate them.
@dataclass(frozen=True, eq=False)
class Page:
    """``covers``: path prefixes of further pages that belong to it; ``query``: what is asked."""

    route: str
    label: Promise
    covers: tuple[str, ...] = ()
    query: str = ""

    @property
    def link(self) -> str:
        return self.address + self.query

    @cached_property
    def address(self) -> str:
        return reverse(self.route)

    def length_of_match(self, path: str) -> int:
        """How much of the path names this page: 0 where it is another page's."""
        if path == self.address:
            return len(path)
        prefixes = (self.address, *self.covers) if self.address != "/" else self.covers
        return max((len(start) for start in prefixes if path.startswith(start)), default=0)


@dataclass(frozen=True, eq=False)
class Job:
    """An entry of the menu; it leads to its first page."""

    label: Promise
    pages: tuple[Page, ...]


@dataclass(frozen=True)
class Location:
    """Where in the menu a path is."""

    job: Job
    page: Page
    is_page: bool  # the page itself, not something beneath it

    @property
    def current(self) -> str:
        """``aria-current`` of the entry: the page itself, or another page of the same job."""
        return "page" if self.is_page and self.page == self.job.pages[0] else "true"

    @property
    def above(self) -> list[tuple[str, Promise]]:
        """What a breadcrumb leads back to: address and label, the nearest last."""
        first = self.job.pages[0]
        found = [(first.link, self.job.label)]
        if self.page != first:
            found.append((self.page.link, self.page.label))
        return found


_LIST_OF_CLASSES = Page("runs", _("List of classes"), covers=("/check-in/",))
_COURSES = Page("courses", _("Courses"))
_ROSTERS = Page("rosters", _("Rosters"))
_EVALUATIONS = Page("evaluations", _("Evaluations"))
_FRAMEWORKS = Page("frameworks", _("Competency frameworks"))
_AUDIENCES = Page("audiences", _("Audiences"))
_EFFECT = Page("effect", _("Effect after training"))
_PROFILES = Page("people", _("Profiles"), covers=("/explain/",))
_TRAINING = Page("training_matrix", _("Courses completed"))
_MERGES = (Page("pairs", _("Possible duplicates")), Page("merges", _("Merges")))
_TRANSFERS = Page("transfer_requests", _("Transfer requests"))
_LETTERS = Page("unmailed_letters", _("Letters to print"))
_DATA_REQUESTS = Page("data_requests", _("Requests about data"))
_REGISTER = Page("certificates", _("Certificate register"))
_DESIGNS = (
    Page("certificate_designs", pgettext_lazy("menu", "Designs")),
    Page("issuers", _("Signers and signing keys"), covers=("/certificates/signers/",)),
)
_DOWNLOADS = Page("certificate_bundles", pgettext_lazy("menu", "Downloads"))
_NUMBER = Page("number", _("Figures by date"))
_TARGETS = Page("targets", _("Targets and quotas"))
_RECONCILE = Page("reconcile", _("Reconciliation"))
_REPORTS = Page("reports", _("Period reports"))
_INDICATORS = Page("indicators", _("Other indicators"))
_TASKS = Page("tasks", pgettext_lazy("menu", "Tasks"))
_RULES = Page("counting_rules", _("Counting rules"))
_AGENCIES = Page("agencies", _("Agencies"))
_AUDIT = Page("audit", pgettext_lazy("menu", "Audit log"))
_RETENTION = Page("retention", _("Retention and archive"))
_SYSTEM = (
    Page("accounts", _("Users")),
    Page("message_outbox", _("Messages"), covers=("/messages/",)),
    Page("jobs", _("Jobs")),
)

MENUS: dict[str, tuple[Job, ...]] = {
    Role.PROGRAMME_OFFICE: (
        Job(_("Overview"), (Page("my", _("Overview")),)),
        Job(
            pgettext_lazy("menu", "Classes"),
            (
                _LIST_OF_CLASSES,
                _COURSES,
                _ROSTERS,
                Page("outside_courses", _("Outside courses")),
                _EVALUATIONS,
                _EFFECT,
                _FRAMEWORKS,
            ),
        ),
        Job(
            pgettext_lazy("menu", "Trainees"),
            (
                _PROFILES,
                _TRAINING,
                _AUDIENCES,
                Page("people_accounts", _("Trainee accounts")),
                *_MERGES,
                _TRANSFERS,
                _LETTERS,
                _DATA_REQUESTS,
            ),
        ),
        Job(pgettext_lazy("menu", "Certificates"), (_REGISTER, *_DESIGNS, _DOWNLOADS)),
        Job(
            _("Targets & reports"),
            (
                _NUMBER,
                _TARGETS,
                Page("forecast", _("Forecast")),
                _RECONCILE,
                _REPORTS,
                _INDICATORS,
                _TASKS,
            ),
        ),
        Job(
            pgettext_lazy("menu", "Administration"),
            (
                _AGENCIES,
                *_SYSTEM,
                _RULES,
                _AUDIT,
                _RETENTION,
                Page("first_steps", _("First steps")),
            ),
        ),
    ),
    Role.AUDITOR: (
        Job(_("Overview"), (Page("my", _("Overview")),)),
        Job(
            _("Targets & reports"),
            (
                _NUMBER,
                _RECONCILE,
                _REPORTS,
                Page("counted_sample", _("Sample")),
                _TARGETS,
                _INDICATORS,
                _RULES,
            ),
        ),
        Job(
            pgettext_lazy("menu", "Classes"),
            (_LIST_OF_CLASSES, _COURSES, _ROSTERS, _EVALUATIONS, _EFFECT, _FRAMEWORKS),
        ),
        Job(
            pgettext_lazy("menu", "Trainees"),
            (_PROFILES, _TRAINING, _AUDIENCES, *_MERGES, _TRANSFERS, _LETTERS, _DATA_REQUESTS),
        ),
        Job(pgettext_lazy("menu", "Certificates"), (_REGISTER, *_DESIGNS, _DOWNLOADS)),
        Job(
            pgettext_lazy("menu", "Audit log"),
            (_AUDIT, Page("audit_chain", _("Integrity")), _RETENTION, _AGENCIES, *_SYSTEM),
        ),
    ),
    Role.COORDINATOR: (
        Job(_("Overview"), (Page("my", _("Overview")),)),
        Job(
            _("My agency's people"),
            (
                _PROFILES,
                _TRAINING,
                _AUDIENCES,
                Page("people_accounts", _("Trainee accounts")),
                _TRANSFERS,
                _LETTERS,
                _AGENCIES,
                _EFFECT,
            ),
        ),
        Job(
            pgettext_lazy("menu", "Nominate"),
            (Page("runs", _("Open classes"), query="?state=open"), _COURSES),
        ),
        Job(
            _("Rosters"),
            (
                Page("rosters", _("Uploaded rosters")),
                Page("export_rosters", _("Export rosters")),
                Page("schedules", _("Monthly lists")),
            ),
        ),
        Job(pgettext_lazy("menu", "Certificates"), (_REGISTER, _DOWNLOADS)),
        Job(_("Targets & tasks"), (_TARGETS, _TASKS, _INDICATORS, _NUMBER)),
    ),
    Role.TRAINER: (
        Job(_("Today"), (Page("my", _("Today")),)),
        Job(_("My classes"), (Page("runs", _("My classes"), query="?mine=on"), _EVALUATIONS)),
        Job(_("Courses"), (_COURSES,)),
        Job(pgettext_lazy("menu", "Trainees"), (_PROFILES, _TRAINING, _REGISTER)),
    ),
    Role.TRAINEE: (
        Job(
            _("My page"),
            (
                Page("my", _("My page"), covers=("/explain/",)),
                Page("my_follow_ups", _("Use at work")),
            ),
        ),
        Job(_("Open classes"), (_COURSES, _LIST_OF_CLASSES)),
        Job(pgettext_lazy("menu", "Certificates"), (Page("certificates", _("Certificates")),)),
        Job(_("My data"), (Page("my_data", _("My data")), Page("my_record", _("Training record")))),
    ),
    ANYBODY: (
        Job(_("Progress"), (Page("home", _("Progress")),)),
        Job(_("Courses"), (_COURSES,)),
        Job(_("Verify a certificate"), (Page("verify", _("Verify a certificate")),)),
    ),
}


@cache
def jobs_of(roles: frozenset[str] | None) -> tuple[Job, ...]:
    """The menu of who has these roles; ``None`` has not signed in.

    Of several roles the first in the order above leads; the others add what it lacks.
    """
    if roles is None:
        return MENUS[ANYBODY]
    found: dict[str, Job] = {}
    for role in [role for role in MENUS if role in roles] or [ANYBODY]:
        known = {page.route for job in found.values() for page in job.pages}
        found |= {
            job.pages[0].route: job
            for job in _open_to(MENUS[role], roles)
            if job.pages[0].route not in known
        }
    return tuple(found.values())


# A page asks twice, for its head and its breadcrumb.
@lru_cache(maxsize=256)
def location_of(jobs: tuple[Job, ...], path: str) -> Location | None:
    found = [(page.length_of_match(path), job, page) for job in jobs for page in job.pages]
    length, job, page = max(found, key=lambda match: match[0])
    return Location(job, page, is_page=path == page.address) if length else None


def _open_to(jobs: Iterable[Job], roles: frozenset[str]) -> Iterator[Job]:
    for job in jobs:
        if pages := tuple(page for page in job.pages if may_open(page, roles)):
            yield Job(job.label, pages)


def may_open(page: Page, roles: frozenset[str]) -> bool:
    visitors: tuple[str, ...] = vars(resolve(page.address).func)["allow"]
    return ANYBODY in visitors or SIGNED_IN in visitors or not roles.isdisjoint(visitors)
