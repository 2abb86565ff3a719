"""What the outbox holds about a person, column by column."""

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

PERSONAL = (
    PersonalModel(
        "notices.Notice",
        _("Messages sent to you"),
        (
            Personal("recipient", Erased.IN_APP, shown=_("To")),
            Personal("subject", Erased.IN_APP, shown=_("Subject")),
            Personal("body", Erased.IN_APP, shown=_("Text")),
            Personal("html_body", Erased.IN_APP, why="the same text, laid out"),
            Personal("last_error", Erased.IN_APP, why="what the mail server answered"),
            Personal("thread", Erased.IN_APP, why="to which class it belongs"),
            Personal("reply_to", Erased.IN_APP, why="the address of whoever wrote it"),
            Personal("attachments", Erased.IN_APP, why="files that came with it"),
            Personal("calendar", Erased.IN_APP, why="the class as an invitation to this address"),
            Personal("link_kind", Erased.IN_APP, why="which link is made when it is sent"),
            Personal("link_params", Erased.IN_APP, why="for which row the link is made"),
            Personal("language", Erased.IN_APP, why="vi or en"),
            Personal("kind", Erased.IN_APP, why="what the message is about"),
            Personal("path", Erased.IN_APP, why="the page that the message is about"),
            Personal("rights", Erased.IN_APP, why="a digest"),
        ),
        user="account",
        email="recipient",
    ),
    PersonalModel(
        "notices.UndeliverableAddress",
        _("Your undeliverable addresses"),
        (
            Personal("address", Erased.IN_APP, shown=_("Address")),
            Personal("reason", Erased.IN_APP, shown=_("Reason")),
            Personal("cleared_by", Erased.IN_APP, why="who in the office has it tried again"),
        ),
        email="address",
    ),
    PersonalModel(
        "notices.MutedKind",
        _("Messages that you do not want by e-mail"),
        (
            Personal("address", Erased.ROW, shown=_("To")),
            Personal("kind", Erased.ROW, shown=_("Kind of message")),
        ),
        user="account",
        email="address",
    ),
    Impersonal("notices.OutboxPause", "who in the office paused the outbox, and why"),
    Impersonal("notices.ReminderDays", "who in the office changed the days of reminders"),
    Impersonal("notices.SentReminder", "ids of classes, people and agencies"),
    Impersonal("notices.MessageText", "texts for everybody; who in the office changed them"),
)
