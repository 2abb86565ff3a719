"""The outbox for those who answer for it: every message and its state."""

from django.contrib import admin

from common.reading_room import ReadOnlyAdmin
from notices.models import Notice


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("recipient", "subject", "state", "attempts", "created_at", "sent_at")
    list_filter = ("state", "language")
    search_fields = ("recipient", "subject")
    date_hierarchy = "created_at"
    # The text may hold a link that signs its recipient in.
    exclude = ("body", "html_body")
