from importlib import import_module

from django.apps import AppConfig


class LmsConfig(AppConfig):
    name = "lms"

    def ready(self) -> None:
        import_module("lms.checks")
