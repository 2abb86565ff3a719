from common.personal_fields import Impersonal

PERSONAL = (
    Impersonal("retention.RetentionRule", "rules, with who of the staff made them"),
    Impersonal("retention.DueList", "numbers of records"),
    Impersonal(
        "retention.ArchivePackage",
        "numbers and hashes, with who of the staff decided; its file is withdrawn when somebody in "
        "it is erased before it was handed over",
        (
            "approved_by",
            "asked_by",
            "decision",
            "file",
            "handed_over_by",
            "handed_over_to",
            "left_files",
            "lines",
            "purpose",
            "sha256",
            "withdrawal_reason",
            "withdrawn_by",
        ),
    ),
)
