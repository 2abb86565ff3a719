"""Forms that match courses held elsewhere to courses of the programme."""

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.models import Course


class RematchForm(forms.Form):
    course = forms.ModelChoiceField(
        label=_("Course of the programme"),
        queryset=Course.objects.order_by("code"),
        to_field_name="code",
        empty_label=_("Choose the course"),
    )


class MatchForm(RematchForm):
    platform = forms.CharField(
        label=_("Platform or organiser"),
        max_length=100,
        help_text=_(
            "As written in lists, for example Coursera; capitals and accents do not matter."
        ),
    )
    title = forms.CharField(label=_("What the course is called there"), max_length=200)
    field_order = ("platform", "title", "course")
