"""What is asked of whoever records what became of an agency."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.choices import SuccessionKind
from agencies.models import Agency
from common.open_text import SearchField
from common.stale import WatchfulForm


class AgencyFilter(forms.Form):
    q = SearchField(label=_("Name"))
    on = forms.DateField(
        label=_("As of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class AgencyForm(WatchfulForm):
    """An agency to enter, or what was written wrong of one. The slug stays for good."""

    class Meta:
        model = Agency
        fields = (
            "slug",
            "name_vi",
            "name_en",
            "short_name",
            "kind",
            "parent",
            "identifier",
            "valid_from",
            "valid_to",
        )
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            for name in ("valid_from", "valid_to")
        }
        labels = {"slug": _("Short code in addresses"), "parent": _("Belongs to")}
        help_texts = {"slug": _("Small letters, digits and hyphens; it stays for good.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = Agency.objects.exclude(pk=self.instance.pk)
        self.fields["parent"].queryset = above  # type: ignore[attr-defined]  # a choice field's own
        if self.instance.pk:
            # A last day is set by a succession, a slug is never changed.
            self.fields["slug"].disabled = True


class SuccessionForm(forms.Form):
    """A merger, renaming or split. The agencies offered are those valid around its day."""

    kind = forms.ChoiceField(label=_("Kind"), choices=SuccessionKind.choices)
    on = forms.DateField(
        label=_("First day"),
        help_text=_("The first day on which the successor stands."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    predecessors = forms.ModelMultipleChoiceField(
        label=_("Predecessors"),
        queryset=Agency.objects.none(),
        to_field_name="slug",
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    successors = forms.ModelMultipleChoiceField(
        label=_("Successors"),
        queryset=Agency.objects.none(),
        to_field_name="slug",
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    legal_basis = forms.CharField(
        label=_("Legal basis"),
        required=False,
        max_length=200,
        help_text=_("Leave it blank where it is not known."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("predecessors", "successors"):
            self.fields[name].queryset = Agency.objects.all()  # type: ignore[attr-defined]  # a choice field's own

    def offer(self, day: dt.date) -> None:
        """Offer those that end around a day as predecessors, those that stand as successors."""
        before = Agency.objects.valid_on(day - dt.timedelta(days=1))
        self.fields["predecessors"].queryset = before  # type: ignore[attr-defined]  # a choice field's own
        self.fields["successors"].queryset = Agency.objects.valid_on(day)  # type: ignore[attr-defined]  # a choice field's own


class SuccessionFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A CSV or Excel file with kind, on, predecessors, successors and legal basis; "
            "agencies by slug, several apart by semicolons."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class VoidForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class CoordinatorForm(forms.Form):
    """Who acts for an agency, and when."""

    email = forms.EmailField(
        label=_("E-mail address"), help_text=_("Of an account, or of somebody to be invited.")
    )
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=150,
        required=False,
        help_text=_("Where there is no account yet."),
    )
    is_deputy = forms.BooleanField(label=_("Deputy"), required=False)
    since = forms.DateField(
        label=_("First day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class HandOverForm(forms.Form):
    """Who follows a coordinator, from which day on; nobody, where no address is given."""

    on = forms.DateField(
        label=_("Handed over on"),
        help_text=_("The first day of the successor; the day before is the last of the holder."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    email = forms.EmailField(
        label=_("E-mail address of the successor"),
        required=False,
        help_text=_("Leave it blank where nobody follows."),
    )
    full_name = forms.CharField(
        label=_("Full name"),
        max_length=150,
        required=False,
        help_text=_("Where there is no account yet."),
    )
