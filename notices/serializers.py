"""A reader's notifications, as the API shows them."""

from functools import cached_property
from typing import Any

from rest_framework import serializers

from common.api.serializers import Row, RowSerializer, columns
from notices.models import Notice
from notices.services.notifications import TextReader


class NotificationSerializer(RowSerializer):
    kind = serializers.CharField(help_text="What it is about; empty where it has no kind.")
    subject = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField(
        help_text="Empty where the text is for the reader's mailbox alone."
    )
    page = serializers.CharField(source="path", help_text="The page of this site; may be empty.")

    class Meta:
        model = Notice
        fields = ("id", "kind", "language", "subject", "text", "page", "created_at", "read_at")

    @columns("subject", "rights", "kind")
    def get_subject(self, row: Row) -> str:
        shown = {name: row[name] for name in ("subject", "rights", "kind")}
        return self._reader.subject_of(Notice(**shown))

    @columns("body", "link_kind", "rights", "kind")
    def get_text(self, row: Row) -> str:
        shown = {name: row[name] for name in ("kind", "body", "link_kind", "rights")}
        return self._reader.text_of(Notice(**shown))

    @cached_property
    def _reader(self) -> TextReader:
        # One serializer writes all rows of a list: what the reader may do is asked once.
        return TextReader(self.context["request"].user)


class ReadCountSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="How many were unread.")
