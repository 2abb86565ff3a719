"""Who is withdrawn of the people missing from a roster that is sent again."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.public_text import ReasonField
from enrollment.models import Enrollment


class MissingForm(forms.Form):
    """Whom of the people missing from a roster to withdraw; whoever is not chosen stays.

    ``people`` are shown one by one; ``enrollment_ids`` are all of them.
    """

    withdraw_all = forms.BooleanField(label=_("Withdraw all of them"), required=False)
    reason = ReasonField(
        label=_("Reason for withdrawing"),
        min_length=None,
        required=False,
        help_text=_("For everyone chosen without a reason of their own."),
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[Enrollment],
        enrollment_ids: Sequence[int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._people, self._ids = people, enrollment_ids
        for one in people:
            name = {"name": one.displayed_name}
            self.fields[f"withdraw_{one.pk}"] = forms.BooleanField(
                label=gettext("Withdraw %(name)s") % name, required=False
            )
            self.fields[f"reason_{one.pk}"] = ReasonField(
                label=gettext("Reason for %(name)s") % name, min_length=None, required=False
            )
        for field in self.fields.values():
            field.widget.attrs["form"] = "confirm"  # which stands elsewhere on the page

    @property
    def rows(self) -> list[tuple[Enrollment, Any, Any]]:
        return [(p, self[f"withdraw_{p.pk}"], self[f"reason_{p.pk}"]) for p in self._people]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not all(self._reasons(cleaned).values()) and "reason" not in self.errors:
            self.add_error("reason", gettext("Enter the reason for withdrawing them."))
        return cleaned

    def reasons(self) -> dict[int, str]:
        """Enrollment id → why it is withdrawn, for those that were chosen."""
        return self._reasons(self.cleaned_data)

    def _reasons(self, data: dict[str, Any]) -> dict[int, str]:
        chosen = [
            one for one in self._ids if data.get("withdraw_all") or data.get(f"withdraw_{one}")
        ]
        return {one: data.get(f"reason_{one}") or data.get("reason", "") for one in chosen}
