from django.apps import AppConfig

from common.guards import Guard, guard
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks
from courses.personal import PERSONAL


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        personal_fields.register("courses", PERSONAL)
        personal_data_handlers.register(
            "courses", PersonalDataHandler(erase=Deferred("courses.services.privacy.erase"))
        )
        begin = Deferred("courses.services.teaching.start_due_runs")
        timed_tasks.register("begin_runs", TimedTask(begin, seconds=60))
        calendar = Deferred("courses.services.calendar.record_changes")
        timed_tasks.register("record_calendar_changes", TimedTask(calendar, seconds=60))
        guard(
            Guard(
                name="sessions_of_a_run_do_not_overlap",
                app_label="courses",
                table="courses_session",
                columns=("run_id", "starts_at", "ends_at"),
                condition=(
                    "(EXISTS (SELECT 1 FROM courses_session other WHERE other.run_id = NEW.run_id "
                    "AND other.id <> NEW.id AND other.starts_at < NEW.ends_at "
                    "AND other.ends_at > NEW.starts_at))"
                ),
            )
        )
