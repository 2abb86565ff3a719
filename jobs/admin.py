"""Jobs for those who look after the site: to read, not to change."""

from django.contrib import admin

from common.reading_room import ReadOnlyAdmin
from jobs.models import Job, WorkerHeartbeat


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
