from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common.personal_data import DataTable
from people.choices import RequestKind
from people.errors import PeopleError
from people.models import DataRequest, Trainee
from people.services.privacy import everything_about


@audited("own_data_exported")
def take_own_data(*, by: Actor, trainee: Trainee, form: str) -> list[DataTable]:
    tables = everything_about(trainee, in_clear=True)
    audit_details(trainee=trainee.code, form=form, rows=sum(len(table.rows) for table in tables))
    return tables


@audited("own_data_copied")
def copy_own_data(*, by: Actor, request: DataRequest) -> list[DataTable]:
    """The same on behalf of somebody without an account, who asked for a copy.

    Raises PeopleError ``not_asked_for``: without an open request there is no reason to read it.
    """
    if request.kind != RequestKind.ACCESS or request.settled_at:
        raise PeopleError("not_asked_for", _("No one is waiting for a copy of these data."))
    tables = everything_about(request.trainee, in_clear=True)
    audit_details(
        trainee=request.trainee.code,
        request=request.pk,
        rows=sum(len(table.rows) for table in tables),
    )
    return tables
