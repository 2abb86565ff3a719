"""Personal data of this app, column by column."""

from django.utils.translation import gettext_lazy as _

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

PERSONAL: tuple[PersonalModel | Impersonal, ...] = (
    PersonalModel(
        "learning.AttemptAnswer",
        _("Answers in tests"),
        (
            Personal("given", Erased.BLANK, shown=_("Answer")),
            Personal("shown", Erased.STAYS, why="the order in which the form shows options"),
        ),
        trainee=("attempt__enrollment__trainee",),
    ),
    *(
        Impersonal(f"learning.{model}", "what a course teaches and asks")
        for model in ("Unit", "UnitVersion", "ClassUnit", "Question", "CourseTest")
    ),
)
