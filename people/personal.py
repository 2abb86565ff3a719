from functools import partial

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel, each_field

_OWN = ("full_name", "unit", "position", "email", "phone", "personal_number")
_KEYS = (
    "personal_number_digest", "personal_number_tail", "claimed_number_digest", "sort_key",
    "search_key", "match_key", "likeness_key",
)  # fmt: skip
_in_office = partial(
    each_field,
    erased=Erased.STAYS,
    why="who recorded it: whoever acts in office answers for it by name",
)

PERSONAL = (
    PersonalModel(
        "people.Trainee",
        "",
        (
            *each_field(*_OWN, erased=Erased.IN_APP, in_table=True),
            *each_field(*_KEYS, erased=Erased.IN_APP, why="derived, to find and compare people"),
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
            *_in_office("settled_by"),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.TransferRequest",
        "",
        (
            Personal("name_as_sent", Erased.BLANK, in_table=True),
            Personal("reason", Erased.NAMES, in_table=True),
            *_in_office("asked_by", "settled_by"),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.Merge",
        _("Records of the same person"),
        (
            Personal("reason", Erased.NAMES, shown=_("Reason")),
            *_in_office("recorded_by", "undone_by", "pair_before"),
        ),
        trainee=("survivor", "absorbed"),
    ),
    PersonalModel(
        "people.Letter",
        _("Letters to you"),
        (
            Personal("subject", Erased.ROW, shown=_("Subject")),
            Personal("body", Erased.ROW, shown=_("Text")),
            Personal("kind", Erased.ROW, why="what the letter is about"),
            Personal("language", Erased.ROW, why="vi or en"),
            *each_field("printed_by", erased=Erased.ROW, why="who printed it"),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "people.CandidatePair", "", _in_office("settled_by"), trainee=("first", "second")
    ),
    PersonalModel("people.SplitAssignment", "", _in_office("recorded_by"), trainee=("trainee",)),
    PersonalModel("people.Transfer", "", _in_office("recorded_by"), trainee=("trainee",)),
    PersonalModel(
        "people.Erasure",
        "",
        (
            Personal("subject", Erased.IN_APP, why="whom to erase, encrypted until it is done"),
            Personal("done", Erased.STAYS, why="names of apps"),
            *_in_office("asked_by"),
        ),
        trainee=("trainee",),
    ),
    Impersonal("people.RefusedMatch", "a keyed digest, counted for a day, of no known person"),
    Impersonal("people.Holiday", "names of holidays"),
)
