from django.apps import AppConfig

from common.append_only import protect
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, timed_tasks
from jobs import job_types
from notices.kinds import message_kinds
from retention.job_types import DELETE_RECORDS, PACK_RECORDS
from retention.personal import PERSONAL


class RetentionConfig(AppConfig):
    name = "retention"

    def ready(self) -> None:
        from retention.message_kinds import ALL
        from retention.models import ArchivePackage, RetentionRule

        for kind in ALL:
            message_kinds.register(kind.name, kind)
        personal_fields.register("retention", PERSONAL)
        job_types.register(PACK_RECORDS, DELETE_RECORDS)
        protect(RetentionRule)
        later = (
            "left_files", "file", "file_removed_at", "handed_over_at", "handed_over_by",
            "handed_over_to", "job",
        )  # fmt: skip
        protect(ArchivePackage, when="deleted_at", except_fields=later)
        review = Deferred("retention.services.due.list_due_records")
        timed_tasks.register("list_due_records", TimedTask(review, seconds=21_600))
        withdraw = Deferred("retention.services.privacy.erase")
        personal_data_handlers.register("retention", PersonalDataHandler(None, withdraw))
