"""Jobs for those who look after the site: to read, not to change."""

from django.contrib import admin

from common.read_only_admin import ReadOnlyAdmin
from jobs.models import Job, TimedTaskRun, WorkerHeartbeat


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "state", "actor_label", "done", "total", "attempts", "created_at")
    list_filter = ("state", "kind")
    filter_lookups = ("state__exact", "kind")
    date_hierarchy = "created_at"
    # Not payload, error and result, which may hold personal values; nor the owner's account.
    fields = (
        "kind", "state", "actor_label", "done", "total", "attempts", "error_code",
        "cancel_requested", "stoppable", "lease_until", "created_at", "finished_at",
    )  # fmt: skip


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    list_display = fields = ("name", "seen_at")


@admin.register(TimedTaskRun)
class TimedTaskRunAdmin(ReadOnlyAdmin):
    list_display = fields = ("name", "first_begun_at", "succeeded_at", "failed_at")
