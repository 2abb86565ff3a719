"""Units: added, changed by versions, put in order, fitted to a class."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import Actor, audit_details, audited
from common import clock
from courses.models import Course, CourseRun
from courses.services import require_unended
from enrollment.models import Enrollment
from learning.choices import UnitKind
from learning.errors import LearningInputError
from learning.models import ClassUnit, Unit, UnitVersion


@dataclass(frozen=True, slots=True)
class ShownUnit:
    """A unit as one class sees it."""

    unit: Unit
    version: UnitVersion
    visible_from: dt.date | None
    is_hidden: bool
    is_pinned: bool

    @property
    def is_visible(self) -> bool:
        return not self.is_hidden and (
            self.visible_from is None or self.visible_from <= clock.today()
        )


def units_of(run: CourseRun) -> list[ShownUnit]:
    """The units of a class in order, also those that it hides or that are not visible yet.

    Without another choice of its own a class sees the newest version recorded by its last day: what
    was taught once stays readable as it was.
    """
    units = list(Unit.objects.offered_in(run))
    versions = UnitVersion.objects.filter(
        unit__in=units, recorded_at__lte=clock.end_of_day(run.ends_on)
    )
    newest = {version.unit_id: version for version in versions.order_by("number")}
    settings = {
        one.unit_id: one
        for one in ClassUnit.objects.filter(run=run, unit__in=units).select_related("version")
    }
    shown = []
    for unit in units:
        setting = settings.get(unit.pk) or ClassUnit()
        version = setting.version or newest.get(unit.pk)
        if version is None:
            continue
        shown.append(
            ShownUnit(
                unit=unit,
                version=version,
                visible_from=setting.visible_from or _default_day(run, unit),
                is_hidden=setting.is_hidden,
                is_pinned=setting.version is not None,
            )
        )
    # A class's own come behind those of the course.
    return sorted(shown, key=lambda one: (one.unit.run_id is not None, one.unit.position))


def _default_day(run: CourseRun, unit: Unit) -> dt.date | None:
    if unit.opens_after_days is None:
        return None
    return run.starts_on + dt.timedelta(days=unit.opens_after_days)


@audited("unit_added")
def add_unit(
    *,
    by: Actor,
    course: Course,
    run: CourseRun | None = None,
    is_required: bool = True,
    opens_after_days: int | None = None,
    **content: Any,
) -> Unit:
    Course.objects.select_for_update().get(pk=course.pk)  # two added at once get two positions
    siblings = Unit.objects.filter(course=course, run=run)
    last = siblings.aggregate(last=Max("position"))["last"] or 0
    unit = Unit.objects.create(
        course=course,
        run=run,
        position=last + 1,
        is_required=is_required,
        opens_after_days=opens_after_days,
    )
    _add_version(by, unit, 1, content)
    audit_details(course=course.code, run=run.code if run else None, learning_unit=unit.pk)
    return unit


@audited("unit_changed")
def change_unit(
    *, by: Actor, unit: Unit, is_required: bool, opens_after_days: int | None, **content: Any
) -> Unit:
    """Earlier versions stay; without a change of the content there is no new one."""
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    last = unit.versions.latest("number")
    if not content.get("file"):
        content["file"] = last.file
    if content | {"file": str(content["file"])} != last.content() | {"file": str(last.file)}:
        last = _add_version(by, unit, last.number + 1, content)
    unit.is_required, unit.opens_after_days = is_required, opens_after_days
    unit.save(update_fields=["is_required", "opens_after_days"])
    audit_details(course=unit.course.code, learning_unit=unit.pk, version=last.number)
    return unit


def _add_version(by: Actor, unit: Unit, number: int, content: dict[str, Any]) -> UnitVersion:
    _require_content(content)
    return UnitVersion.objects.create(
        unit=unit, number=number, recorded_by=by.label, **{"file": "", **content}
    )


def _require_content(content: dict[str, Any]) -> None:
    kind = content["kind"]
    has_text = bool(content.get("text_vi") or content.get("text_en"))
    missing = {
        UnitKind.TEXT: not has_text and _("Write the text of the unit."),
        UnitKind.FILE: not content.get("file") and _("Choose the file of the unit."),
        UnitKind.LINK: not content.get("link") and _("Give the address that the unit leads to."),
        UnitKind.VIDEO: not (content.get("file") or content.get("link"))
        and _("Choose the file of the video, or give its address."),
    }[UnitKind(kind)]
    if missing:
        raise LearningInputError("content_missing", str(missing))


@audited("unit_moved")
def move_unit(*, by: Actor, unit: Unit, steps: int) -> None:
    """``steps`` down the list of its course or class; negative is up."""
    Course.objects.select_for_update().get(pk=unit.course_id)
    siblings = list(Unit.objects.filter(course=unit.course_id, run=unit.run_id, withdrawn_at=None))
    at = [one.pk for one in siblings].index(unit.pk)
    moved = siblings.pop(at)
    siblings.insert(min(max(at + steps, 0), len(siblings)), moved)
    for position, one in enumerate(siblings, start=1):
        one.position = position
    Unit.objects.bulk_update(siblings, ["position"])
    audit_details(course=unit.course.code, learning_unit=unit.pk)


@audited("unit_withdrawn")
def withdraw_unit(*, by: Actor, unit: Unit) -> None:
    """Classes that have ended keep it."""
    Unit.objects.filter(pk=unit.pk, withdrawn_at=None).update(withdrawn_at=clock.now())
    audit_details(course=unit.course.code, learning_unit=unit.pk)


@audited("class_unit_set")
def set_class_unit(
    *,
    by: Actor,
    run: CourseRun,
    unit: Unit,
    version: UnitVersion | None = None,
    visible_from: dt.date | None = None,
    is_hidden: bool = False,
) -> None:
    require_unended(run)
    values = {"version": version, "visible_from": visible_from, "is_hidden": is_hidden}
    ClassUnit.objects.update_or_create(run=run, unit=unit, defaults=values)
    number = version.number if version else None
    audit_details(run=run.code, learning_unit=unit.pk, version=number, hidden=is_hidden)


def copy_units(run: CourseRun, copy: CourseRun) -> None:
    """What a class has added or set for itself goes along with a copy, its days shifted."""
    shift = copy.starts_on - run.starts_on
    copied = {}
    for unit in run.own_units.filter(withdrawn_at=None):
        version = unit.versions.latest("number")
        before = unit.pk
        unit.pk, unit.run, unit.added_at = None, copy, clock.now()
        unit.save()
        version.pk, version.unit, version.number = None, unit, 1
        version.save()
        copied[before] = unit.pk
    settings = list(run.unit_settings.all())
    for one in settings:
        is_own = one.unit_id in copied
        one.pk, one.run, one.unit_id = None, copy, copied.get(one.unit_id, one.unit_id)
        one.version_id = None if is_own else one.version_id
        one.visible_from = one.visible_from and one.visible_from + shift
    ClassUnit.objects.bulk_create(settings)


def may_open_version(user: User, version: UnitVersion) -> bool:
    """Whoever manages the unit, and those with a seat in a class that sees this version."""
    managed = Unit.objects.manageable_by(user).filter(pk=version.unit_id)
    if user.reads_everything or managed.exists():
        return True
    seats = Enrollment.objects.holding_a_seat().of_user(user.pk)
    classes = CourseRun.objects.filter(course=version.unit.course_id, enrollments__in=seats)
    return any(
        one.version.pk == version.pk and one.is_visible
        for run in classes.distinct()
        for one in units_of(run)
    )
