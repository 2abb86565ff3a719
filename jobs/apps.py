from django.apps import AppConfig

from common.registries import TimedTask, timed_tasks


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs.services import reap, tidy_queue

        timed_tasks.register("reap_jobs", TimedTask(reap, seconds=15))
        timed_tasks.register("tidy_queue", TimedTask(tidy_queue, seconds=3600))
