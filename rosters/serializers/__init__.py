"""What the lists of the API are asked, as exports take it."""

from typing import Any, ClassVar

from rest_framework import serializers

from common.api.serializers import StrictSerializer
from common.public_text import refuse_number_in_search
from common.spreadsheets import FileForm
from people.choices import TrainingStatus
from rosters.exporting.chosen_rows import MATRIX, PEOPLE
from rosters.fields import DEFAULT_KEYS, PEOPLE_KEYS, ROSTER_KEYS


class _Columns(serializers.CharField):
    """Keys of columns, by commas, in their order."""

    def __init__(self, keys: tuple[str, ...], usual: tuple[str, ...]) -> None:
        super().__init__(
            required=False,
            max_length=1000,
            source="fields",
            help_text=f"By commas, in their order: {', '.join(keys)}.",
        )
        self.usual = usual
        self._key = serializers.ChoiceField(choices=keys)

    def to_internal_value(self, data: Any) -> Any:
        keys = super().to_internal_value(data).split(",")
        return [self._key.run_validation(key) for key in dict.fromkeys(keys)]


class _FileQuery(StrictSerializer):
    kind: ClassVar[str] = ""
    q = serializers.CharField(
        required=False,
        max_length=100,
        validators=[refuse_number_in_search],
        help_text="Name, whatever its accents, or trainee code.",
    )
    agency = serializers.SlugField(required=False, max_length=50)
    status = serializers.ChoiceField(choices=TrainingStatus.choices, required=False)
    form = serializers.ChoiceField(choices=FileForm.choices, default=FileForm.XLSX.value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        days = {name: attrs[name].isoformat() for name in ("since", "until") if name in attrs}
        columns = self.fields.get("columns")
        usual = {"fields": list(columns.usual)} if isinstance(columns, _Columns) else {}
        return usual | attrs | days | {"of": self.kind}


class PeopleQuery(_FileQuery):
    kind = PEOPLE
    columns = _Columns(PEOPLE_KEYS, PEOPLE_KEYS)


class MatrixQuery(_FileQuery):
    kind = MATRIX
    since = serializers.DateField(required=False, help_text="Completed on this day or later.")
    until = serializers.DateField(required=False, help_text="Completed on this day or before.")


class RosterQuery(_FileQuery):
    run = serializers.CharField(required=False, max_length=40)
    since = serializers.DateField(required=False, help_text="Of classes that end then or later.")
    until = serializers.DateField(required=False, help_text="Of classes that end then or before.")
    columns = _Columns(ROSTER_KEYS, DEFAULT_KEYS)
