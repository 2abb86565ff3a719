from django.apps import AppConfig

from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks
from jobs import job_types
from notices.kinds import message_kinds
from rosters.job_types import CHECK_ROSTER, EXPORT_ROSTER, IMPORT_ROSTER
from rosters.personal import PERSONAL


class RostersConfig(AppConfig):
    name = "rosters"

    def ready(self) -> None:
        from rosters.message_kinds import ALL

        for kind in ALL:
            message_kinds.register(kind.name, kind)
        personal_fields.register("rosters", PERSONAL)
        job_types.register(CHECK_ROSTER, IMPORT_ROSTER, EXPORT_ROSTER)
        personal_data_handlers.register(
            "rosters", PersonalDataHandler(erase=Deferred("rosters.privacy.erase"))
        )
        exports = Deferred("rosters.exporting.export_requests.erase_expired")
        rosters = Deferred("rosters.importing.staging.erase_expired")
        monthly = Deferred("rosters.exporting.schedules.prepare_due")
        timed_tasks.register("prepare_monthly_lists", TimedTask(monthly, seconds=900))
        timed_tasks.register("forget_expired_exports", TimedTask(exports, seconds=3600))
        timed_tasks.register("forget_expired_rosters", TimedTask(rosters, seconds=3600))
