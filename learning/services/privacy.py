from django.utils.translation import gettext as _

from common import formats
from common.personal_data import DataTable, Subject
from learning.models import Attempt, UnitDone


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    done = UnitDone.objects.filter(enrollment__trainee__in=subject.trainee_ids)
    tests = Attempt.objects.filter(enrollment__trainee__in=subject.trainee_ids)
    return [
        DataTable.of(
            "units_done",
            _("Learning units done"),
            done.select_related("enrollment__run", "version").order_by("done_at"),
            run=(_("Class"), "enrollment.run.code"),
            unit=(_("Learning unit"), "version.title"),
            on=(_("Day"), lambda one: formats.local_day(one.done_at)),
        ),
        DataTable.of(
            "tests_taken",
            _("Tests taken"),
            tests.select_related("enrollment__run", "test").order_by("started_at"),
            run=(_("Class"), "enrollment.run.code"),
            test=(_("Test"), "test.title"),
            stage=(_("When"), Attempt.get_stage_display),
            on=(_("Day"), lambda one: formats.local_day(one.started_at)),
            score=(_("Score"), lambda one: "" if one.score is None else one.score),
        ),
    ]


def erase(subject: Subject) -> int:
    """Forms that nobody will hand in; ``learning.personal`` declares what else is erased."""
    own = Attempt.objects.filter(enrollment__trainee__in=subject.trainee_ids, finished_at=None)
    gone, _by_model = own.delete()
    return int(gone)
