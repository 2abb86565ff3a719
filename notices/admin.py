"""The outbox for those who answer for it: every message and its state."""

from django.contrib import admin

from common.read_only_admin import ReadOnlyAdmin
from notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("recipient", "subject", "state", "attempts", "created_at", "sent_at")
    list_filter = ("state", "language")
    filter_lookups = ("state__exact", "language")
    search_fields = ("recipient", "subject")
    date_hierarchy = "created_at"
    # Not the texts, which may hold a link that signs their recipient in; nor last_error, which
    # repeats what a mail server said.
    fields = (
        "recipient", "language", "subject", "state", "attempts",
        "not_before", "created_at", "sent_at",
    )  # fmt: skip
