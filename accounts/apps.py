from django.apps import AppConfig

from common.personal_data import Keeper, keepers
from common.registries import Deferred, TimedTask, timed_tasks


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        keepers.register("accounts", Keeper(erase=Deferred("accounts.services.privacy.erase")))
        forget = Deferred("accounts.services.forget_answers")
        timed_tasks.register("forget_api_answers", TimedTask(forget, seconds=3600))
