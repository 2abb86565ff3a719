from django.apps import AppConfig

from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, job_listeners, timed_tasks
from notices.kinds import message_kinds
from notices.message_kinds import DIGEST
from notices.personal import PERSONAL


class NoticesConfig(AppConfig):
    name = "notices"

    def ready(self) -> None:
        personal_fields.register("notices", PERSONAL)
        personal_data_handlers.register(
            "notices", PersonalDataHandler(erase=Deferred("notices.services.delivery.erase"))
        )
        message_kinds.register(DIGEST.name, DIGEST)
        job_listeners.register("notices", Deferred("notices.services.finished_jobs.tell_owner"))
        digest = Deferred("notices.services.digests.send_digests")
        timed_tasks.register("send_digests", TimedTask(digest, seconds=300))
        prune = Deferred("notices.services.notifications.prune")
        timed_tasks.register("prune_notices", TimedTask(prune, seconds=3600))
        deliver = Deferred("notices.services.delivery.deliver_all")
        timed_tasks.register("deliver_notices", TimedTask(deliver, seconds=5, needs_outside=True))
        bounces = Deferred("notices.services.mailbox.read_bounces")
        timed_tasks.register("read_bounces", TimedTask(bounces, seconds=60, needs_outside=True))
