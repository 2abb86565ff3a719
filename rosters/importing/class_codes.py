"""The class that a row names: lists of an agency or of a period contain several."""

from collections.abc import Sequence

from django.db.models.functions import Upper

from common.bulk import in_list
from common.deferred_messages import DeferredMessage as _
from courses.models import CourseRun
from rosters.importing.row_plan import RowPlan


class ClassCodes:
    def __init__(self, run: CourseRun) -> None:
        self._own = run.code
        self._is_class: dict[str, bool] = {}

    def check(self, plans: Sequence[RowPlan]) -> None:
        named = [(plan, plan.row.values.texts.get("run_code", "")) for plan in plans]
        others = [(plan, code) for plan, code in named if code and _key(code) != _key(self._own)]
        if not others:
            return
        self._look_up({_key(code) for _plan, code in others})
        for plan, code in others:
            if self._is_class[_key(code)]:
                reason = _(
                    "This row is for class %(code)s, but the roster was submitted for "
                    "%(own)s. Submit it for that class, or clear the cell to enroll this "
                    "person here."
                )
                plan.reject("run_code", "another_run", reason % {"code": code, "own": self._own})
            else:
                reason = _("No class has the code %(code)s; the cell was ignored.")
                plan.warn("run_code", "unknown_run", reason % {"code": code})

    def _look_up(self, keys: set[str]) -> None:
        if unknown := keys - self._is_class.keys():
            runs = CourseRun.objects.annotate(key=Upper("code")).filter(key__in=in_list(unknown))
            found = set(runs.order_by().values_list("key", flat=True))
            self._is_class |= {key: key in found for key in unknown}


def _key(code: str) -> str:
    return code.upper()
