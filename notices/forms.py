from django import forms
from django.utils.translation import gettext_lazy as _

from common.form_choices import RowsField
from notices.models import Notice


class SendAgainForm(forms.Form):
    notice = RowsField(Notice.objects.failed(), required=False)


class MessageTextForm(forms.Form):
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = forms.CharField(
        label=_("Text"), max_length=5000, widget=forms.Textarea(attrs={"rows": 14})
    )
