from django.apps import AppConfig

from common.append_only import protect


class EnrollmentConfig(AppConfig):
    name = "enrollment"

    def ready(self) -> None:
        from enrollment.models import Completion

        protect(Completion, but=("voided_at", "void_reason"))
