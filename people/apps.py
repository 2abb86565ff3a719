from django.apps import AppConfig

from common.change_notes import leave_notes
from common.personal_data import Keeper, keepers
from common.personal_fields import personal_fields
from common.registries import Deferred, account_facts, account_lookups, job_work
from people.personal import PERSONAL


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people.models import ChangeNote, Merge

        personal_fields.register("people", PERSONAL)
        services = "people.services.privacy"
        # Last of all: where a room is stopped half-way, it still finds whom it looks for.
        keepers.register(
            "people", Keeper(Deferred(f"{services}.show"), Deferred(f"{services}.erase"))
        )
        account_lookups.register(
            "personal_number", Deferred("people.services.accounts.account_with_personal_number")
        )
        account_facts.register("agency:people", Deferred("people.services.accounts.agency_of"))
        account_facts.register("merge:people", Deferred("people.services.accounts.known_rows"))
        job_work.register("erase_person", Deferred("people.tasks.erase_person"))
        leave_notes(
            Merge,
            "survivor",
            "absorbed",
            when_changed=("undone_at",),
            into=ChangeNote,
            key="trainee",
        )
