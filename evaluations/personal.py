"""Personal data of this app, column by column. Answers to an evaluation are nobody's."""

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel, each_field

_IN_OFFICE = "who recorded it: staff answer for what they record by name"

PERSONAL = (
    PersonalModel(
        "evaluations.FollowUp",
        "",
        (
            *each_field(
                "what", "obstacle", "example", "link", "decision_note", "public_title",
                "public_text",
                erased=Erased.IN_APP,
                in_table=True,
            ),
            Personal("file", Erased.IN_APP, why="its content; the copy gives the name of the file"),
            Personal("decided_by", Erased.STAYS, why=_IN_OFFICE),
        ),
        trainee=("completion__trainee",),
    ),
    PersonalModel(
        "evaluations.LineManager",
        _("Line manager"),
        (
            Personal("full_name", Erased.ROW, shown=_("Full name")),
            Personal("email", Erased.ROW, shown=_("E-mail")),
            Personal("recorded_by", Erased.ROW, why=_IN_OFFICE),
        ),
        trainee=("trainee",),
    ),
    PersonalModel(
        "evaluations.EvaluatedTrainer",
        "",
        (Personal("guest_name", Erased.STAYS, why="a guest speaker, as the class names them"),),
        user="user",
    ),
    Impersonal(
        "evaluations.FreeText",
        "nobody's: nothing leads from a text to its author, and the office may hold it back",
        ("text", "held_back_by", "held_back_because"),
    ),
    Impersonal("evaluations.Evaluation", "the class's, with who of the staff recorded it"),
    Impersonal("evaluations.PaperEntry", "digests, with who of the staff entered the forms"),
    Impersonal("evaluations.EvaluationForm", "what is asked"),
    Impersonal("evaluations.FormItem", "what is asked"),
    Impersonal("evaluations.FormLevel", "words for averages"),
    Impersonal("evaluations.FollowUpRule", "settings, with who of the staff made them"),
)  # fmt: skip
