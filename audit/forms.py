"""The filter of the audit log."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.choices import ACTIONS
from audit.querysets import AuditEntryQuerySet
from common.date_fields import DayField
from common.form_choices import set_choices
from common.public_text import SearchField

_QUESTIONS: Mapping[str, Callable[[AuditEntryQuerySet, Any], AuditEntryQuerySet]] = {
    "action": AuditEntryQuerySet.of_action,
    "actor": AuditEntryQuerySet.by_actor,
    "about": AuditEntryQuerySet.about,
    "since": AuditEntryQuerySet.done_from,
    "until": AuditEntryQuerySet.done_until,
}


class AuditFilter(forms.Form):
    action = forms.ChoiceField(label=_("Action"), required=False)
    actor = SearchField(label=_("Actor"))
    about = SearchField(label=_("Object"))
    since = DayField(label=_("From"), required=False)
    until = DayField(label=_("To"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((code, str(label)) for code, label in ACTIONS.items()), key=lambda d: d[1])
        set_choices(self, action=[("", _("All actions")), *named])

    def narrow(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        if not self.is_bound:
            return entries
        if not self.is_valid():
            return entries.none()
        for name, narrowed in _QUESTIONS.items():
            if value := self.cleaned_data[name]:
                entries = narrowed(entries, value)
        return entries

    def asked(self) -> dict[str, str]:
        if not self.is_bound or not self.is_valid():
            return {}
        return {name: value for name in self.fields if (value := self.data.get(name, "").strip())}
