from django.apps import AppConfig

from common.registries import Deferred, narrowings


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        narrowings.register("status", Deferred("profiles.training_status.with_training_status"))
