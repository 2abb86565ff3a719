"""Certificates as the API shows and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from certificates.choices import BatchState, CertificateState, DuplicateState
from certificates.models import AttendanceConfirmation, Bundle, Certificate
from common.api.serializers import KeyField, Row, RowSerializer, StrictSerializer, columns, example
from courses.models import CourseRun
from courses.querysets import CourseRunQuerySet
from courses.serializers import run_field


def _seen_by(rows: AgencyQuerySet, user: User) -> AgencyQuerySet:
    return rows.seen_by(user)


class CertificateSerializer(RowSerializer):
    register_number = serializers.SerializerMethodField(help_text="As printed: 0012/2026/AI.")
    state = serializers.SerializerMethodField(help_text="As verification shows it.")
    run = serializers.CharField(source="completion.run.code")
    trainee = serializers.CharField(source="completion.trainee.code", help_text="The trainee code.")
    full_name = serializers.SerializerMethodField(help_text="As printed.")
    superseded_by = serializers.CharField(
        source="superseded_by.verification_code",
        allow_null=True,
        help_text="A verification code.",
    )

    class Meta:
        model = Certificate
        fields = (
            "verification_code", "register_number", "serial_number", "state", "run", "trainee",
            "full_name", "issued_at", "sha256", "superseded_by", "revoked_at", "revocation_reason",
        )  # fmt: skip
        extra_kwargs = {"sha256": {"help_text": "Blank until the file is made."}}

    @columns("register_number", "year", "register")
    def get_register_number(self, row: Row) -> str:
        return f"{row['register_number']:04d}/{row['year']}/{row['register']}"

    @extend_schema_field(serializers.ChoiceField(choices=CertificateState.choices))
    @columns("state", "completion__voided_at")
    def get_state(self, row: Row) -> str:
        is_void = row["state"] == CertificateState.ISSUED and row["completion__voided_at"]
        return str(CertificateState.REVOKED if is_void else row["state"])

    @columns("printed__full_name")
    def get_full_name(self, row: Row) -> str:
        return row["printed__full_name"] or ""


@example("All that a class still owes", run="AI-101-01")
class IssueSerializer(StrictSerializer):
    """Issue all that this run still owes."""

    run = run_field()


class HeldBackSerializer(serializers.Serializer[Any]):
    trainee = serializers.CharField(source="trainee_code")
    code = serializers.CharField()
    message = serializers.CharField()


class IssuingSerializer(serializers.Serializer[Any]):
    issued = serializers.IntegerField()
    already = serializers.IntegerField()
    held_back = HeldBackSerializer(many=True)
    batch = serializers.UUIDField(allow_null=True, help_text="The batch that makes the files.")


class BatchSerializer(serializers.Serializer[Any]):
    """The making of a run's certificates: ask again until its state is done or cancelled."""

    id = serializers.UUIDField()
    run = serializers.CharField(source="run.code")
    state = serializers.ChoiceField(choices=BatchState.choices)
    started_at = serializers.DateTimeField()
    made = serializers.IntegerField(help_text="Files of the run that are there.")
    still_to_come = serializers.IntegerField()
    held_back = HeldBackSerializer(many=True, help_text="Who gets none yet, and why.")
    warnings = HeldBackSerializer(many=True, help_text="Issued all the same.")
    problems = serializers.ListField(child=serializers.CharField(), help_text="Why jobs failed.")
    unconfirmed_names = serializers.IntegerField(
        help_text="People who had not confirmed the name that is printed."
    )


class DuplicateSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="As marked: Bản cấp lại lần 1.")
    state = serializers.ChoiceField(choices=DuplicateState.choices)
    problem = serializers.CharField(help_text="Why the file could not be made; or blank.")
    issued_at = serializers.DateTimeField(help_text="When it was recorded; the day that is marked.")
    made_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.CharField(help_text="Blank until the file is made.")


class DuplicatesSerializer(serializers.Serializer[Any]):
    duplicates = DuplicateSerializer(many=True)


class CredentialQuery(serializers.Serializer[Any]):
    """The credential alone, or inside the badge of its course."""

    form = serializers.ChoiceField(choices=["json", "png", "svg"], default="json")


class RegisterQuery(serializers.Serializer[Any]):
    """The register as a workbook, as an official document, or all files in a ZIP."""

    form = serializers.ChoiceField(choices=["xlsx", "pdf", "zip"], default="xlsx")
    run = serializers.CharField(required=False, max_length=40)
    year = serializers.IntegerField(required=False, min_value=0, max_value=9999)
    state = serializers.ChoiceField(required=False, choices=CertificateState.choices)


class AttendanceConfirmationSerializer(RowSerializer):
    """Not a certificate: who attended which part of a class."""

    register_number = serializers.SerializerMethodField(help_text="As printed: 0012/2026/XN.")
    run = serializers.CharField(source="enrollment.run.code")
    trainee = serializers.CharField(source="enrollment.trainee.code", help_text="The trainee code.")
    full_name = serializers.SerializerMethodField(help_text="As printed.")
    attended = serializers.SerializerMethodField(help_text="Sessions.")
    sessions_held = serializers.SerializerMethodField()
    superseded_by = serializers.CharField(
        source="superseded_by.verification_code",
        allow_null=True,
        help_text="A verification code.",
    )

    class Meta:
        model = AttendanceConfirmation
        fields = (
            "verification_code", "register_number", "state", "run", "trainee", "full_name",
            "attended", "sessions_held", "issued_at", "sha256", "superseded_by", "revoked_at",
            "revocation_reason",
        )  # fmt: skip
        extra_kwargs = {"sha256": {"help_text": "Blank until the file is made."}}

    get_register_number = CertificateSerializer.get_register_number
    get_full_name = CertificateSerializer.get_full_name

    @columns("printed__attended")
    def get_attended(self, row: Row) -> int:
        return int(row["printed__attended"])

    @columns("printed__sessions_held")
    def get_sessions_held(self, row: Row) -> int:
        return int(row["printed__sessions_held"])


@example("To all who attended without completing", run="AI-101-01")
class IssueConfirmationsSerializer(StrictSerializer):
    """Confirm attendance to all who qualify, or to some of them."""

    run = run_field()
    trainees = serializers.ListField(
        child=serializers.CharField(max_length=40),
        required=False,
        min_length=1,
        max_length=1000,
        help_text="Trainee codes.",
    )


class ConfirmationsIssuedSerializer(serializers.Serializer[Any]):
    issued = serializers.ListField(
        child=serializers.CharField(), help_text="Verification codes of the new ones."
    )
    held_back = HeldBackSerializer(many=True, help_text="Who of those chosen gets none, and why.")


@example("Of two classes", runs=["AI-101-01", "AI-101-02"])
@example("Of a quarter", since="2026-01-01", until="2026-03-31", agency="min-bkhcn")
class BundleWantedSerializer(StrictSerializer):
    """Which certificates: of runs, or of a period by the day of completion."""

    runs = KeyField(
        "code", queryset=CourseRun.objects.all(), scope=CourseRunQuerySet.visible_to,
        many=True, required=False,
    )  # fmt: skip
    agency = KeyField("slug", queryset=Agency.objects.all(), scope=_seen_by, required=False)
    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As ``request_bundle`` takes it, and as the page sends it."""
        since, until = attrs.get("since"), attrs.get("until")
        if since and until and until < since:
            message = _("The period cannot end before it starts.")
            raise serializers.ValidationError({"until": [message]})
        if not (attrs.get("runs") or since):
            message = _("Name the classes, or the first day of a period.")
            raise serializers.ValidationError({"runs": [message]})
        return {
            "runs": sorted(run.code for run in attrs.get("runs", ())),
            "agency": attrs["agency"].slug if "agency" in attrs else "",
            "since": since.isoformat() if since else "",
            "until": until.isoformat() if until else "",
        }


class BundleSerializer(RowSerializer):
    is_ready = serializers.SerializerMethodField()
    certificates = serializers.SerializerMethodField(help_text="0 until it is ready.")
    job = serializers.UUIDField(source="job_id", allow_null=True)

    class Meta:
        model = Bundle
        fields = ("id", "wanted", "is_ready", "certificates", "job", "asked_at", "expires_at")
        extra_kwargs = {"wanted": {"help_text": "runs, agency, since, until"}}

    @columns("archive")
    def get_is_ready(self, row: Row) -> bool:
        return bool(row["archive"])

    @columns("certificate_ids")
    def get_certificates(self, row: Row) -> int:
        return len(row["certificate_ids"])
