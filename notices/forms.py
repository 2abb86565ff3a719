from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.choices import PEOPLE_MANAGERS
from accounts.models import User
from common.form_choices import RowsField, set_choices
from notices.kinds import Days, message_kinds
from notices.models import Notice, UndeliverableAddress
from notices.services.mail_choices import offered_kinds


class SendAgainForm(forms.Form):
    notice = RowsField(Notice.objects.not_sent(), required=False)


class PauseForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=250)


class OutboxFilterForm(forms.Form):
    kind = forms.ChoiceField(label=_("Reminder"), required=False)
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = [(name, kind.label) for name, kind in message_kinds]
        set_choices(self, kind=[("", _("All")), *labels])


class AddressForm(forms.Form):
    address = RowsField(UndeliverableAddress.objects.in_force())


class ReminderDaysForm(forms.Form):
    days = forms.IntegerField(required=False)

    def __init__(self, *args: Any, allowed: Days, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["days"]
        field.label = str(allowed.label).capitalize()
        field.help_text = gettext("%(least)s to %(most)s; blank for no reminder.") % {
            "least": allowed.least,
            "most": allowed.most,
        }
        field.widget.attrs.update(min=allowed.least, max=allowed.most)


class ReadForm(forms.Form):
    """One notification; without it, all."""

    notice = RowsField(Notice.objects.none(), required=False)

    def __init__(self, reader: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notice"] = RowsField(Notice.objects.visible_to(reader), required=False)


class MailChoicesForm(forms.Form):
    mailed = forms.MultipleChoiceField(
        label=_("Messages that I want by e-mail too"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    daily_digest = forms.BooleanField(
        label=_("Combine messages about my work into one e-mail each morning"),
        help_text=_("Instead of separate e-mails. On days without news nothing is sent."),
        required=False,
    )

    def __init__(self, reader: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = offered_kinds(reader)
        mailed: Any = self.fields["mailed"]
        mailed.choices = [(kind.name, kind.label) for kind in kinds]
        if not kinds:
            del self.fields["mailed"]
        if not reader.has_role(*PEOPLE_MANAGERS):
            del self.fields["daily_digest"]


class MessageTextForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"), max_length=5000, widget=forms.Textarea(attrs={"rows": 14})
    )
