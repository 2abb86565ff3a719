from django.apps import AppConfig

from common.registries import Deferred, narrowings


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        narrowings.register("status", Deferred("profiles.training_status.of_training_status"))
