"""Jobs for those who look after the site: to read, not to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import Job, WorkerHeartbeat


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows are written by workers alone."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "state", "actor_label", "done", "total", "attempts", "created_at")
    list_filter = ("state", "kind")
    date_hierarchy = "created_at"
    # The result may hold personal values; its owner finds it on the job's page.
    exclude = ("result",)


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "seen_at")
