"""The register: numbers, certificates, and what must stand before one is issued."""

import datetime as dt
import secrets
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from certificates.choices import CertificateState, SignedBy
from certificates.models.designs import CertificateDesign, Signer
from certificates.models.keys import Key, SignerCertificate
from certificates.querysets import CertificateQuerySet, NameConfirmationQuerySet
from common import clock
from common.person_names import PersonNameField
from courses.models import CourseRun
from enrollment.models import Completion
from people.models import Trainee

_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_verification_code() -> str:
    """An unguessable code (79 bits) in four groups of four: ``7K3M-9QXB-TFW2-HD8P``."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


class RegisterYear(models.Model):
    """The last number given in a register in a year. Its row is the lock of that year."""

    register = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)
    # A backup was restored: papers with later numbers may exist.
    is_held = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("register", "year"), name="one_row_per_register_year"),
        )

    def __str__(self) -> str:
        return f"{self.register} {self.year}: {self.last_number}"


class IssuingTerms(models.Model):
    """A class's own design, signer and way of signing, where they differ from the defaults."""

    run = models.OneToOneField(CourseRun, on_delete=models.CASCADE, related_name="issuing_terms")
    design = models.ForeignKey(
        CertificateDesign, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("design"),
    )  # fmt: skip
    signer = models.ForeignKey(
        Signer, null=True, blank=True, on_delete=models.PROTECT, related_name="+",
        verbose_name=_("signer"),
    )  # fmt: skip
    names_must_be_confirmed = models.BooleanField(
        _("issue only under names confirmed by their holders"), default=False
    )
    signed_by = models.CharField(
        _("signed"), max_length=8, choices=SignedBy, default=SignedBy.OWN_KEY
    )

    def __str__(self) -> str:
        return f"{self.run_id}"


class NameConfirmation(models.Model):
    """A person has confirmed the name as printed; void as soon as the name changes."""

    trainee = models.OneToOneField(
        Trainee, on_delete=models.CASCADE, related_name="name_confirmation"
    )
    full_name = PersonNameField(max_length=100)
    confirmed_at = models.DateTimeField(default=clock.now)
    confirmed_by = models.CharField(max_length=200)

    objects = NameConfirmationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.full_name


class ShownPaper:
    """What lists write of a paper, of its row in the register or of some of its columns."""

    register: Any
    year: Any
    register_number: Any
    printed: Any

    @property
    def register_label(self) -> str:
        """The register number as printed: ``0012/2026/AI``."""
        return f"{self.register_number:04d}/{self.year}/{self.register}"

    def printed_value(self, field: str) -> Any:
        return self.printed.get(field, "")


class RegisteredPaper(ShownPaper, models.Model):
    """Frozen texts, file and numbers of what was issued. Never deleted."""

    register = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    register_number = models.PositiveIntegerField(_("register number"))
    verification_code = models.CharField(max_length=19, unique=True, default=new_verification_code)
    printed = models.JSONField(help_text="Every field that the document prints, as printed.")
    file = models.FileField(upload_to="certificates/%Y/", blank=True)
    sha256 = models.CharField(max_length=64, db_index=True, blank=True)
    state = models.CharField(
        max_length=10, choices=CertificateState, default=CertificateState.ISSUED
    )
    issued_at = models.DateTimeField(default=clock.now)
    notified_at = models.DateTimeField(null=True)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )
    correction_reason = models.CharField(max_length=250, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=250, blank=True)
    # The holder was erased: name, birth and file are gone, register entry and hash stay.
    erased_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ("register", "year", "register_number")

    def __str__(self) -> str:
        return self.register_label

    @property
    def file_name(self) -> str:
        return f"{self.register}-{self.year}-{self.register_number:04d}.pdf"


class ShownCertificate(ShownPaper):
    state: Any
    completion_voided_at: Any

    @property
    def public_state(self) -> str:
        """The state that verification shows: revoked as soon as the completion is void."""
        if self.state == CertificateState.ISSUED and self.completion_voided_at:
            return CertificateState.REVOKED
        return str(self.state)


class Certificate(ShownCertificate, RegisteredPaper):
    """``unsigned_*`` describe the form before signing, which can be made again byte for byte from
    ``printed``, ``credential`` and the design; ``sha256`` is that of the file as issued.
    """

    completion = models.ForeignKey(
        Completion, on_delete=models.PROTECT, related_name="certificates"
    )
    serial_number = models.CharField(_("serial number"), max_length=40, unique=True)
    blank_number = models.CharField(_("number of the paper blank"), max_length=40, blank=True)
    design = models.ForeignKey(
        CertificateDesign, on_delete=models.PROTECT, related_name="certificates"
    )
    signer = models.ForeignKey(Signer, on_delete=models.PROTECT, related_name="certificates")
    credential = models.JSONField(null=True, help_text="The Open Badges credential inside.")
    signed_by = models.CharField(max_length=8, choices=SignedBy, default=SignedBy.OWN_KEY)
    signing_key = models.ForeignKey(
        Key, null=True, blank=True, on_delete=models.PROTECT, related_name="certificates"
    )
    # Signed outside: the name in the signer's certificate, and the entry that vouched for it.
    outside_signer = models.CharField(max_length=250, blank=True)
    trusted_by = models.ForeignKey(
        SignerCertificate, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)
    # SHA-256 of the compiled template, or "rendered"; empty: as release 1.0 made files.
    made_with = models.CharField(max_length=64, blank=True, default="", db_default="")
    unsigned_sha256 = models.CharField(max_length=64, blank=True)
    unsigned_size = models.PositiveIntegerField(default=0)

    objects = CertificateQuerySet.as_manager()

    class Meta(RegisteredPaper.Meta):
        indexes = (
            models.Index(
                Upper("blank_number"), condition=~Q(blank_number=""), name="certificate_of_blank"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("register", "year", "register_number"), name="one_certificate_per_number"
            ),
            models.UniqueConstraint(
                fields=("completion",),
                condition=Q(state="issued"),
                name="one_live_certificate_per_completion",
                violation_error_message=_("This completion already has a certificate."),
            ),
            models.UniqueConstraint(
                fields=("blank_number",),
                condition=~Q(blank_number=""),
                name="one_certificate_per_paper_blank",
            ),
            models.CheckConstraint(
                condition=~Q(state="revoked")
                | Q(revoked_at__isnull=False, revocation_reason__gt=""),
                name="a_revocation_has_a_date_and_a_reason",
            ),
        )

    @property
    def completion_voided_at(self) -> dt.datetime | None:
        return self.completion.voided_at
