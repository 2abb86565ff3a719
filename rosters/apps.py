from django.apps import AppConfig

from common.registries import TimedTask, job_work, timed_tasks


class RostersConfig(AppConfig):
    name = "rosters"

    def ready(self) -> None:
        from rosters import tasks
        from rosters.services import giving, staging

        job_work.register(staging.CHECK, tasks.check_roster)
        job_work.register(staging.IMPORT, tasks.import_roster)
        job_work.register(giving.EXPORT, tasks.export_roster)
        timed_tasks.register("forget expired exports", TimedTask(giving.forget_expired, 3600))
        timed_tasks.register("forget expired rosters", TimedTask(staging.forget_expired, 3600))
