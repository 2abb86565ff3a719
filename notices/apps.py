from django.apps import AppConfig

from common.personal_data import Keeper, keepers
from common.registries import Deferred, TimedTask, timed_tasks


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        keepers.register("notices", Keeper(erase=Deferred("notices.services.erase")))
        deliver = Deferred("notices.services.deliver_pending")
        timed_tasks.register("deliver_notices", TimedTask(deliver, seconds=15))
