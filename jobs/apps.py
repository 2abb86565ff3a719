from django.apps import AppConfig

from common.registries import Deferred, TimedTask, timed_tasks


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        timed_tasks.register("reap_jobs", TimedTask(Deferred("jobs.services.reap"), 15))
        timed_tasks.register("tidy_queue", TimedTask(Deferred("jobs.services.tidy_queue"), 3600))
