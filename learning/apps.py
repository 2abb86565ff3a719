from django.apps import AppConfig

from common.append_only import protect
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, run_copies, timed_tasks
from learning.personal import PERSONAL
from notices.kinds import message_kinds


class LearningConfig(AppConfig):
    name = "learning"

    def ready(self) -> None:
        from learning.message_kinds import ALL
        from learning.models import UnitVersion

        for kind in ALL:
            message_kinds.register(kind.name, kind)

        personal_fields.register("learning", PERSONAL)
        services = "learning.services.privacy"
        personal_data_handlers.register(
            "learning",
            PersonalDataHandler(Deferred(f"{services}.show"), Deferred(f"{services}.erase")),
        )
        run_copies.register("units", Deferred("learning.services.units.copy_units"))
        protect(UnitVersion)
        overdue = Deferred("learning.services.attempts.finish_overdue")
        timed_tasks.register("finish_overdue_tests", TimedTask(overdue, seconds=60))
        opened = Deferred("learning.services.rounds.tell_of_tests")
        timed_tasks.register("tell_of_tests", TimedTask(opened, seconds=300))
