from django.apps import AppConfig

from common.change_notes import leave_notes


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people.models import ChangeNote, Merge

        leave_notes(
            Merge,
            "survivor",
            "absorbed",
            when_changed=("undone_at",),
            into=ChangeNote,
            key="trainee",
        )
