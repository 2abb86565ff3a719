from django.apps import AppConfig

from audit.personal import PERSONAL
from common.append_only import protect
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit.models import AuditEntry, AuditHead, AuditSeal

        personal_fields.register("audit", PERSONAL)
        protect(AuditEntry)
        protect(AuditSeal)
        protect(AuditHead, write_once=("time_stamp",), with_field="stamped_at")
        timed_tasks.register(
            "seal_audit", TimedTask(Deferred("audit.services.seals.seal_pending"), 5)
        )
        timed_tasks.register(
            "stamp_audit",
            TimedTask(Deferred("audit.services.time_stamps.stamp"), 600, needs_outside=True),
        )
