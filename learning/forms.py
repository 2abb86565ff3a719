from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import bounded
from common.date_fields import day_input
from common.errors import DomainError
from enrollment.forms import MaterialForm
from learning.models import ClassUnit, Unit, UnitVersion
from learning.models.units import CONTENT
from learning.parsers import check_file


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A new version of a unit, with what holds for all of its versions."""

    file = forms.FileField(
        label=_("File"), required=False, help_text=MaterialForm.base_fields["file"].help_text
    )
    link = forms.URLField(label=_("Link"), required=False, max_length=500, assume_scheme="https")
    is_required = forms.BooleanField(
        label=Unit._meta.get_field("is_required").verbose_name,
        help_text=Unit._meta.get_field("is_required").help_text,
        required=False,
        initial=True,
    )
    opens_after_days = forms.IntegerField(
        label=Unit._meta.get_field("opens_after_days").verbose_name,
        help_text=Unit._meta.get_field("opens_after_days").help_text,
        required=False,
        min_value=0,
        max_value=366,
    )

    class Meta:
        model = UnitVersion
        fields = CONTENT
        widgets = {
            "text_vi": forms.Textarea(attrs={"rows": 10}),
            "text_en": forms.Textarea(attrs={"rows": 10}),
        }
        help_texts = {"text_vi": _("Markdown: # heading, **bold**, - list, [text](address).")}

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file or isinstance(file, str) or not hasattr(file, "content_type"):
            return ""  # the file of the version before stays
        MaterialForm.clean_file(self)  # type: ignore[arg-type]  # the same rule for another form
        try:
            bounded.run(check_file, file.read(), file.name)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error
        file.seek(0)
        return file

    def _post_clean(self) -> None:
        """The service checks: a version is never changed, so there is no instance to validate."""


class ClassUnitForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    class Meta:
        model = ClassUnit
        fields = ("version", "visible_from", "is_hidden")
        widgets = {"visible_from": day_input()}

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions: Any = self.fields["version"]
        versions.queryset = unit.versions.order_by("-number")
        versions.label, versions.empty_label = _("Version"), _("the newest")
        versions.label_from_instance = lambda one: f"{one.number}. {one.title}"
