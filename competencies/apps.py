from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import Deferred, course_sections
from competencies.personal import PERSONAL


class CompetenciesConfig(AppConfig):
    name = "competencies"

    def ready(self) -> None:
        from competencies.models import Competency, Framework, Level

        personal_fields.register("competencies", PERSONAL)
        protect(Framework, write_once=("adopted_by", "adopted_because"), with_field="adopted_at")
        protect(Level)
        protect(Competency)
        course_sections.register(
            "competencies", Deferred("competencies.views.courses.competencies_of_course")
        )
