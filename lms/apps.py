from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig

from common.registries import Deferred, agency_sections, log_names
from lms.watching import start_watching

# Details of the audit log by what names them, in lms/log_names.py.
_NAMED = {
    "user": "users", "trainee": "trainees", "agency": "agencies", "agencies": "agencies",
    "predecessors": "agencies", "successors": "agencies", "course": "courses", "run": "runs",
    "certificate": "certificates", "register_number": "certificates",
    "roster": "rosters", "report": "reports",
    "indicator": "indicators", "mark": "marks", "was": "marks", "evidence": "evidence",
    "state": "states", "role": "roles", "roles": "roles", "language": "languages",
    "signed_by": "signed_by", "answer": "answers", "sectors": "sectors", "kind": "kinds",
    "kinds": "kinds", "muted": "kinds",
}  # fmt: skip


class LmsConfig(AppConfig):
    name = "lms"
    default = True

    def ready(self) -> None:
        import_module("lms.checks")
        start_watching(settings.WATCHING)
        agency_sections.register("overview", Deferred("lms.views.agency.overview_of_agency"))
        for kind, resolver in _NAMED.items():
            log_names.register(kind, Deferred(f"lms.log_names.{resolver}"))


class AdminConfig(SimpleAdminConfig):
    """Replaces Django's admin site by ours."""

    default = False
    default_site = "lms.admin_site.ReadOnlyAdminSite"
