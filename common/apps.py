from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate

from common import append_only


def _protect_tables(using: str, **_: Any) -> None:
    append_only.install(connections[using])


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        post_migrate.connect(_protect_tables, sender=self, dispatch_uid="append_only")
