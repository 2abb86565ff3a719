"""What the register of certificates holds about a person, column by column."""

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel, each_field

_REGISTER = (
    "register", "serial_number", "blank_number", "verification_code", "unsigned_sha256", "sha256",
    "made_with",
)  # fmt: skip
_IN_OFFICE = "who recorded it: whoever acts in office answers for it by name"

PERSONAL = (
    PersonalModel(
        "certificates.Certificate",
        _("Certificates"),
        (
            Personal("printed", Erased.IN_APP, in_table=True),
            Personal("credential", Erased.IN_APP, why="in the file, which its holder downloads"),
            Personal("file", Erased.IN_APP, why="its holder downloads it"),
            Personal("outside_signer", Erased.STAYS, why="who signed it in office"),
            Personal("correction_reason", Erased.NAMES, shown=_("Reason for the correction")),
            Personal("revocation_reason", Erased.NAMES, shown=_("Reason for the revocation")),
            *each_field(
                *_REGISTER, erased=Erased.STAYS, why="proves the holder's own copy for good"
            ),
        ),
        trainee=("completion__trainee",),
    ),
    PersonalModel(
        "certificates.AttendanceConfirmation",
        _("Confirmations of attendance"),
        (
            Personal("printed", Erased.IN_APP, in_table=True),
            Personal("file", Erased.IN_APP, why="its holder downloads it"),
            Personal("correction_reason", Erased.NAMES, shown=_("Reason for the correction")),
            Personal("revocation_reason", Erased.NAMES, shown=_("Reason for the revocation")),
            *each_field(
                "register",
                "verification_code",
                "sha256",
                erased=Erased.STAYS,
                why="proves the holder's own copy for good",
            ),
        ),
        trainee=("enrollment__trainee",),
    ),
    PersonalModel(
        "certificates.Duplicate",
        _("Duplicates after loss"),
        (
            Personal("file", Erased.IN_APP, why="its holder downloads it"),
            Personal("reason", Erased.NAMES, shown=_("How it was lost")),
            Personal("issued_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("sha256", Erased.STAYS, why="proves the holder's own copy for good"),
        ),
        trainee=("certificate__completion__trainee",),
    ),
    PersonalModel(
        "certificates.NameConfirmation",
        "",
        (
            Personal("full_name", Erased.ROW, in_table=True),
            Personal("confirmed_by", Erased.ROW, why=_IN_OFFICE),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "certificates.ShareLink",
        "",
        (*each_field("token_sha256", "state", erased=Erased.ROW, why="the digest of a secret"),),
        trainee=("certificate__completion__trainee",),
    ),
    PersonalModel(
        "certificates.Batch",
        "",
        (
            *each_field(
                "held_back", "warnings", erased=Erased.IN_APP, why="lines about a whole class"
            ),
            Personal("merged", Erased.IN_APP, why="the files of a whole class"),
        ),
        user="started_by",
    ),
    PersonalModel(
        "certificates.Bundle",
        "",
        (
            Personal("wanted", Erased.STAYS, why="classes, agency and days chosen in office"),
            Personal("certificate_ids", Erased.IN_APP, why="certificates of many people"),
            Personal("archive", Erased.IN_APP, why="certificates of many people, for a week"),
            Personal("merged", Erased.IN_APP, why="certificates of many people, for a week"),
        ),
        user="owner",
    ),
    Impersonal("certificates.BakedImage", "seals and signatures of those who sign in office"),
    Impersonal("certificates.IssuingBody", "a public body"),
    Impersonal("certificates.Signer", "who signs in office, printed on every certificate"),
    Impersonal("certificates.CertificateDesign", "the layout"),
    Impersonal("certificates.SignerCertificate", "whose signatures the office accepts, in office"),
    Impersonal("certificates.VerificationCount", "look-ups by the hour, of no certificate"),
    Impersonal("certificates.Key", "keys of public bodies"),
    Impersonal("certificates.Achievement", "what a course teaches, version by version"),
    Impersonal("certificates.RegisterYear", "numbers of the register"),
    Impersonal("certificates.IssuingTerms", "terms of a class"),
)
