from django.apps import AppConfig

from common.append_only import protect
from common.registries import TimedTask, timed_tasks


class EnrollmentConfig(AppConfig):
    name = "enrollment"

    def ready(self) -> None:
        from enrollment.models import Completion, ScoreEntry, SeatMove
        from enrollment.services.shares import promote_due, release_due

        protect(Completion, but=("voided_at", "void_reason"))
        protect(SeatMove)
        protect(ScoreEntry)
        timed_tasks.register("release_seat_shares", TimedTask(release_due, seconds=60))
        timed_tasks.register("fill_free_seats", TimedTask(promote_due, seconds=60))
