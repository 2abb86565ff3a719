from django.apps import AppConfig

from common.registries import Deferred, people_filters


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        people_filters.register("status", Deferred("profiles.training_status.with_training_status"))
