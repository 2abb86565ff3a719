import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import User
from audit.services import SYSTEM, Actor, audit_details, audited
from common import clock
from common.constraints import violation_as
from common.registries import run_copies
from common.vietnamese import search_key
from courses.choices import DecisionKind, RunState
from courses.errors import CourseError
from courses.models import CourseRun, Material, OfficialDecision, RunTrainer, Session
from courses.services import code_taken, open_run, require_code, require_unended
from courses.services.calendar import record_calendar
from courses.services.timetables import lock_run

_COPIED = ("course_id", "venue", "link", "capacity", "is_self_paced")


@dataclass(frozen=True, slots=True)
class TeachingClash:
    """A trainer or guest who teaches another class at the same time."""

    name: str
    run_code: str
    starts_at: dt.datetime

    @property
    def message(self) -> str:
        return _("%(name)s teaches class %(code)s at the same time.") % {
            "name": self.name,
            "code": self.run_code,
        }


@audited("run_copied")
def copy_run(*, by: Actor, run: CourseRun, code: str, starts_on: dt.date) -> CourseRun:
    require_code(code)
    shift = starts_on - run.starts_on
    with code_taken(code):
        copy = CourseRun.objects.create(
            code=code,
            state=RunState.DRAFT,
            starts_on=starts_on,
            ends_on=run.ends_on + shift,
            **{name: getattr(run, name) for name in _COPIED},
        )
    sessions, trainers = list(run.sessions.all()), list(run.trainers.all())
    copied: list[Any] = [*sessions, *trainers]
    for row in copied:
        row.pk, row.run = None, copy  # without its key, a row is a new one
    for session in sessions:
        session.starts_at += shift
        session.ends_at += shift
    Session.objects.bulk_create(sessions)
    RunTrainer.objects.bulk_create(trainers)
    _copy_files(run, copy)
    for _name, take_along in run_copies:
        take_along(run, copy)
    audit_details(run=code, copied_from=run.code)
    return copy


def _copy_files(run: CourseRun, copy: CourseRun) -> None:
    """Each in a file of its own: a file goes when it is removed from its class."""
    for material in run.materials.order_by("added_at"):
        with material.file.open("rb") as content:
            file = File(content, Path(str(material.file.name)).name)
            Material.objects.create(run=copy, title=material.title, file=file)


@audited("run_announced")
def announce(*, by: Actor, run: CourseRun) -> CourseRun:
    run = lock_run(run)
    if run.state != RunState.DRAFT:
        raise CourseError("no_draft", _("Only a draft can be announced."))
    run.state = RunState.OPEN
    run.save(update_fields=["state"])
    record_calendar(run)
    audit_details(run=run.code)
    return run


def start_due_runs() -> int:
    """A timed task: set announced classes running once their first day has come."""
    due = CourseRun.objects.filter(state=RunState.OPEN, starts_on__lte=clock.today())
    return start_runs(by=SYSTEM) if due.exists() else 0


@audited("runs_begun")
def start_runs(*, by: Actor) -> int:
    due = CourseRun.objects.filter(state=RunState.OPEN, starts_on__lte=clock.today())
    codes = list(due.select_for_update().order_by("pk").values_list("code", flat=True))
    begun = CourseRun.objects.filter(code__in=codes).update(state=RunState.RUNNING)
    audit_details(runs=codes)
    return begun


def open_run_as(user: User, **run: Any) -> CourseRun:
    opened = open_run(by=user.as_actor(), **run)
    if not user.has_role(Role.PROGRAMME_OFFICE):
        add_trainer(by=user.as_actor(), run=opened, user=user)
    return opened


@audited("trainer_added")
def add_trainer(
    *,
    by: Actor,
    run: CourseRun,
    user: User | None = None,
    guest_name: str = "",
    guest_title: str = "",
) -> list[TeachingClash]:
    """Returns warnings about other classes at the same time; they do not prevent it."""
    run = lock_run(run)
    require_unended(run)
    if (user is None) == (not guest_name.strip()):
        raise CourseError("trainer_or_guest", _("Choose a trainer, or name a guest speaker."))
    already = _("This person already teaches this class.")
    with violation_as(CourseError, "already_teaches", already), transaction.atomic():
        RunTrainer.objects.create(
            run=run, user=user, guest_name=guest_name.strip(), guest_title=guest_title.strip()
        )
    audit_details(run=run.code, trainer=user.pk if user else None, guest=user is None)
    name = search_key(str(user or guest_name))
    return [clash for clash in teaching_clashes(run) if search_key(clash.name) == name]


@audited("trainer_removed")
def remove_trainer(*, by: Actor, trainer: RunTrainer) -> None:
    run = lock_run(trainer.run)
    require_unended(run)
    audit_details(run=run.code, trainer=trainer.user_id, guest=trainer.user_id is None)
    trainer.delete()


def teaching_clashes(run: CourseRun) -> list[TeachingClash]:
    mine = list(run.sessions.values_list("starts_at", "ends_at"))
    trainers = list(run.trainers.select_related("user"))
    if not mine or not trainers:
        return []
    others = RunTrainer.objects.exclude(run=run).exclude(run__state=RunState.CANCELLED)
    elsewhere = others.filter(
        run__sessions__starts_at__lt=max(end for _start, end in mine),
        run__sessions__ends_at__gt=min(start for start, _end in mine),
    ).values_list(
        "user_id", "guest_name", "run__code", "run__sessions__starts_at", "run__sessions__ends_at"
    )
    name_by_key = {_key(t.user_id, t.guest_name): str(t) for t in trainers}
    found: dict[tuple[str, str], TeachingClash] = {}
    for user_id, guest, code, start, end in elsewhere:
        name = name_by_key.get(_key(user_id, guest))
        if name and any(start < my_end and end > my_start for my_start, my_end in mine):
            found.setdefault((name, code), TeachingClash(name, code, start))
    return sorted(found.values(), key=lambda clash: (clash.name, clash.run_code))


def _key(user_id: int | None, guest_name: str) -> str:
    return f"user {user_id}" if user_id else search_key(guest_name)


@audited("material_added")
def add_material(*, by: Actor, run: CourseRun, title: str, file: Any) -> Material:
    material = Material.objects.create(run=run, title=title, file=file)
    audit_details(run=run.code, material=material.pk)
    return material


@audited("material_removed")
def remove_material(*, by: Actor, material: Material) -> None:
    audit_details(run=material.run.code, material=material.pk)
    material.file.delete(save=False)
    material.delete()


@audited("decision_recorded")
def record_decision(
    *, by: Actor, run: CourseRun, kind: str, number: str, dated: dt.date, **details: Any
) -> OfficialDecision:
    """Record the class-opening or recognition decision; it replaces an earlier one of its kind."""
    if kind not in DecisionKind.values or not number.strip():
        raise CourseError("number_missing", _("A decision needs its number and symbol."))
    if not details.get("file"):
        details.pop("file", None)
    decision, _created = OfficialDecision.objects.update_or_create(
        run=run, kind=kind, defaults={"number": number.strip(), "dated": dated, **details}
    )
    audit_details(run=run.code, kind=str(kind), number=number, dated=dated.isoformat())
    return decision
