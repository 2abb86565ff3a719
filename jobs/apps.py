from django.apps import AppConfig

from common.personal_data import Keeper, keepers
from common.registries import Deferred, TimedTask, timed_tasks


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        keepers.register("jobs", Keeper(erase=Deferred("jobs.services.erase")))
        timed_tasks.register("reap_jobs", TimedTask(Deferred("jobs.services.reap"), 15))
        timed_tasks.register("tidy_queue", TimedTask(Deferred("jobs.services.tidy_queue"), 3600))
