from django.apps import AppConfig

from common.guards import guard, no_circle
from common.pending_changes import track_changes
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, account_facts, account_lookups, timed_tasks
from jobs import job_types
from notices.kinds import message_kinds
from people.job_types import ERASE_PERSON
from people.limits import MERGING_LOCK
from people.personal import PERSONAL


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people.message_kinds import ALL
        from people.models import Merge, PendingChange

        personal_fields.register("people", PERSONAL)
        services = "people.services.privacy"
        # Last: an app that was interrupted still finds the person when it begins again.
        personal_data_handlers.register(
            "people",
            PersonalDataHandler(Deferred(f"{services}.show"), Deferred(f"{services}.erase")),
        )
        account_lookups.register(
            "personal_number", Deferred("people.services.accounts.account_with_personal_number")
        )
        account_facts.register(
            "agency:people", Deferred("people.services.accounts.agency_ids_of_account")
        )
        account_facts.register(
            "merge:people", Deferred("people.services.accounts.trainee_ids_of_account")
        )
        job_types.register(ERASE_PERSON)
        for kind in ALL:
            message_kinds.register(kind.name, kind)
        report = Deferred("people.services.undeliverable.report_undeliverable")
        timed_tasks.register("report_undeliverable", TimedTask(report, seconds=60))
        letters = Deferred("people.services.letters.write_letters_for_failed_mail")
        timed_tasks.register("write_letters", TimedTask(letters, seconds=600))
        track_changes(
            Merge,
            "survivor",
            "absorbed",
            when_changed=("undone_at",),
            into=PendingChange,
            key="trainee",
        )
        guard(
            no_circle(
                "merges_form_no_circle",
                "people",
                "people_merge",
                step=("absorbed_id", "survivor_id"),
                believed="(row.undone_at IS NULL OR row.undone_at > NEW.recorded_at)",
                checked="NEW.undone_at IS NULL",
                ends_with=("undone_at",),
                lock=MERGING_LOCK,
            )
        )
