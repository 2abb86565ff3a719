from django.apps import AppConfig

from common.append_only import protect
from common.pending_changes import track_changes
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, agency_scopes, timed_tasks
from enrollment.personal import PERSONAL
from notices.kinds import message_kinds


class EnrollmentConfig(AppConfig):
    name = "enrollment"

    def ready(self) -> None:
        from enrollment.message_kinds import ALL
        from enrollment.models import Completion, ScoreEntry, SeatMove
        from people.models import PendingChange

        personal_fields.register("enrollments", PERSONAL)
        for kind in ALL:
            message_kinds.register(kind.name, kind)
        # Words about a person go once, when the person is erased.
        voiding = ("voided_at", "void_reason")
        words = ("remark", "day_reason")
        protect(Completion, except_fields=voiding, write_once=words, with_field="erased_at")
        track_changes(
            Completion, "trainee", when_changed=("voided_at",), into=PendingChange, key="trainee"
        )
        protect(SeatMove, write_once=("remark",), with_field="erased_at")
        protect(ScoreEntry)
        services = "enrollment.services.privacy"
        personal_data_handlers.register(
            "enrollments",
            PersonalDataHandler(Deferred(f"{services}.show"), Deferred(f"{services}.erase")),
        )
        agency_scopes.register("listed", Deferred("enrollment.services.people.agencies_listed_for"))
        # Shares lapse and time conflicts end by the clock: somebody has to notice.
        release = Deferred("enrollment.services.seat_shares.release_due")
        promote = Deferred("enrollment.services.seat_shares.promote_due")
        timed_tasks.register("release_seat_shares", TimedTask(release, seconds=60))
        timed_tasks.register("fill_free_seats", TimedTask(promote, seconds=60))
        announcements = "enrollment.services.announcements"
        announce, remind = (Deferred(f"{announcements}.{name}") for name in ("announce", "remind"))
        timed_tasks.register("announce_enrollments", TimedTask(announce, seconds=10))
        timed_tasks.register("remind_of_classes", TimedTask(remind, seconds=3600))
        duties = Deferred("enrollment.services.reminders.remind_of_duties")
        timed_tasks.register("remind_of_duties", TimedTask(duties, seconds=3600))
