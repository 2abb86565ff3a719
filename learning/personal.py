"""Personal data of this app, column by column."""

from common.personal_fields import Impersonal, PersonalModel

PERSONAL: tuple[PersonalModel | Impersonal, ...] = (
    *(
        Impersonal(f"learning.{model}", "what a course teaches")
        for model in ("Unit", "UnitVersion", "ClassUnit")
    ),
)
