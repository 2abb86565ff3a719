"""People as the API gives and takes them: a number goes in whole and comes out masked."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from rest_framework import serializers

from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from common import clock
from common.api.serializers import (
    KeyField,
    Row,
    RowSerializer,
    StrictSerializer,
    columns,
    example,
)
from common.dates import check_birth
from common.errors import DomainError
from common.identity import parse_email, parse_name, parse_phone, personal_digits
from common.vietnamese import tidy
from people.choices import Sex
from people.models import Trainee, TransferRequest


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


def _here_today(agencies: AgencyQuerySet, user: Any) -> AgencyQuerySet:
    return agencies.valid_on(clock.today())


def _of_sender_today(agencies: AgencyQuerySet, user: Any) -> AgencyQuerySet:
    return agencies.manageable_by(user).valid_on(clock.today())


def _require_believable(birth: dt.date | int) -> None:
    try:
        check_birth(birth)
    except DomainError as error:
        raise serializers.ValidationError(error.message, code=error.code) from error


class TraineeSerializer(RowSerializer):
    agency = serializers.CharField(
        source="agency.slug", help_text="The slug of the agency where they work now."
    )
    personal_number = serializers.SerializerMethodField(help_text="Masked: *********234.")
    is_merged = serializers.BooleanField(help_text="This row turned out to be another person's.")

    class Meta:
        model = Trainee
        fields = (
            "code", "full_name", "birth_date", "birth_year", "sex", "agency", "unit", "position",
            "email", "phone", "personal_number", "is_merged", "recorded_at",
        )  # fmt: skip

    @columns("personal_number_tail")
    def get_personal_number(self, row: Row) -> str:
        tail = row["personal_number_tail"]
        return f"{'*' * 9}{tail}" if tail else ""


class ContactSerializer(StrictSerializer):
    """What may change in a person's row; what is not sent stays."""

    phone = Parsed(parse_phone, max_length=40, required=False)
    email = Parsed(parse_email, max_length=254, required=False)
    position = Parsed(tidy, max_length=150, required=False)
    unit = Parsed(tidy, max_length=200, required=False)
    sex = serializers.ChoiceField(choices=Sex.choices, required=False)
    agency = KeyField("slug", queryset=Agency.objects.all(), scope=_here_today, required=False)


@example(
    "A person without a number",
    full_name="Nguyễn Thị Hòa",
    birth_date="1985-03-12",
    sex="female",
    agency="bo-y-te",
    position="Chuyên viên",
    email="hoa.nguyen@example.gov.vn",
)
class NewTraineeSerializer(ContactSerializer):
    full_name = Parsed(parse_name, max_length=200)
    birth_date = serializers.DateField(required=False, validators=[_require_believable])
    birth_year = serializers.IntegerField(
        min_value=1900, max_value=2100, required=False, validators=[_require_believable]
    )
    personal_number = Parsed(personal_digits, max_length=40, required=False)
    agency = KeyField("slug", queryset=Agency.objects.all(), scope=_of_sender_today)


class TransferSerializer(RowSerializer):
    trainee = serializers.SerializerMethodField(
        help_text="The trainee code; blank for the agency that asked."
    )
    full_name = serializers.SerializerMethodField(
        help_text="For the agency that asked: the name as it was sent."
    )
    to_agency = serializers.CharField(
        source="to_agency.slug", help_text="The slug of the agency that asked."
    )

    class Meta:
        model = TransferRequest
        fields = (
            "id", "trainee", "full_name", "to_agency", "state", "asked_at", "settled_at", "reason",
        )  # fmt: skip

    @columns("is_open", "trainee__code")
    def get_trainee(self, row: Row) -> str:
        return row["trainee__code"] if row["is_open"] else ""

    @columns("is_open", "trainee__full_name", "name_as_sent")
    def get_full_name(self, row: Row) -> str:
        return str(row["trainee__full_name"] if row["is_open"] else row["name_as_sent"])
