from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from common import append_only, guards, pending_changes


def _protect_tables(app_config: AppConfig, using: str, **_: Any) -> None:
    append_only.install(connections[using], app_config.label)
    guards.install(connections[using], app_config.label)
    pending_changes.install(connections[using], app_config.label)


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        # From every app: Django sends the signal for apps with models alone, and this has none.
        post_migrate.connect(_protect_tables, dispatch_uid="append_only")
