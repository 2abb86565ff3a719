"""Forms: verification, the register, designs, issuing bodies, signed files."""

import base64
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from agencies.fields import AgencyField
from agencies.models import Agency
from certificates.choices import CertificateState, SigningAuthority
from certificates.models import CertificateDesign, IssuingTerms
from certificates.querysets import CertificateQuerySet
from certificates.services.printed_fields import signers_in_force
from certificates.services.printed_numbers import NumberKind, PrintedNumber, read_number
from common import clock
from common.date_fields import DayField, domain_errors_as_invalid
from common.dates import parse_birth
from common.form_choices import QuickSelect, set_choices
from common.pdf_text import is_pdf
from common.person_names import PersonNameInput
from common.public_text import SearchField, may_hold_identity_number
from courses.models import CourseRun

LARGEST_FILE = 20_000_000
LARGEST_SOURCE_FILE = 1_000_000


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Verification code"),
        help_text=_("Four groups of four letters and digits, next to the QR code."),
        max_length=40,
        widget=forms.TextInput(
            attrs={"class": "code", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class NumberForm(CodeForm):
    """``code`` is cleaned to the number on the paper that was recognised."""

    code = forms.CharField(
        label=_("Verification code, serial number or register number"),
        help_text=_("As printed, for example 7K3M-9QXB-TFW2-HD8P, AI26000018 or 0018/2026/AI."),
        max_length=40,
        widget=CodeForm.base_fields["code"].widget,
    )

    def clean_code(self) -> PrintedNumber:
        typed = self.cleaned_data["code"]
        number = read_number(typed)
        if number is None:
            raise ValidationError(
                _(
                    "This is not a certificate number. A verification code has 16 letters and "
                    "digits, a serial number looks like AI26000018, a register number like "
                    "0018/2026/AI."
                )
            )
        if number.kind == NumberKind.OTHER and may_hold_identity_number(typed):
            raise ValidationError(_("Enter a number of the certificate, not of the person."))
        return number


class FileForm(forms.Form):
    file = forms.FileField(
        label=_("Certificate file"),
        help_text=_("The PDF file as it was issued, at most 20 MB. It is compared but not stored."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise ValidationError(
                _("The file is larger than 20 MB; certificates are always smaller.")
            )
        has_mark = is_pdf(file.read(1024))
        file.seek(0)
        if not has_mark:
            raise ValidationError(
                _("This file is not a PDF. Choose the certificate as the PDF file that was issued.")
            )
        return file


class BirthForm(forms.Form):
    birth = forms.CharField(
        label=_("Birth date"),
        help_text=_("As printed: dd/mm/yyyy, or only the year."),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_birth(self) -> Any:
        with domain_errors_as_invalid():
            return parse_birth(self.cleaned_data["birth"])


class HolderForm(NumberForm, BirthForm):
    """All that must fit together where a number can be guessed."""

    full_name = PersonNameInput(
        label=_("Full name on the certificate"),
        help_text=_("With or without accents."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    field_order = ("code", "full_name", "birth")


class ClaimForm(BirthForm):
    """For people without an account: code and birth date."""

    code = CodeForm.base_fields["code"]
    field_order = ("code", "birth")


class RegisterFilter(forms.Form):
    q = SearchField(label=_("Name, number or class"))
    year = forms.IntegerField(label=_("Year"), required=False, min_value=2000, max_value=2200)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("all")), *CertificateState.choices],
        widget=QuickSelect,
    )

    def asked(self) -> dict[str, Any]:
        data = self.cleaned_data if self.is_valid() else {}
        return {name: value for name, value in data.items() if value}

    def narrow(self, rows: CertificateQuerySet) -> CertificateQuerySet:
        asked = self.asked()
        if "q" in asked:
            rows = rows.matching(asked["q"])
        if "year" in asked:
            rows = rows.filter(year=asked["year"])
        if "state" in asked:
            rows = rows.shown_as(asked["state"])
        return rows


class BundleForm(forms.Form):
    """Which certificates come together: of classes, or of a period."""

    runs = forms.CharField(
        label=_("Class codes"),
        required=False,
        max_length=2000,
        help_text=_("Separated by commas. Leave blank for all classes of a period."),
    )
    since = DayField(label=_("Completed from"), required=False)
    until = DayField(label=_("Completed until"), required=False)
    agency = AgencyField(
        label=_("Sending agency"),
        scope="seen",
        to_field_name="slug",
        required=False,
        empty_label=_("all"),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user
        set_choices(self, agency=Agency.objects.seen_by(user))

    def clean_runs(self) -> list[str]:
        typed = [code.strip() for code in self.cleaned_data["runs"].split(",") if code.strip()]
        known = CourseRun.objects.visible_to(self._user).filter(code__in=typed)
        codes = set(known.values_list("code", flat=True))
        if unknown := [code for code in typed if code not in codes]:
            message = gettext("There is no class with the code %(code)s.")
            raise ValidationError(message % {"code": unknown[0][:40]})
        return sorted(codes)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("The period cannot end before it starts."))
        if not self.errors and not (cleaned.get("runs") or since):
            self.add_error("runs", gettext("Name the classes, or the first day of a period."))
        return cleaned

    def wanted(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "runs": data["runs"],
            "agency": data["agency"].slug if data["agency"] else "",
            "since": data["since"].isoformat() if data["since"] else "",
            "until": data["until"].isoformat() if data["until"] else "",
        }


class TermsForm(forms.ModelForm[IssuingTerms]):
    class Meta:
        model = IssuingTerms
        fields = ("design", "signer", "signed_by", "names_must_be_confirmed")
        labels = {"signed_by": _("Digital signature")}
        help_texts = {"signer": _("Leave blank for the signer whose term began most recently.")}

    def __init__(self, *arguments: Any, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        may_sign = signers_in_force(clock.today())
        set_choices(self, signer=may_sign)


def _source(label: Any, rows: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "class": "code"}),
    )


def _source_file(label: Any, accept: str) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        help_text=_("Replaces the text below."),
        widget=forms.FileInput(attrs={"accept": accept}),
    )


class DesignForm(forms.Form):
    """A design typed in, or uploaded as files, which win over the text fields."""

    name = forms.CharField(label=_("Name"), max_length=120)
    html_file = _source_file(_("Page file"), ".html,text/html")
    html = _source(_("Page (HTML with named fields)"), 22)
    css_file = _source_file(_("Style sheet file"), ".css,text/css")
    css = _source(_("Style sheet (CSS)"), 16)

    def clean(self) -> dict[str, Any]:
        for name in ("html", "css"):
            if file := self.cleaned_data.pop(f"{name}_file", None):
                self._take(name, file)
            if not self.cleaned_data.get(name, "").strip() and not self.has_error(f"{name}_file"):
                self.add_error(name, _("This part of the design is empty."))
        return self.cleaned_data

    def _take(self, name: str, file: Any) -> None:
        if file.size > LARGEST_SOURCE_FILE:
            self.add_error(
                f"{name}_file", _("The file is larger than 1 MB; designs are always smaller.")
            )
            return
        try:
            self.cleaned_data[name] = file.read().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError:
            self.add_error(f"{name}_file", _("The file is not UTF-8 text."))


class NewDesignForm(DesignForm):
    slug = forms.SlugField(
        label=_("Short name"),
        help_text=_("Lower-case letters and hyphens, used in addresses: “giay-khen”."),
        max_length=50,
    )
    field_order = ("name", "slug")

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if CertificateDesign.objects.filter(slug=slug).exists():
            raise ValidationError(_("A design with this short name already exists."))
        return slug


class ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class SignedFilesForm(forms.Form):
    signed_files = forms.FileField(
        label=_("Signed files"),
        help_text=_("Several PDF files at once, as saved by the signing software."),
        widget=ManyFiles(attrs={"accept": "application/pdf", "multiple": True}),
    )


def _day(label: Any) -> forms.DateField:
    return DayField(label=label, required=False)


def _picture(label: Any) -> forms.FileField:
    return forms.FileField(
        label=label,
        required=False,
        help_text=_(
            "A PNG or JPEG image, at most 5 MB. It is placed on a white background and reduced."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )


class BodyForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("As printed at the top left.")
    )
    parent_name = forms.CharField(label=_("Parent body"), max_length=200, required=False)
    place = forms.CharField(
        label=_("Place of issue"),
        max_length=80,
        required=False,
        help_text=_("Printed before the date."),
    )
    valid_from = _day(_("Issues from"))
    valid_to = _day(_("Issues until"))
    seal = _picture(_("Seal of the issuing body"))


class CertificateFileForm(forms.Form):
    file = forms.FileField(
        label=_("Certificate of the signer or of the issuing authority"),
        help_text=_(
            "A .cer, .crt, .der or .pem file exported from the token or the signing "
            "software, without the private key."
        ),
        widget=forms.FileInput(attrs={"accept": ".cer,.crt,.der,.pem"}),
    )


class ComparedForm(forms.Form):
    """Sends the uploaded certificate back from the page that showed its fingerprint."""

    der = forms.CharField(max_length=100_000, widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label=_("I have verified the fingerprint with its owner by telephone"),
        error_messages={"required": _("Verify the fingerprint first: anyone can send a file.")},
    )

    def clean_der(self) -> bytes:
        try:
            return base64.b64decode(self.cleaned_data["der"], validate=True)
        except ValueError:
            raise ValidationError(_("Upload the certificate again.")) from None


class SignerForm(forms.Form):
    name = PersonNameInput(label=_("Full name"), max_length=150)
    authority = forms.ChoiceField(
        label=_("Authority"), choices=SigningAuthority.choices, required=False
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=150,
        help_text=_(
            "A person who signs for someone else puts that person's title first: “Bộ "
            "trưởng, Vụ trưởng Vụ Tổ chức cán bộ”."
        ),
    )
    valid_from = _day(_("Signs from"))
    valid_to = _day(_("Signs until"))
    signature = _picture(_("Signature image"))
