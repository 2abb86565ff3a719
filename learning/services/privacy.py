from django.utils.translation import gettext as _

from common import formats
from common.personal_data import DataTable, Subject
from learning.models import UnitDone


def show(subject: Subject, in_clear: bool) -> list[DataTable]:
    done = UnitDone.objects.filter(enrollment__trainee__in=subject.trainee_ids)
    return [
        DataTable.of(
            "units_done",
            _("Learning units done"),
            done.select_related("enrollment__run", "version").order_by("done_at"),
            run=(_("Class"), "enrollment.run.code"),
            unit=(_("Learning unit"), "version.title"),
            on=(_("Day"), lambda one: formats.local_day(one.done_at)),
        )
    ]
