"""Forms for check-in and attendance."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common import clock
from common.form_choices import set_choices
from common.person_names import PersonNameInput
from common.vietnamese import match_key
from courses.models import Session
from enrollment.choices import MANUAL_EVIDENCE, Mark
from people.models import Merge, Trainee
from people.querysets import resolved


class LastDigitsField(forms.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            r"^\d{3}$",
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages={"invalid": _("Three digits.")},
            **options,
        )


class CheckInForm(forms.Form):
    ticket = forms.CharField(widget=forms.HiddenInput, max_length=200)
    name = PersonNameInput(label=_("Full name"), max_length=100)
    last_digits = LastDigitsField(label=_("Last three digits of your personal number"))


class WalkInForm(forms.Form):
    """Somebody who came without a nomination: by trainee code, or by name and three digits."""

    name = PersonNameInput(label=_("Full name"), max_length=100, required=False)
    last_digits = LastDigitsField(
        label=_("Last three digits of the personal number"), required=False
    )
    code = forms.CharField(
        label=_("Trainee code"),
        max_length=11,
        required=False,
        help_text=_("Instead of name and digits, if known."),
    )

    def person(self) -> Trainee | None:
        """The one person who matches; None for nobody or several. Needs a valid form."""
        data = self.cleaned_data
        people = Trainee.objects.named()
        if data["code"]:
            row = people.filter(code=data["code"].upper()).first()
            # A code on an old list may be of a row that turned out to be another's.
            survivors = Merge.objects.not_undone().survivor_by_absorbed() if row else {}
            return people.get(pk=resolved(row.pk, survivors)) if row else None
        known = people.unmerged().filter(
            match_key=match_key(data["name"]), personal_number_tail=data["last_digits"]
        )
        found = list(known[:2]) if data["name"] and data["last_digits"] else []
        return found[0] if len(found) == 1 else None

    @property
    def search_key(self) -> str:
        data = self.cleaned_data
        return f"{data['code'].upper()} {match_key(data['name'])} {data['last_digits']}"


def evidence_field() -> forms.ChoiceField:
    choices = [(kind.value, kind.label) for kind in MANUAL_EVIDENCE]
    return forms.ChoiceField(label=_("Attendance evidence"), choices=choices)


class EvidenceForm(forms.Form):
    evidence = evidence_field()


class RestForm(forms.Form):
    session = forms.ChoiceField(label=_("Session"))
    mark = forms.ChoiceField(label=_("Mark"), choices=Mark.choices)
    evidence = evidence_field()

    def __init__(self, *args: Any, sessions: Iterable[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sessions = {str(session.number): session for session in sessions}
        choices = [(number, _session_label(session)) for number, session in self._sessions.items()]
        set_choices(self, session=choices)

    def clean_session(self) -> Session:
        return self._sessions[self.cleaned_data["session"]]


class MarkFileForm(forms.Form):
    file = forms.FileField(
        label=_("Attendance sheet"),
        help_text=_(
            "Excel or CSV: trainee code or full name, then one column per session (1, 2, "
            "…) with x, m, cp or blank. The signed sheet is the evidence for these marks."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )


class ConferenceLogForm(forms.Form):
    session = forms.ModelChoiceField(
        label=_("Session"), queryset=Session.objects.none(), empty_label=None
    )
    file = forms.FileField(
        label=_("Log"),
        help_text=_("A CSV or Excel file with name or e-mail, join time and leave time."),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    minutes = forms.IntegerField(label=_("Minimum minutes"), min_value=1, initial=60)
    zone = forms.ChoiceField(
        label=_("Time zone of the log"),
        choices=[("Asia/Ho_Chi_Minh", _("Viet Nam (UTC+7)")), ("UTC", _("UTC"))],
    )

    def __init__(self, *args: Any, sessions: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        set_choices(self, session=sessions)
        # Read once: the widget would ask twice for the rows of a queryset.
        set_choices(self, session=[(one.pk, _session_label(one)) for one in sessions])


def _session_label(session: Any) -> str:
    start = session.starts_at.astimezone(clock.HANOI)
    return f"{session.number} · {start:%d/%m/%Y %H:%M}"
