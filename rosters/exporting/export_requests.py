"""Exports requested on a page: which rows and columns, at once or as a job."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Role
from accounts.mail import Recipient
from accounts.models import User
from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock, formats
from common.bulk import in_list
from common.dates import format_date, parse_date
from common.encryption import box
from common.spreadsheets import FileForm
from courses.services import run_by_code
from enrollment.models import Enrollment
from enrollment.services.people import people_visible_to
from jobs import services as jobs
from notices.services.messages import send_each
from people.models import Erasure
from rosters.choices import Paper
from rosters.errors import RosterError
from rosters.exporting.chosen_rows import (
    MATRIX,
    PEOPLE,
    chosen_enrollments,
    chosen_people,
    chosen_rows,
    is_of_people,
    scope_of,
)
from rosters.exporting.lists import export_matrix, export_people, export_roster
from rosters.exporting.papers import OF_THE_WHOLE_CLASS
from rosters.exporting.rows import NumbersWanted
from rosters.fields import ROSTER_KEYS
from rosters.job_types import EXPORT_ROSTER, ExportPayload
from rosters.message_kinds import CHARACTERS_DROPPED, EXPORT_READY
from rosters.models import RosterExport, RosterView

STREAMED: Final = 3_000  # rows; above it a job writes the file
RETENTION: Final = dt.timedelta(days=7)
RECORD_RETENTION: Final = dt.timedelta(days=180)  # that there was a file, and no more


def refuse_part_of_a_class(user: User, wanted: Mapping[str, Any]) -> None:
    """A paper of the whole class is only for readers who may see everybody in it.

    Raises RosterError ``paper_of_the_whole_class``.
    """
    if wanted.get("paper") not in OF_THE_WHOLE_CLASS:
        return
    everybody = Enrollment.objects.filter(run__code=wanted.get("run")).live()
    known = Enrollment.objects.visible_to(user).of_identifiable_people(user)
    if everybody.exclude(pk__in=known.values("pk")).exists():
        text = _(
            "This document names everyone in the class; only people who may see all of them can "
            "create it."
        )
        raise RosterError("paper_of_the_whole_class", text)


def may_see_numbers(user: User) -> bool:
    return user.has_role(Role.PROGRAMME_OFFICE)


def stream_export(*, by: Actor, user: User, wanted: Mapping[str, Any]) -> Iterable[bytes]:
    """The pieces of the file, which goes on the audit log.

    Which rows lost characters is known only after they were sent, too late for a page: the user
    gets an e-mail. Raises RosterError ``numbers_not_open``, ``unknown_column``,
    ``paper_of_the_whole_class``; CourseError ``unknown_run``.
    """
    dropped: list[int] = []
    pieces = _pieces(by, user, wanted, dropped)
    return _then_notify(pieces, dropped, user, translation.get_language() or "vi")


def _then_notify(
    pieces: Iterable[bytes], dropped: list[int], user: User, language: str
) -> Iterator[bytes]:
    yield from pieces
    if dropped:
        reader = Recipient(user.email, user.language or language)
        send_each(CHARACTERS_DROPPED, [reader], lambda: {"warning": _dropped_message(dropped)})


def _dropped_message(rows: Sequence[int]) -> str:
    parts = ngettext(
        "%(count)s row of your roster lost characters that files cannot contain, such as "
        "control characters: row %(rows)s of the sheet.",
        "%(count)s rows of your roster lost characters that files cannot contain, such "
        "as control characters; the first are rows %(rows)s of the sheet.",
        len(rows),
    )
    return parts % {"count": formats.number(len(rows)), "rows": ", ".join(map(str, rows[:20]))}


def _pieces(
    by: Actor, user: User, wanted: Mapping[str, Any], dropped: list[int]
) -> Iterable[bytes]:
    about: dict[str, Any] = {
        "by": by,
        "form": wanted["form"],
        "reader": user,
        "scope": scope_of(wanted),
        "dropped": dropped,
    }
    if wanted.get("of") == MATRIX:
        period: dict[str, Any] = {
            end: parse_date(wanted[end]) for end in ("since", "until") if wanted.get(end)
        }
        return export_matrix(people=chosen_people(user, wanted), **period, **about)
    about |= {"fields": wanted["fields"], "numbers": _numbers(user, wanted)}
    if wanted.get("of") == PEOPLE:
        return export_people(people=chosen_people(user, wanted), **about)
    refuse_part_of_a_class(user, wanted)
    agencies = Agency.objects.select_related("parent")
    return export_roster(
        run=run_by_code(wanted["run"]) if wanted.get("run") else None,
        agency=agencies.filter(slug=wanted.get("agency") or "").first(),
        paper=wanted.get("paper") or Paper.TABLE,
        enrollments=chosen_enrollments(user, wanted),
        **about,
    )


def _numbers(user: User, wanted: Mapping[str, Any]) -> NumbersWanted | None:
    if not wanted.get("reason"):
        return None
    if not may_see_numbers(user):
        raise RosterError(
            "numbers_not_open", _("Only the programme office may see full personal numbers.")
        )
    return NumbersWanted(wanted["reason"])


@audited("roster_export_requested")
def request_export(*, by: Actor, user: User, wanted: Mapping[str, Any]) -> RosterExport:
    """Start a job that writes a long roster; a second request meanwhile starts none.

    Raises RosterError as ``stream_export`` does.
    """
    refuse_part_of_a_class(user, wanted)
    _numbers(user, wanted)
    now = clock.now()
    plain: Any = dict(wanted)
    waiting = user.roster_exports.filter(content=b"", expires_at__gt=now).select_related("job")
    for export in waiting:
        if export.wanted == plain and export.job is not None and not export.job.is_over:
            return export
    export = RosterExport.objects.create(
        owner=user,
        wanted=plain,
        file_name=f"roster-{now:%Y%m%d-%H%M}.{FileForm(wanted['form']).suffix}",
        content=b"",
        expires_at=now + RETENTION,
    )
    payload = ExportPayload(export=export.pk)
    export.job = jobs.start(EXPORT_ROSTER, payload=payload, owner=user, by=by)
    export.save(update_fields=["job"])
    audit_details(scope=scope_of(wanted))
    return export


def write_export(progress: jobs.Progress[ExportPayload]) -> tuple[RosterExport, str]:
    """Write the file of a requested export; writing it twice does no harm.

    Returns a warning too, empty unless rows lost characters. Raises RosterError ``export_gone``,
    ``somebody_erased``.
    """
    requested = RosterExport.objects.filter(pk=progress.payload["export"], wanted__isnull=False)
    began, export = clock.now(), requested.select_related("owner").first()
    if export is None:
        raise _gone()
    if export.content:
        return export, ""
    rows = chosen_rows(export.owner, export.wanted).order_by()
    export.row_ids = list(rows.values_list("pk", flat=True))
    total, pieces, dropped = len(export.row_ids), [], list[int]()
    made = _pieces(progress.actor, export.owner, export.wanted, dropped)
    for at, piece in enumerate(made):
        pieces.append(piece)
        progress.advance(min(at * 500, total), total)
    export.content = box().encrypt(b"".join(pieces))
    with transaction.atomic(), translation.override(export.owner.language or progress.language):
        _refuse_somebody_erased(export, began)
        if not requested.update(content=export.content, row_ids=export.row_ids):
            raise _gone()
        warning = _dropped_message(dropped) if dropped else ""
        _notify(export, warning)
    return export, warning


def _gone() -> RosterError:
    text = _(
        "The settings of this export are no longer available; choose its rows and columns again."
    )
    return RosterError("export_gone", text)


def _refuse_somebody_erased(export: RosterExport, since: dt.datetime) -> None:
    """A person erased while the export is being written could still appear in it."""
    leaving = Erasure.objects.filter(Q(finished_at=None) | Q(finished_at__gte=since))
    by = "trainee" if is_of_people(export.wanted) else "trainee__enrollments"
    if export.row_ids and leaving.filter(**{f"{by}__in": in_list(export.row_ids)}).exists():
        text = _(
            "The data of someone on this roster were erased while the file was being written; try "
            "again shortly."
        )
        raise RosterError("somebody_erased", text)


def _notify(export: RosterExport, warning: str) -> None:
    values = {
        "file": export.file_name,
        "until": format_date(timezone.localdate(export.expires_at)),
        "warning": warning,
        "link": f"{settings.SITE_URL}{reverse('export_file', args=[export.pk])}",
    }
    reader = Recipient(export.owner.email, export.owner.language)
    send_each(EXPORT_READY, [reader], lambda: values)


def is_open_to(user: User, export: RosterExport) -> bool:
    """Whether a user may still see everything in a file: it outlives their rights."""
    if not export.content:
        return True
    if export.row_ids is None or (export.wanted.get("reason") and not may_see_numbers(user)):
        return False
    if not export.row_ids:
        return True
    seen: QuerySet[Any] = Enrollment.objects.visible_to(user)
    if is_of_people(export.wanted):
        seen = people_visible_to(user)
    rows = seen.model._default_manager.filter(pk__in=in_list(export.row_ids))
    return not rows.exclude(pk__in=seen.values("pk")).exists()


def file_of(export: RosterExport) -> bytes:
    """Raises RosterError ``file_gone``, ``export_gone``, ``not_written``."""
    if export.expires_at <= clock.now():
        raise RosterError("file_gone", _("This file has expired; request it again."))
    if export.content:
        return box().decrypt(bytes(export.content))
    if export.wanted is None or export.job_id is None:
        raise _gone()
    raise RosterError(
        "not_written", _("This file is not ready yet; this is the job that creates it.")
    )


def erase_expired() -> int:
    now = clock.now()
    RosterExport.objects.filter(expires_at__lte=now - RECORD_RETENTION).delete()
    return erase_files(RosterExport.objects.filter(expires_at__lte=now))


def erase_files(exports: QuerySet[RosterExport]) -> int:
    stored = exports.filter(wanted__isnull=False)
    return stored.update(content=b"", wanted=None, row_ids=None)


@audited("roster_view_saved")
def save_view(*, by: Actor, user: User, name: str, fields: Sequence[str]) -> RosterView:
    view, _created = RosterView.objects.update_or_create(
        owner=user, name=name[:80], defaults={"fields": [f for f in fields if f in ROSTER_KEYS]}
    )
    audit_details(view=view.name)
    return view


@audited("roster_view_renamed")
def rename_view(*, by: Actor, view: RosterView, name: str) -> RosterView:
    """Raises RosterError ``view_name_taken``."""
    if RosterView.objects.filter(owner=view.owner, name=name).exclude(pk=view.pk).exists():
        text = _("You have already saved columns under this name; choose another one.")
        raise RosterError("view_name_taken", text)
    audit_details(view=view.name, name=name)
    view.name = name
    view.save(update_fields=["name"])
    return view


@audited("roster_view_removed")
def remove_view(*, by: Actor, view: RosterView) -> None:
    audit_details(view=view.name)
    view.delete()
