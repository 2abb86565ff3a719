from django.apps import AppConfig

from common.guards import Guard, guard


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
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
