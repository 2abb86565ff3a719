from django.apps import AppConfig

from common.registries import TimedTask, timed_tasks


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        from notices.services import deliver_pending

        timed_tasks.register("deliver_notices", TimedTask(deliver_pending, seconds=15))
