from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import SimpleAdminConfig

from lms.watching import start_watching


class LmsConfig(AppConfig):
    name = "lms"
    default = True

    def ready(self) -> None:
        import_module("lms.checks")
        start_watching(settings.WATCHING)


class AdminConfig(SimpleAdminConfig):
    """Replaces Django's admin site by ours."""

    default = False
    default_site = "lms.admin_site.ReadOnlyAdminSite"
