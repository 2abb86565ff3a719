from django.apps import AppConfig

from agencies.limits import PARENTS_LOCK
from agencies.personal import PERSONAL
from common.guards import Guard, guard, no_circle
from common.personal_fields import personal_fields
from common.registries import Deferred, account_facts, agency_scopes

# A predecessor began before that day and its successor exists on it. As the predecessor ends the
# day before, no chain of successions leads back into an agency that has ended.
_OUTSIDE_VALIDITY = """(EXISTS (
    SELECT 1 FROM agencies_succession step
    JOIN agencies_agency gone ON gone.id = NEW.predecessor_id
    JOIN agencies_agency successor ON successor.id = NEW.successor_id
    WHERE step.id = NEW.succession_id AND step.voided_at IS NULL AND (
        gone.valid_from >= step."on"
        OR successor.valid_from > step."on" OR successor.valid_to < step."on"
    )
))"""


class AgenciesConfig(AppConfig):
    name = "agencies"

    def ready(self) -> None:
        personal_fields.register("agencies", PERSONAL)
        account_facts.register("agency:agencies", Deferred("agencies.services.agency_ids_of_terms"))
        for scope in ("every", "current", "seen", "sending"):
            agency_scopes.register(scope, Deferred(f"agencies.scopes.{scope}"))
        guard(
            Guard(
                name="successions_lie_within_validity",
                app_label="agencies",
                table="agencies_successionlink",
                columns=("succession_id", "predecessor_id", "successor_id"),
                condition=_OUTSIDE_VALIDITY,
            )
        )
        guard(
            no_circle(
                "parents_form_no_circle",
                "agencies",
                "agencies_agency",
                step=("id", "parent_id"),
                lock=PARENTS_LOCK,
            )
        )
