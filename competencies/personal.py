from common.personal_fields import Impersonal

_STAFF = "with who of the staff recorded it"

PERSONAL = (
    Impersonal("competencies.Framework", f"what is published, {_STAFF}"),
    Impersonal("competencies.Level", "words of a framework"),
    Impersonal("competencies.Competency", "words of a framework"),
    Impersonal("competencies.Audience", "a group by its rule, not by its people"),
    Impersonal("competencies.AudienceRule", f"who belongs to a group, {_STAFF}"),
    Impersonal("competencies.RequiredCompetency", "what a group should have learnt"),
    Impersonal("competencies.CourseCompetency", f"what a course teaches, {_STAFF}"),
)
