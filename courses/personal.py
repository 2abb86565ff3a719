from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

PERSONAL: tuple[PersonalModel | Impersonal, ...] = (
    PersonalModel(
        "courses.RunTrainer",
        "",
        (
            Personal("guest_name", Erased.STAYS, why="a speaker without an account, in office"),
            Personal("guest_title", Erased.STAYS, why="a speaker without an account, in office"),
        ),
        user="user",
    ),
    *(
        Impersonal(f"courses.{model}", "what is taught, when, by whose decision")
        for model in ("Course", "CourseRun", "Session", "Material", "OfficialDecision")
    ),
)
