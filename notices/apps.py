from django.apps import AppConfig

from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks
from notices.personal import PERSONAL


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        personal_fields.register("notices", PERSONAL)
        personal_data_handlers.register(
            "notices", PersonalDataHandler(erase=Deferred("notices.services.delivery.erase"))
        )
        deliver = Deferred("notices.services.delivery.deliver_all")
        timed_tasks.register("deliver_notices", TimedTask(deliver, seconds=5, needs_outside=True))
        bounces = Deferred("notices.services.mailbox.read_bounces")
        timed_tasks.register("read_bounces", TimedTask(bounces, seconds=60, needs_outside=True))
