from django.apps import AppConfig

from common.personal_data import Keeper, keepers
from common.registries import Deferred, TimedTask, account_lookups, timed_tasks


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        keepers.register("accounts", Keeper(erase=Deferred("accounts.services.privacy.erase")))
        account_lookups.register(
            "staff_number", Deferred("accounts.services.single_sign_on.account_with_staff_number")
        )
        forget = Deferred("accounts.services.forget_answers")
        timed_tasks.register("forget_api_answers", TimedTask(forget, seconds=3600))
