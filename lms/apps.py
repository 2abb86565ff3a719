from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig

from common.registries import Deferred, narrowings


class LmsConfig(AppConfig):
    name = "lms"
    default = True

    def ready(self) -> None:
        import_module("lms.checks")
        narrowings.register("standing", Deferred("lms.people.of_standing"))


class AdminConfig(SimpleAdminConfig):
    """Django's admin behind our door; ``lms.urls`` names what it shows."""

    default = False
    default_site = "lms.admin_site.ReadingRoom"
