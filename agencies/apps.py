from django.apps import AppConfig

from common.guards import Guard, guard

# Along successions time only goes forward, and an agency ends once: so none leads back to itself.
_FORWARD = """(EXISTS (
    SELECT 1 FROM agencies_successionlink other
    JOIN agencies_succession its ON its.id = other.succession_id
    JOIN agencies_succession mine ON mine.id = NEW.succession_id
    WHERE its.voided_at IS NULL AND mine.voided_at IS NULL AND (
        (other.predecessor_id = NEW.successor_id AND its."on" <= mine."on")
        OR (other.successor_id = NEW.predecessor_id AND its."on" >= mine."on")
        OR (other.predecessor_id = NEW.predecessor_id AND its.id <> mine.id)
    )
))"""


class AgenciesConfig(AppConfig):
    name = "agencies"

    def ready(self) -> None:
        guard(
            Guard(
                name="successions_run_forward_in_time",
                app_label="agencies",
                table="agencies_successionlink",
                columns=("succession_id", "predecessor_id", "successor_id"),
                condition=_FORWARD,
            )
        )
