"""What coordinators and the programme office are told about tasks, values and deadlines."""

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from notices.kinds import Importance, MessageKind, Text

_OFFICE = _("the programme office")
_COORDINATORS = _("the agency's coordinators")
_REASON: tuple[Text, Text] = (_("reason"), _("The figure is not that of the decision."))
_TASK: dict[str, tuple[Text, Text]] = {
    "task": (_("task"), _("Train at least 20 officials in applied AI")),
    "agency": (_("responsible agency"), _("Ministry of Home Affairs")),
    "unit": (_("responsible unit"), _("Department of Personnel")),
    "basis": (_("legal basis"), "699/QĐ-BTTTT"),
    "due_on": (_("deadline"), "31/12/2026"),
    "link": (_("address of the page"), "https://699.example.gov.vn/tasks/1/"),
}
_VALUE: dict[str, tuple[Text, Text]] = {
    "indicator": (_("indicator"), _("Share of officials trained")),
    "agency": (_("agency"), _("Ministry of Home Affairs")),
    "value": (_("value"), "12 / 40"),
    "day": (_("day of the value"), "30/06/2026"),
    "reason": _REASON,
    "link": (_("address of the page"), "https://699.example.gov.vn/indicators/officials/"),
}
_LINES: dict[str, tuple[Text, Text]] = {
    "lines": (_("the deadlines, one per line"), _("- Quota of 20 people: due on 31/12/2026")),
}

TASK_ASSIGNED = MessageKind(
    "task_assigned",
    Importance.DECISION,
    _("Task assigned"),
    _COORDINATORS,
    _("A task for your agency"),
    _(
        "Your agency is responsible for a task.\n\n"
        "Task: {task}\n"
        "Responsible: {agency} ({unit})\n"
        "Legal basis: {basis}\n"
        "Deadline: {due_on}\n\n"
        "Please report its progress and its completion here: {link}"
    ),
    _TASK,
)
TASK_ANSWER_ASKED = MessageKind(
    "task_answer_asked",
    Importance.DECISION,
    _("Answer requested from a cooperating unit"),
    _COORDINATORS,
    _("A task needs your agency's answer"),
    _(
        "Your agency is named as a cooperating unit of a task.\n\n"
        "Task: {task}\n"
        "Responsible: {agency} ({unit})\n"
        "Legal basis: {basis}\n"
        "Deadline: {due_on}\n\n"
        "Please answer whether your agency accepts, has done its part or refuses, with the "
        "reason: {link}"
    ),
    _TASK,
)
TASK_REPORT_RETURNED = MessageKind(
    "task_report_returned",
    Importance.DECISION,
    _("Reported progress returned"),
    _COORDINATORS,
    _("Reported progress was returned"),
    _(
        "The programme office has returned the progress reported as of {reported}.\n\n"
        "Task: {task}\n"
        "Responsible: {agency} ({unit})\n"
        "Legal basis: {basis}\n"
        "Deadline: {due_on}\n"
        "Reason: {reason}\n\n"
        "Please correct it and report it again: {link}"
    ),
    {**_TASK, "reported": (_("day of the report"), "30/06/2026"), "reason": _REASON},
)
VALUE_RETURNED = MessageKind(
    "value_returned",
    Importance.DECISION,
    _("Reported value returned"),
    _COORDINATORS,
    _("A reported value was returned"),
    _(
        "The programme office has returned the value reported by {agency} as of {day}: {value}."
        "\n\n"
        "Indicator: {indicator}\n"
        "Note: {reason}\n\n"
        "Please correct it and report it again: {link}"
    ),
    _VALUE,
)
VALUE_WITHDRAWN = MessageKind(
    "value_withdrawn",
    Importance.DECISION,
    _("Accepted value withdrawn"),
    _COORDINATORS,
    _("A reported value was withdrawn"),
    _(
        "The programme office has withdrawn the accepted value of {agency} as of {day}: {value}."
        "\n\n"
        "Indicator: {indicator}\n"
        "Reason: {reason}\n\n"
        "Please report the correct value: {link}"
    ),
    _VALUE,
)
VALUE_REPLACED = MessageKind(
    "value_replaced",
    Importance.DECISION,
    _("Accepted value replaced"),
    _COORDINATORS,
    _("A reported value was replaced"),
    _(
        "The programme office has replaced the accepted value of {agency} as of {day}, {value}, "
        "by {new_value} as of {new_day}.\n\n"
        "Indicator: {indicator}\n"
        "Reason: {reason}\n\n"
        "All values: {link}"
    ),
    {
        **_VALUE,
        "new_value": (_("new value"), "13 / 40"),
        "new_day": (_("day of the new value"), "30/06/2026"),
    },
)
AGENCY_DEADLINES = MessageKind(
    "agency_deadlines",
    Importance.REMINDER,
    _("Deadlines of an agency"),
    _COORDINATORS,
    _("Deadlines of your agency"),
    _("The following deadlines of your agency are approaching or have passed:\n\n{lines}"),
    _LINES,
    readers=(Role.COORDINATOR,),
)
UNREACHABLE_DEADLINES = MessageKind(
    "unreachable_deadlines",
    Importance.REMINDER,
    _("Deadlines of agencies without a coordinator"),
    _OFFICE,
    _("Deadlines without a coordinator to notify"),
    _(
        "The following deadlines are approaching or have passed. These agencies have no "
        "coordinator with an e-mail address, so please notify them yourself:\n\n"
        "{lines}"
    ),
    _LINES,
    readers=(Role.PROGRAMME_OFFICE,),
)
CONTRADICTIONS_FOUND = MessageKind(
    "contradictions_found",
    Importance.INFORMATION,
    _("Unexplained contradictions in the number"),
    _OFFICE,
    _("Unexplained contradictions in the number: {count}"),
    _(
        "Unexplained contradictions found by the reconciliation of {day} "
        "({count}):\n\n{lines}\n\nEach step with its names: {link}"
    ),
    {
        "count": (_("how many"), "2"),
        "day": (_("day of the reconciliation"), "15/06/2026"),
        "lines": (_("the contradictions, one per line"), _("- Completed without attendance: 2")),
        "link": (_("address of the page"), "https://699.example.gov.vn/reconcile/"),
    },
    readers=(Role.PROGRAMME_OFFICE,),
)

ALL = (
    TASK_ASSIGNED, TASK_ANSWER_ASKED, TASK_REPORT_RETURNED, VALUE_RETURNED, VALUE_WITHDRAWN,
    VALUE_REPLACED, AGENCY_DEADLINES, UNREACHABLE_DEADLINES, CONTRADICTIONS_FOUND,
)  # fmt: skip
