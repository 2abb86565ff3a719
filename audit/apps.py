from django.apps import AppConfig

from common.append_only import protect
from common.registries import Deferred, TimedTask, timed_tasks


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit.models import AuditEntry, AuditHead, AuditSeal

        protect(AuditEntry)
        protect(AuditSeal)
        protect(AuditHead, yielding=("time_stamp",), once="stamped_at")
        timed_tasks.register(
            "seal_audit", TimedTask(Deferred("audit.services.sealing.seal_pending"), 5)
        )
