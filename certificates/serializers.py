"""Certificates as the API gives and takes them."""

from typing import Any

from rest_framework import serializers

from certificates.choices import CertificateState
from common.api import Strict


class CertificateSerializer(serializers.Serializer[Any]):
    verification_code = serializers.CharField()
    register_number = serializers.CharField(help_text="As printed: 0012/2026/AI.")
    serial_number = serializers.CharField()
    state = serializers.ChoiceField(
        choices=CertificateState.choices, help_text="As verification shows it."
    )
    run = serializers.CharField()
    trainee = serializers.CharField(help_text="The trainee code.")
    full_name = serializers.CharField(help_text="As printed.")
    issued_at = serializers.DateTimeField()
    sha256 = serializers.CharField(allow_blank=True, help_text="Blank until the file is made.")
    superseded_by = serializers.CharField(allow_null=True, help_text="A verification code.")
    revoked_at = serializers.DateTimeField(allow_null=True)
    revocation_reason = serializers.CharField(allow_blank=True)


class IssueSerializer(Strict):
    run = serializers.CharField(max_length=40, help_text="Issue all that this run still owes.")


class HeldBackSerializer(serializers.Serializer[Any]):
    trainee = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class IssuingSerializer(serializers.Serializer[Any]):
    issued = serializers.IntegerField()
    already = serializers.IntegerField()
    held_back = HeldBackSerializer(many=True)
    batch = serializers.UUIDField(allow_null=True, help_text="The batch that makes the files.")


class ReasonSerializer(Strict):
    reason = serializers.CharField(max_length=250)
