"""The steps from enrolled to counted and the reasons between them, in words."""

from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _


def step_labels() -> dict[str, DeferredMessage]:
    return {
        "enrolled": _("Have or had a seat"),
        "attended": _("Attended a session"),
        "completed": _("Completed a class"),
        "certificated": _("Have a certificate for it"),
        "people": _("Distinct people"),
        "counted": _("Counted under the rule"),
    }


def reason_labels() -> dict[str, DeferredMessage]:
    return {
        "absent": _("marked absent in every session"),
        "not_begun": _("the class has not started"),
        "no_attendance_recorded": _("no attendance recorded"),
        "completion_voided": _("completion voided"),
        "below_the_rule": _("below the completion rule"),
        "run_not_closed": _("the class is not closed yet"),
        "on_paper": _("recorded from paper"),
        "elsewhere": _("completed elsewhere"),
        "without_attendance": _("completed without attendance in a session"),
        "revoked": _("certificate revoked"),
        "not_issued_yet": _("certificate not issued yet"),
        "of_another_organiser": _("completed elsewhere, with that organiser's proof"),
        "without_certificate": _("completed, without a certificate"),
        "again": _("another completion of the same person"),
        "merged_rows": _("records merged into one person"),
        "no_rule": _("no counting rule adopted"),
        "course": _("the course is not counted"),
        "course_dates": _("the course is not counted on that day"),
        "sector": _("the sector is not counted"),
        "kind": _("the kind of agency is not counted"),
        "evidence": _("the kind of evidence is not accepted"),
        "periods": _("too few periods"),
        "agency_left_out": _("the rule excludes the agency"),
        "after_as_of": _("completed on a future date"),
        "no_outcome": _("no reason found"),
    }
