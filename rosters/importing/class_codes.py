"""Which class a row says that it is of: lists of an agency or of a period hold several."""

from collections.abc import Iterable

from django.db.models.functions import Upper

from common.bulk import in_list
from common.deferred_messages import DeferredMessage
from common.deferred_messages import DeferredMessage as _
from courses.models import CourseRun


class ClassNames:
    """What the class codes in rows mean for a roster that was sent to one class."""

    def __init__(self, run: CourseRun) -> None:
        self._own = run.code
        self._is_class: dict[str, bool] = {}

    def others(self, said: Iterable[str | None]) -> dict[str, bool]:
        """What rows say of their class that is not this one → whether it is a class of ours."""
        others = {code for code in set(said) if code and _key(code) != _key(self._own)}
        if unknown := {_key(code) for code in others} - self._is_class.keys():
            runs = CourseRun.objects.annotate(key=Upper("code")).filter(key__in=in_list(unknown))
            found = set(runs.order_by().values_list("key", flat=True))
            self._is_class |= {key: key in found for key in unknown}
        return {code: self._is_class[_key(code)] for code in others}

    def of_another(self, code: str) -> DeferredMessage:
        """What is said of a row of another class."""
        reason = _(
            "This row is of the class %(code)s, and the roster was sent to %(own)s. Send it to "
            "that class, or clear the cell to enter this person here."
        )
        return reason % {"code": code, "own": self._own}


def of_no_class(code: str) -> DeferredMessage:
    """What is said of a row whose class nobody knows."""
    return _("No class has the code %(code)s; the cell was not used.") % {"code": code}


def _key(code: str) -> str:
    return code.upper()
