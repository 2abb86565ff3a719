from django.apps import AppConfig

from common.registries import TimedTask, timed_tasks


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts.services import forget_answers

        timed_tasks.register("forget_api_answers", TimedTask(forget_answers, seconds=3600))
