"""A person takes their own data along."""

from audit.services import Actor, deed, note
from common.personal_data import Held
from people.models import Trainee
from people.services.privacy import everything_about


@deed("own_data_taken")
def take_own_data(*, by: Actor, trainee: Trainee, form: str) -> list[Held]:
    """All that the programme holds about a person, numbers in clear: for themselves alone."""
    held = everything_about(trainee, in_clear=True)
    note(trainee=trainee.code, form=form, rows=sum(len(kind.rows) for kind in held))
    return held
