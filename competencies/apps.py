from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import Deferred, course_sections, people_filters
from competencies.personal import PERSONAL


class CompetenciesConfig(AppConfig):
    name = "competencies"

    def ready(self) -> None:
        from competencies.models import (
            AudienceRule,
            Competency,
            Framework,
            Level,
            RequiredCompetency,
        )

        personal_fields.register("competencies", PERSONAL)
        protect(Framework, write_once=("adopted_by", "adopted_because"), with_field="adopted_at")
        for model in (Level, Competency, AudienceRule, RequiredCompetency):
            protect(model)
        people_filters.register("untrained", Deferred("competencies.progress.lacking_in"))
        course_sections.register(
            "competencies", Deferred("competencies.views.courses.competencies_of_course")
        )
