"""Who is missing from a roster that is sent again, and the confirmation that decides on them."""

from collections.abc import Sequence
from typing import Any

from accounts.models import User
from common.errors import DomainError
from enrollment.models import Enrollment
from enrollment.services.enrollments import require_withdrawable
from rosters.forms.missing import MissingForm
from rosters.models import RosterImport

SHOWN = 200  # one by one; whoever has more withdraws all, or on the page of the class


def missing_form(user: User, upload: RosterImport, data: Any = None) -> MissingForm | None:
    """None where nobody is missing, or nobody can be withdrawn any more."""
    ids = _ids(upload, "missing")
    if not ids or withdrawal_refusal(user, upload):
        return None
    return MissingForm(data, people=_people(user, ids), enrollment_ids=ids)


def missing_context(user: User, upload: RosterImport, form: MissingForm | None) -> dict[str, Any]:
    kept, withdrawn, uncertain = (
        _ids(upload, name) for name in ("missing", "withdrawn", "uncertain")
    )
    if not (kept or withdrawn or uncertain):
        return {}
    return {
        "missing": {
            "form": form,
            "kept": _people(user, kept),
            "kept_count": len(kept),
            "withdrawn": _people(user, withdrawn),
            "withdrawn_count": len(withdrawn),
            "uncertain": _people(user, uncertain),
            "uncertain_count": len(uncertain),
            "refusal": withdrawal_refusal(user, upload),
        }
    }


def withdrawal_refusal(user: User, upload: RosterImport) -> str:
    try:
        require_withdrawable(user.as_actor(), upload.run)
    except DomainError as error:
        return error.message
    return ""


def _ids(upload: RosterImport, name: str) -> list[int]:
    return list((upload.report or {}).get(name, ()))


def _people(user: User, ids: Sequence[int]) -> list[Enrollment]:
    if not ids:
        return []
    rows = Enrollment.objects.filter(pk__in=ids[:SHOWN]).exclude(trainee__erased_at__isnull=False)
    return list(rows.with_person_for(user).select_related("trainee").in_roster_order())
