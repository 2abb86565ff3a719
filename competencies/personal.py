from common.personal_fields import Impersonal

_STAFF = "with who of the staff recorded it"

PERSONAL = (
    Impersonal("competencies.Framework", f"what is published, {_STAFF}"),
    Impersonal("competencies.Level", "words of a framework"),
    Impersonal("competencies.Competency", "words of a framework"),
    Impersonal("competencies.CourseCompetency", f"what a course teaches, {_STAFF}"),
)
