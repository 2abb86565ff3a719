import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agencies.choices import SuccessionKind
from agencies.fields import AgencyField, AgencyPicker
from agencies.models import Agency
from agencies.querysets import AgencyQuerySet
from common.date_fields import DayField, day_input
from common.form_choices import RowsField, set_choices
from common.optimistic_locking import OptimisticLockForm
from common.person_names import PersonNameInput
from common.public_text import SearchField, search_text

# Checkboxes on one page: what is not among them is found by name.
SHOWN = 15


class AgencyFilter(forms.Form):
    q = SearchField(label=_("Name"))
    on = DayField(label=_("As of"), required=False)


class AgencyForm(OptimisticLockForm):
    """The slug never changes."""

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
            "valid_from": day_input(),
            "valid_to": day_input(),
            "parent": AgencyPicker("every"),
        }
        field_classes = {"parent": AgencyField}
        labels = {"slug": _("Short code used in addresses"), "parent": _("Parent agency")}
        help_texts = {
            "slug": _("Lower-case letters, digits and hyphens; it cannot be changed later.")
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = Agency.objects.exclude(pk=self.instance.pk)
        set_choices(self, parent=above)
        if self.instance.pk:
            # A last day is set by a succession, a slug is never changed.
            self.fields["slug"].disabled = True


class DayForm(forms.Form):
    """The day of a succession, asked first because it says which agencies can take part."""

    on = DayField(label=_("First day"), help_text=_("The first day of the successor agency."))


def _agencies(label: Any) -> RowsField:
    return RowsField(
        label=label,
        queryset=Agency.objects.none(),
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
    )


class SuccessionForm(forms.Form):
    on = forms.DateField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("Kind"), choices=SuccessionKind.choices)
    find_predecessors = SearchField(label=_("Find a predecessor by name"))
    predecessors = _agencies(_("Predecessors"))
    find_successors = SearchField(label=_("Find a successor by name"))
    successors = _agencies(_("Successors"))
    legal_basis = forms.CharField(
        label=_("Legal basis"),
        required=False,
        max_length=200,
        help_text=_("Leave blank if not known."),
    )

    def offer(self, day: dt.date, asked: Any) -> None:
        """Offer the agencies valid the day before as predecessors, those of the day as successors.

        Each side shows those ticked and the first that match the search in ``asked``.
        """
        sides = {"predecessors": day - dt.timedelta(days=1), "successors": day}
        for name, on in sides.items():
            agencies = Agency.objects.valid_on(on).order_by("sort_key", "id")
            text = search_text(asked, f"find_{name}")
            set_choices(self, **{name: agencies})
            self.fields[name].widget.choices = _shown(agencies, asked.getlist(name), text)

    def action(self) -> dict[str, Any]:
        return {k: v for k, v in self.cleaned_data.items() if not k.startswith("find_")}


def _shown(agencies: AgencyQuerySet, ticked: list[str], text: str) -> list[tuple[str, str]]:
    chosen = list(agencies.filter(slug__in=ticked))
    others = agencies.exclude(slug__in=ticked)
    found = others.matching(text) if text else others
    return [(agency.slug, agency.name) for agency in (*chosen, *found[:SHOWN])]


class SuccessionFileForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A CSV or Excel file with the columns kind, date, predecessors, successors and legal "
            "basis; identify agencies by their short code and separate several with semicolons."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class VoidForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class CoordinatorForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("Of an existing account, or of a person to be invited."),
    )
    full_name = PersonNameInput(
        label=_("Full name"),
        max_length=150,
        required=False,
        help_text=_("Only if there is no account yet."),
    )
    is_deputy = forms.BooleanField(label=_("Deputy"), required=False)
    since = DayField(label=_("First day"), required=False)
    until = DayField(label=_("Last day"), required=False)


class HandOverForm(forms.Form):
    """Without an address nobody follows: the term only ends."""

    on = DayField(
        label=_("Handed over on"),
        help_text=_("The first day of the new coordinator; the previous term ends the day before."),
    )
    email = forms.EmailField(
        label=_("E-mail address of the new coordinator"),
        required=False,
        help_text=_("Leave blank if there is no successor."),
    )
    full_name = PersonNameInput(
        label=_("Full name"),
        max_length=150,
        required=False,
        help_text=_("Only if there is no account yet."),
    )
