from django.apps import AppConfig

from common.registries import TimedTask, timed_tasks


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs.services import reap

        timed_tasks.register("reap_jobs", TimedTask(reap, seconds=15))
