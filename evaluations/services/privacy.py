from django.utils.translation import gettext as _

from common.personal_data import DataTable, Subject
from evaluations.models import FollowUp

_WORDS = (
    "what", "obstacle", "example", "link", "decision_note", "public_title", "public_text",
)  # fmt: skip


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    rows = FollowUp.objects.filter(completion__trainee__in=subject.trainee_ids)
    return [
        DataTable.of(
            "follow_ups",
            _("Use at work"),
            rows.select_related("completion__run").order_by("asked_at", "id"),
            run=(_("Class"), "completion.run.code"),
            months=(_("Months after the completion"), "months"),
            respondent=(_("Answered by"), FollowUp.get_respondent_display),
            use=(_("Use at work"), FollowUp.get_use_display),
            what=(_("What it is used for"), "what"),
            obstacle=(_("What prevents it"), "obstacle"),
            example=(_("Example"), "example"),
            link=(_("Link"), "link"),
            file=(_("File"), lambda one: str(one.file)),
            decision_note=(_("Note of the programme office"), "decision_note"),
            public_title=(_("Published title"), "public_title"),
            public_text=(_("Published text"), "public_text"),
        )
    ]


def erase(subject: Subject) -> int:
    """The words, the file and what was published of it go; the figures stay."""
    rows = FollowUp.objects.filter(completion__trainee__in=subject.trainee_ids)
    touched = 0
    for one in rows.order_by("pk"):
        for name in _WORDS:
            setattr(one, name, "")
        if one.file:
            one.file.delete(save=False)
        one.example_state, one.may_publish = "", False
        one.save()
        touched += 1
    return touched
