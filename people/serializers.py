"""People as the API gives and takes them: a number goes in whole and comes out masked."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from common.api import Strict
from common.dates import check_birth
from common.errors import DomainError
from common.identity import parse_email, parse_name, parse_personal_number, parse_phone
from common.vietnamese import tidy
from people.choices import Sex, TransferState


class Parsed(serializers.CharField):
    """Text read by the functions that read rosters, so that both take the same."""

    def __init__(self, parse: Callable[[str], str], **options: Any) -> None:
        self.parse = parse
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return self.parse(text)
        except DomainError as error:
            raise serializers.ValidationError(error.message, code=error.code) from error


def _digits(text: str) -> str:
    return parse_personal_number(text).digits


class TraineeSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    full_name = serializers.CharField()
    birth_date = serializers.DateField(allow_null=True)
    birth_year = serializers.IntegerField(allow_null=True)
    sex = serializers.ChoiceField(choices=Sex.choices, allow_blank=True)
    agency = serializers.CharField(help_text="The slug of the agency where they work now.")
    unit = serializers.CharField(allow_blank=True)
    position = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    personal_number = serializers.CharField(allow_blank=True, help_text="Masked: *********234.")
    is_merged = serializers.BooleanField(help_text="This row turned out to be another person's.")
    recorded_at = serializers.DateTimeField()


class ContactSerializer(Strict):
    """What may change in a person's row; what is not sent stays."""

    phone = Parsed(parse_phone, max_length=40, required=False)
    email = Parsed(parse_email, max_length=254, required=False)
    position = Parsed(tidy, max_length=150, required=False)
    unit = Parsed(tidy, max_length=200, required=False)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False)
    agency = serializers.CharField(max_length=50, required=False)


class NewTraineeSerializer(ContactSerializer):
    full_name = Parsed(parse_name, max_length=200)
    birth_date = serializers.DateField(required=False)
    birth_year = serializers.IntegerField(min_value=1900, max_value=2100, required=False)
    personal_number = Parsed(_digits, max_length=40, required=False)
    agency = serializers.CharField(max_length=50)

    def validate_birth_date(self, value: dt.date) -> dt.date:
        _require_believable(value)
        return value

    def validate_birth_year(self, value: int) -> int:
        _require_believable(value)
        return value


def _require_believable(birth: dt.date | int) -> None:
    try:
        check_birth(birth)
    except DomainError as error:
        raise serializers.ValidationError(error.message, code=error.code) from error


class TransferRequestSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    trainee = serializers.CharField(
        allow_blank=True, help_text="The trainee code; blank for the agency that asked."
    )
    full_name = serializers.CharField(
        allow_blank=True, help_text="For the agency that asked: the name as it was sent."
    )
    to_agency = serializers.CharField(help_text="The slug of the agency that asked.")
    state = serializers.ChoiceField(choices=TransferState.choices)
    asked_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class DeclineSerializer(Strict):
    reason = serializers.CharField(max_length=250)
