from django.apps import AppConfig

from common.registries import Deferred, TimedTask, timed_tasks


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        forget = Deferred("accounts.services.forget_answers")
        timed_tasks.register("forget_api_answers", TimedTask(forget, seconds=3600))
