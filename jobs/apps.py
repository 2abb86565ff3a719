from django.apps import AppConfig

from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks
from jobs.personal import PERSONAL


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        personal_fields.register("jobs", PERSONAL)
        personal_data_handlers.register(
            "jobs", PersonalDataHandler(erase=Deferred("jobs.services.erase"))
        )
        timed_tasks.register("reap_jobs", TimedTask(Deferred("jobs.services.reap"), 15))
        timed_tasks.register("tidy_queue", TimedTask(Deferred("jobs.services.tidy_queue"), 3600))
