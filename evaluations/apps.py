from django.apps import AppConfig

from common.append_only import protect
from common.mail_links import link_makers
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks
from evaluations.personal import PERSONAL
from notices.kinds import message_kinds


class EvaluationsConfig(AppConfig):
    name = "evaluations"

    def ready(self) -> None:
        from evaluations.message_kinds import ALL
        from evaluations.models import EvaluationForm, FollowUpRule, FormItem, FormLevel

        for kind in ALL:
            message_kinds.register(kind.name, kind)
        personal_fields.register("evaluations", PERSONAL)
        for model in (EvaluationForm, FormItem, FormLevel, FollowUpRule):
            protect(model)
        services = "evaluations.services"
        personal_data_handlers.register(
            "evaluations",
            PersonalDataHandler(
                Deferred(f"{services}.privacy.show"), Deferred(f"{services}.privacy.erase")
            ),
        )
        link_makers.register("follow_up", Deferred(f"{services}.follow_ups.make_link"))
        rounds = Deferred(f"{services}.rounds.run_evaluations")
        timed_tasks.register("run_evaluations", TimedTask(rounds, seconds=900))
        ask = Deferred(f"{services}.follow_ups.ask_about_use")
        timed_tasks.register("ask_about_use", TimedTask(ask, seconds=3600))
