from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

_DERIVED = "derived from the name or number, to find and compare them"
_IN_OFFICE = "who recorded it: whoever acts in office answers for it by name"

PERSONAL = (
    PersonalModel(
        "people.Trainee",
        "",
        (
            *(
                Personal(name, Erased.IN_APP, in_table=True)
                for name in (
                    "full_name",
                    "unit",
                    "position",
                    "email",
                    "phone",
                    "personal_number",
                )
            ),
            *(
                Personal(name, Erased.IN_APP, why=_DERIVED)
                for name in (
                    "personal_number_digest",
                    "personal_number_tail",
                    "claimed_number_digest",
                    "sort_key",
                    "search_key",
                    "match_key",
                    "likeness_key",
                )
            ),
            Personal(
                "code",
                Erased.STAYS,
                in_table=True,
                why="made up by us; results and the count stay under it",
            ),
        ),
        trainee=("pk",),
    ),
    PersonalModel(
        "people.DataRequest",
        "",
        (
            Personal("text", Erased.BLANK, in_table=True),
            Personal("reply", Erased.NAMES, in_table=True),
            Personal("answer", Erased.NAMES, in_table=True),
            Personal("settled_by", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.TransferRequest",
        "",
        (
            Personal("name_as_sent", Erased.BLANK, in_table=True),
            Personal("reason", Erased.NAMES, in_table=True),
            Personal("asked_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("settled_by", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.Merge",
        _("Records of the same person"),
        (
            Personal("reason", Erased.NAMES, shown=_("Reason")),
            Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("undone_by", Erased.STAYS, why=_IN_OFFICE),
            Personal("pair_before", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("survivor", "absorbed"),
    ),
    PersonalModel(
        "people.CandidatePair",
        "",
        (Personal("settled_by", Erased.STAYS, why=_IN_OFFICE),),
        trainee=("first", "second"),
    ),
    PersonalModel(
        "people.SplitAssignment",
        "",
        (Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.Transfer",
        "",
        (Personal("recorded_by", Erased.STAYS, why=_IN_OFFICE),),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.Erasure",
        "",
        (
            Personal("subject", Erased.IN_APP, why="whom to erase, encrypted until it is done"),
            Personal("done", Erased.STAYS, why="names of apps"),
            Personal("asked_by", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("trainee",),
    ),
    Impersonal("people.RefusedMatch", "a keyed digest, counted for a day, of no known person"),
    Impersonal("people.Holiday", "names of holidays"),
)
