from django.apps import AppConfig

from common.append_only import protect
from common.registries import Deferred, TimedTask, timed_tasks


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit.models import AuditEntry, AuditSeal

        protect(AuditEntry)
        protect(AuditSeal)
        timed_tasks.register("seal_audit", TimedTask(Deferred("audit.services.seal_pending"), 5))
