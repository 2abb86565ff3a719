from common.personal_fields import Erased, Impersonal, Personal, PersonalModel, each_field

_IMPERSONAL = (
    "Course", "CourseRun", "Session", "CalendarEvent", "Material", "OfficialDecision",
)  # fmt: skip

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
    PersonalModel(
        "courses.CalendarAddress",
        "",
        (*each_field("digest", "state", erased=Erased.ROW, why="the digest of a secret"),),
        user="user",
    ),
    *(
        Impersonal(f"courses.{model}", "what is taught, when, by whose decision")
        for model in _IMPERSONAL
    ),
)
