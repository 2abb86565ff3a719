from django.apps import AppConfig

from common.registries import Deferred, TimedTask, timed_tasks


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        deliver = Deferred("notices.services.deliver_pending")
        timed_tasks.register("deliver_notices", TimedTask(deliver, seconds=15))
