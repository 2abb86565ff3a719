from django.apps import AppConfig

from common.registries import Deferred, agency_sections, people_filters, training_columns


class ProfilesConfig(AppConfig):
    name = "profiles"

    def ready(self) -> None:
        people_filters.register("status", Deferred("profiles.training_status.with_training_status"))
        training_columns.register("training", Deferred("profiles.training_columns.TrainingColumns"))
        agency_sections.register("letters", Deferred("profiles.views.letters.letters_of_agency"))
