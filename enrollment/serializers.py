"""Enrollments, marks and results as the API shows and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from agencies.models import Agency
from common.api.serializers import (
    KeyField,
    ReasonSerializer,
    Row,
    RowSerializer,
    StrictModelSerializer,
    StrictSerializer,
    columns,
    example,
)
from courses.models import CalendarAddress, CourseRun
from courses.serializers import SEATS, SessionChangeSerializer, run_field
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import (
    Attendance,
    ClassMessage,
    ClassMessageRecipient,
    Completion,
    Enrollment,
)
from enrollment.services.class_messages import (
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    runs_to_write_about,
)
from enrollment.services.details import DETAIL_FIELDS
from notices.models import NoticeState
from people.models import Trainee
from people.querysets import TraineeQuerySet

MOST_MARKS = 5_000


class EnrollmentSerializer(RowSerializer):
    run = serializers.CharField(source="run.code")
    trainee = serializers.CharField(source="trainee.code", help_text="The trainee code.")
    full_name = serializers.SerializerMethodField()
    sending_agency = serializers.CharField(source="sending_agency.slug")

    class Meta:
        model = Enrollment
        fields: tuple[str, ...] = (
            "run", "trainee", "full_name", "sending_agency", "state", "state_since",
            *DETAIL_FIELDS, "withdrawal_reason", "waiting_number", "score", "recorded_at",
        )  # fmt: skip
        extra_kwargs = {
            "remarks": {"help_text": "What the agency noted."},
            "withdrawal_reason": {"help_text": "Why it was rejected, withdrawn or cancelled."},
            "score": {"help_text": "Of ten, as text."},
        }

    @columns("person_visibility", "trainee__full_name", "name_as_sent")
    def get_full_name(self, row: Row) -> str:
        return str(row["trainee__full_name"] if row["person_visibility"] else row["name_as_sent"])


class EnrollmentWarningSerializer(serializers.Serializer[Any]):
    code = serializers.ChoiceField(choices=["time_clash", "prerequisite_missing"])
    message = serializers.CharField()


class NewEnrollmentSerializer(EnrollmentSerializer):
    """An enrollment that was made, with what speaks against it."""

    warnings = serializers.SerializerMethodField()

    class Meta(EnrollmentSerializer.Meta):
        fields = (*EnrollmentSerializer.Meta.fields, "warnings")

    @extend_schema_field(EnrollmentWarningSerializer(many=True))
    @columns()
    def get_warnings(self, row: Row) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self.context["view"].warnings
        return found


@example(
    "A nomination",
    run="AI-101-01",
    trainee="HV-7K3M9QXB",
    sending_agency="bo-y-te",
    position="Chuyên viên",
)
class EnrollSerializer(StrictModelSerializer):
    """A person to nominate, or oneself to ask for a seat."""

    run = run_field()
    trainee = KeyField("code", queryset=Trainee.objects.all(), scope=TraineeQuerySet.visible_to)
    sending_agency = serializers.CharField(max_length=50, required=False)

    class Meta:
        model = Enrollment
        fields = ("run", "trainee", "sending_agency", *DETAIL_FIELDS)


class StepSerializer(StrictSerializer):
    """A step of an enrollment; ``expected_state``: refused with 409 where it has changed."""

    expected_state = serializers.ChoiceField(choices=EnrollmentState.choices, required=False)
    reason = serializers.CharField(max_length=200, required=False)


class CalendarSerializer(RowSerializer):
    number = serializers.IntegerField(source="pk")
    run = serializers.CharField(
        source="run.code", allow_null=True, help_text="Of scope run: the class."
    )

    class Meta:
        model = CalendarAddress
        fields: tuple[str, ...] = ("number", "scope", "run", "recorded_at")


class NewCalendarSerializer(CalendarSerializer):
    """An address that was created, with its secret."""

    address = serializers.SerializerMethodField()

    class Meta(CalendarSerializer.Meta):
        fields = (*CalendarSerializer.Meta.fields, "address")

    @columns()
    def get_address(self, row: Row) -> str:
        return str(self.context["view"].address)


@example("The calendar of one class", scope="run", run="AI-101-01")
class WantedCalendarSerializer(StrictModelSerializer):
    """Which calendar: one's own classes, those that one teaches, or one class."""

    run = run_field(required=False)

    class Meta:
        model = CalendarAddress
        fields = ("scope", "run")


class AttendanceSerializer(RowSerializer):
    run = serializers.CharField(source="enrollment.run.code")
    session = serializers.IntegerField(
        source="session.number", help_text="The number of the session."
    )
    trainee = serializers.CharField(source="enrollment.trainee.code", help_text="The trainee code.")

    class Meta:
        model = Attendance
        fields = ("run", "session", "trainee", "mark", "evidence", "recorded_at")


class MarkSerializer(StrictSerializer):
    session = serializers.IntegerField(min_value=0, max_value=32767)
    trainee = serializers.CharField(max_length=11)
    mark = serializers.ChoiceField(choices=Mark.choices)


@example(
    "One mark",
    run="AI-101-01",
    evidence="signed_sheet",
    marks=[{"session": 1, "trainee": "HV-7K3M9QXB", "mark": "present"}],
)
class MarksSerializer(StrictSerializer):
    """Marks of one run, with what they rest on."""

    run = run_field()
    evidence = serializers.ChoiceField(choices=Evidence.choices)
    marks = serializers.ListField(child=MarkSerializer(), min_length=1, max_length=MOST_MARKS)


class RecordedSerializer(serializers.Serializer[Any]):
    recorded = serializers.IntegerField()


class CompletionSerializer(RowSerializer):
    run = serializers.CharField(source="run.code")
    course = serializers.CharField(source="course_code")
    trainee = serializers.CharField(source="trainee.code", help_text="The trainee code.")
    full_name = serializers.CharField(source="trainee.full_name")
    sending_agency = serializers.CharField(source="sending_agency.slug")

    class Meta:
        model = Completion
        fields = (
            "run", "course", "trainee", "full_name", "completed_on", "day_reason", "periods",
            "score", "grade", "attendance_percent", "rule_met", "evidence", "sending_agency",
            "agency_kind", "sector", "trainee_kind", "recorded_at", "voided_at", "void_reason",
        )  # fmt: skip
        extra_kwargs = {"score": {"help_text": "Of ten, as text."}}


@example(
    "A certificate on paper",
    run="AI-101-01",
    trainee="HV-7K3M9QXB",
    sending_agency="bo-y-te",
    completed_on="2024-06-04",
    score="8.50",
)
class PaperSerializer(StrictModelSerializer):
    """A past result on paper; another day than the class's own needs ``reason`` and ``scan``."""

    run = run_field()
    trainee = KeyField("code", queryset=Trainee.objects.all())
    sending_agency = KeyField("slug", queryset=Agency.objects.all())

    reason = serializers.CharField(max_length=250, required=False)
    scan = serializers.CharField(
        max_length=64, required=False, help_text="SHA-256 of a scan stored with the class."
    )

    class Meta:
        model = Completion
        fields = (
            "run", "trainee", "sending_agency", "completed_on", "score", "trainee_kind", "reason",
            "scan",
        )  # fmt: skip
        extra_kwargs = {"score": {"min_value": 0, "max_value": 10}}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sha256 := attrs.pop("scan", ""):
            attrs["paper"] = attrs["run"].paper_evidence.filter(sha256=sha256.lower()).first()
            if attrs["paper"] is None:
                raise serializers.ValidationError(
                    {"scan": _("The class has no scan with this checksum.")}
                )
        return attrs


class SuccessorSerializer(StrictSerializer):
    agency = KeyField("slug", queryset=Agency.objects.all(), help_text="The slug of the successor.")


class ClosingSerializer(serializers.Serializer[Any]):
    completed = serializers.IntegerField()
    not_completed = serializers.IntegerField()
    already = serializers.IntegerField()


class RunChangeSerializer(StrictModelSerializer):
    """What is not sent stays. The first day, and cancelling, are actions of their own."""

    class Meta:
        model = CourseRun
        fields = (
            "capacity", "venue", "link", "ends_on", "enrollment_opens_on", "enrollment_closes_on",
        )  # fmt: skip
        extra_kwargs = {"capacity": SEATS}


def _agreed_recipients() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0,
        max_value=1_000_000,
        required=False,
        help_text="Where more than ten people are written to: how many, as somebody has seen.",
    )


class AgreedSerializer(StrictSerializer):
    agreed_recipients = _agreed_recipients()


class CancelSerializer(ReasonSerializer):
    agreed_recipients = _agreed_recipients()


class SessionMoveSerializer(SessionChangeSerializer):
    """What is not sent stays."""

    agreed_recipients = _agreed_recipients()

    class Meta(SessionChangeSerializer.Meta):
        fields = (*SessionChangeSerializer.Meta.fields, "agreed_recipients")


class NotifiedSerializer(serializers.Serializer[Any]):
    notified = serializers.IntegerField(help_text="How many people are written to.")


class ClassMessageSerializer(RowSerializer):
    run = serializers.CharField(source="run.code")

    class Meta:
        model = ClassMessage
        fields = ("id", "run", "subject", "body", "sent_at", "sent_by", "sent_as", "people")


def _keys(child: serializers.Field[Any, Any, Any, Any], **options: Any) -> serializers.ListField:
    return serializers.ListField(child=child, required=False, max_length=1_000, **options)


@example(
    "To everyone with a seat",
    run="AI-101-01",
    subject="Tài liệu buổi 1",
    body="Xin {full_name} đọc tài liệu trước buổi học.",
    states=["enrolled"],
    agreed_recipients=25,
)
class NewClassMessageSerializer(StrictSerializer):
    """A message to people of a run: those of ``trainees``, else everyone in one of ``states``."""

    run = KeyField("code", queryset=CourseRun.objects.all(), scope=runs_to_write_about)
    subject = serializers.CharField(max_length=LONGEST_SUBJECT)
    body = serializers.CharField(
        max_length=LONGEST_TEXT,
        help_text="May name `{full_name}`, `{agency}`, `{class_title}`, `{class_code}`, "
        "`{starts_on}`, `{ends_on}`, `{venue}`, `{link}`.",
    )
    states = _keys(serializers.ChoiceField(choices=EnrollmentState.choices))
    trainees = _keys(serializers.CharField(max_length=11), help_text="Trainee codes.")
    materials = _keys(
        serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        help_text="Ids of materials of the run, as in the addresses of their files.",
    )
    agreed_recipients = serializers.IntegerField(
        min_value=0, max_value=1_000_000, help_text="How many people, as somebody has seen."
    )


class ClassMessageRecipientSerializer(RowSerializer):
    trainee = serializers.CharField(source="enrollment.trainee.code", help_text="The trainee code.")
    state = serializers.SerializerMethodField()
    sent_at = serializers.DateTimeField(source="notice.sent_at", allow_null=True)
    letter_printed_at = serializers.DateTimeField(source="letter.printed_at", allow_null=True)

    class Meta:
        model = ClassMessageRecipient
        fields = ("trainee", "state", "sent_at", "letter_printed_at")

    @extend_schema_field(serializers.ChoiceField(choices=[*NoticeState.values, "letter", "erased"]))
    @columns("notice__state", "letter")
    def get_state(self, row: Row) -> str:
        return str(row["notice__state"] or ("letter" if row["letter"] else "erased"))
