from django.apps import AppConfig

from common.append_only import protect
from common.registries import TimedTask, timed_tasks


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit.models import AuditEntry, AuditSeal
        from audit.services import seal_pending

        protect(AuditEntry)
        protect(AuditSeal)
        timed_tasks.register("seal_audit", TimedTask(seal_pending, seconds=5))
