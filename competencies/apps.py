from django.apps import AppConfig

from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import (
    Deferred,
    TimedTask,
    course_sections,
    people_filters,
    timed_tasks,
)
from competencies.personal import PERSONAL
from notices.kinds import message_kinds


class CompetenciesConfig(AppConfig):
    name = "competencies"

    def ready(self) -> None:
        from competencies.message_kinds import ALL
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
        for kind in ALL:
            message_kinds.register(kind.name, kind)
        remind = Deferred("competencies.services.reminders.remind_of_untrained")
        timed_tasks.register("remind_of_untrained", TimedTask(remind, seconds=3600))
        people_filters.register("untrained", Deferred("competencies.progress.lacking_in"))
        course_sections.register(
            "competencies", Deferred("competencies.views.courses.competencies_of_course")
        )
