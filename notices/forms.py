from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.form_choices import RowsField, set_choices
from notices.kinds import message_kinds
from notices.models import Notice, UndeliverableAddress


class SendAgainForm(forms.Form):
    notice = RowsField(Notice.objects.not_sent(), required=False)


class PauseForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class OutboxFilterForm(forms.Form):
    kind = forms.ChoiceField(label=_("Occasion"), required=False)
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [(name, kind.label) for name, kind in message_kinds]
        set_choices(self, kind=[("", _("All")), *labels])


class AddressForm(forms.Form):
    address = RowsField(UndeliverableAddress.objects.in_force())


class ReminderDaysForm(forms.Form):
    days = forms.IntegerField(
        label=_("Days"), min_value=0, required=False, help_text=_("Leave blank for no reminder.")
    )


class MessageTextForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"), max_length=5000, widget=forms.Textarea(attrs={"rows": 14})
    )
