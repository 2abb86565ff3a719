"""The kinds of records whose retention time is known, each declared once.

What the number, a target or a certificate's verification rests on is never deleted (``why_kept``):
it can be packed for an archive as a copy. Short-lived records go by themselves (``AUTOMATIC``).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.querysets import REMEMBERED_FOR
from audit.models import AuditEntry
from certificates.models import Certificate
from certificates.services import certificate_bundles
from certificates.services.stored_files import opened_file
from common import clock
from enrollment.models import Attendance, Completion
from evaluations.choices import ExampleState
from evaluations.models import FollowUp, FreeText
from jobs.models import Job
from jobs.services import QUEUE_RETENTION
from learning.models import AttemptAnswer
from people.models import DataRequest, Letter
from rosters.exporting import export_requests
from rosters.importing import staging
from targets.models import PeriodReport, ReportDocument, TaskReport

_NUMBER = _("The number of people trained is recomputed from them for any day, years later.")

Named = Iterator[tuple[str, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """``closed`` is the column that says when a record was closed; ``columns`` are look-ups.

    ``file`` names a file's column; ``files`` gives what lies elsewhere. Columns name people by
    their trainee code alone. ``of_people``: records are about people, or hold their words.
    """

    name: str
    label: Promise
    counted_from: Promise
    rows: Callable[[], QuerySet[Any]]
    closed: str
    columns: Mapping[str, str]
    why_kept: Promise | str = ""
    file: str = ""
    files: Callable[[QuerySet[Any]], Named] | None = None
    of_people: bool = True

    def closed_before(self, day: dt.date) -> QuerySet[Any]:
        """Records closed before a day, in an order that stays."""
        rows = self.rows()
        field: Any = rows.model._meta.get_field(self.closed.split("__")[0])
        for name in self.closed.split("__")[1:]:
            field = field.related_model._meta.get_field(name)
        is_instant = isinstance(field, models.DateTimeField)
        limit = clock.start_of_day(day) if is_instant else day
        return rows.filter(**{f"{self.closed}__lt": limit}).order_by("pk")

    def files_of(self, rows: QuerySet[Any]) -> Named:
        """The name of each file within the package, and its content."""
        if self.files:
            yield from self.files(rows)
        if self.file:
            for row in rows.exclude(**{self.file: ""}).iterator(chunk_size=100):
                stored = getattr(row, self.file)
                name = stored.name.rpartition("/")[2]
                with opened_file(stored, name) as content:
                    yield f"{row.pk}-{name}", content.read()

    def stored_names(self, rows: QuerySet[Any]) -> list[str]:
        if not self.file:
            return []
        return list(rows.exclude(**{self.file: ""}).values_list(self.file, flat=True))


def _signed_reports(rows: QuerySet[Any]) -> Named:
    documents = ReportDocument.objects.filter(report__in=rows).select_related("report")
    for document in documents.order_by("pk").iterator(chunk_size=10):
        yield f"{document.report.code}.pdf", bytes(document.content)


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind(
            name="test_answers",
            label=_("Answers to tests"),
            counted_from=_("the day on which the test was handed in; its score stays"),
            rows=lambda: AttemptAnswer.objects.filter(attempt__finished_at__isnull=False),
            closed="attempt__finished_at",
            columns={
                "trainee": "attempt__enrollment__trainee__code",
                "class": "attempt__enrollment__run__code",
                "test": "attempt__test_id",
                "stage": "attempt__stage",
                "attempt": "attempt__number",
                "handed_in": "attempt__finished_at",
                "position": "position",
                "question": "question__text_vi",
                "options": "question__answers",
                "shown": "shown",
                "given": "given",
                "points": "points",
            },
        ),
        Kind(
            name="evaluation_texts",
            label=_("Texts in evaluations of classes"),
            counted_from=_("the day on which the evaluation was closed; its figures stay"),
            rows=lambda: FreeText.objects.filter(evaluation__closed_at__isnull=False),
            closed="evaluation__closed_at",
            columns={
                "class": "evaluation__run__code",
                "closed": "evaluation__closed_at",
                "question": "item__text_vi",
                "text": "text",
                "held_back": "held_back_at",
                "held_back_because": "held_back_because",
            },
        ),
        Kind(
            name="use_at_work",
            label=_("Answers on use at work"),
            counted_from=_("the last day to answer; published examples stay"),
            rows=lambda: FollowUp.objects.exclude(example_state=ExampleState.PUBLISHED),
            closed="closes_on",
            file="file",
            columns={
                "trainee": "completion__trainee__code",
                "class": "completion__run__code",
                "months": "months",
                "respondent": "respondent",
                "asked": "asked_at",
                "answered": "answered_at",
                "use": "use",
                "what": "what",
                "obstacle": "obstacle",
                "example": "example",
                "link": "link",
                "file": "file",
                "state": "example_state",
                "decision_note": "decision_note",
            },
        ),
        Kind(
            name="task_reports",
            label=_("Reports of agencies on their tasks"),
            counted_from=_("the day on which the task was completed"),
            rows=lambda: TaskReport.objects.filter(
                task__done_on__isnull=False, decided_at__isnull=False
            ),
            closed="task__done_on",
            file="proof",
            of_people=False,
            columns={
                "agency": "task__agency__slug",
                "task": "task__title",
                "completed": "task__done_on",
                "as_of": "day",
                "progress": "text",
                "final": "is_final",
                "state": "state",
                "submitted": "submitted_at",
                "decided": "decided_at",
                "decision_note": "decision_note",
                "proof": "proof",
                "proof_sha256": "proof_sha256",
            },
        ),
        Kind(
            name="data_requests",
            label=_("Requests of people about their data"),
            counted_from=_("the day on which the request was settled"),
            rows=lambda: DataRequest.objects.filter(settled_at__isnull=False),
            closed="settled_at",
            columns={
                "trainee": "trainee__code",
                "kind": "kind",
                "text": "text",
                "state": "state",
                "asked": "asked_at",
                "reply_by": "reply_by",
                "replied": "replied_at",
                "settled": "settled_at",
                "reply": "reply",
                "answer": "answer",
            },
        ),
        Kind(
            name="letters",
            label=_("Letters printed for people without e-mail"),
            counted_from=_("the day on which the letter was printed"),
            rows=lambda: Letter.objects.filter(printed_at__isnull=False),
            closed="printed_at",
            columns={
                "trainee": "trainee__code",
                "kind": "kind",
                "subject": "subject",
                "body": "body",
                "created": "created_at",
                "printed": "printed_at",
            },
        ),
        Kind(
            name="jobs",
            label=_("Log of jobs"),
            counted_from=_("the day on which the job ended"),
            rows=lambda: Job.objects.filter(finished_at__isnull=False),
            closed="finished_at",
            of_people=False,
            columns={
                "id": "id",
                "kind": "kind",
                "state": "state",
                "done": "done",
                "total": "total",
                "error": "error_code",
                "attempts": "attempts",
                "created": "created_at",
                "ended": "finished_at",
            },
        ),
        Kind(
            name="completions",
            label=_("Results of completion"),
            counted_from=_("the day of the completion"),
            rows=Completion.objects.all,
            closed="completed_on",
            why_kept=_NUMBER,
            columns={
                "id": "id",
                "trainee": "trainee__code",
                "class": "run__code",
                "course": "course_code",
                "periods": "periods",
                "completed": "completed_on",
                "score": "score",
                "grade": "grade",
                "attendance_percent": "attendance_percent",
                "rule_met": "rule_met",
                "evidence": "evidence",
                "sending_agency": "sending_agency__slug",
                "recorded": "recorded_at",
                "voided": "voided_at",
            },
        ),
        Kind(
            name="attendance",
            label=_("Attendance"),
            counted_from=_("the day on which the mark was recorded"),
            rows=Attendance.objects.all,
            closed="recorded_at",
            why_kept=_("The reconciliation compares completions with it."),
            columns={
                "trainee": "enrollment__trainee__code",
                "class": "enrollment__run__code",
                "session": "session__number",
                "mark": "mark",
                "evidence": "evidence",
                "recorded": "recorded_at",
            },
        ),
        Kind(
            name="certificates",
            label=_("Register and files of certificates"),
            counted_from=_("the day of issue"),
            rows=Certificate.objects.all,
            closed="issued_at",
            why_kept=_("Certificates can be verified for good, and register numbers never return."),
            file="file",
            columns={
                "register": "register",
                "year": "year",
                "number": "register_number",
                "serial": "serial_number",
                "trainee": "completion__trainee__code",
                "class": "completion__run__code",
                "issued": "issued_at",
                "state": "state",
                "revoked": "revoked_at",
                "sha256": "sha256",
                "file": "file",
            },
        ),
        Kind(
            name="period_reports",
            label=_("Signed period reports"),
            counted_from=_("the day of signing"),
            rows=PeriodReport.objects.all,
            closed="signed_at",
            why_kept=_("Later reports are compared with them."),
            files=_signed_reports,
            columns={
                "indicator": "indicator__slug",
                "starts": "starts_on",
                "ends": "ends_on",
                "version": "version",
                "number": "number",
                "rule": "rule__version",
                "persons": "persons",
                "completions": "completions",
                "names_sha256": "names_sha256",
                "pack_sha256": "pack_sha256",
                "signed": "signed_at",
                "reopened": "reopened_at",
            },
        ),
        Kind(
            name="audit_log",
            label=_("Audit log"),
            counted_from=_("the day of the action"),
            rows=AuditEntry.objects.all,
            closed="at",
            why_kept=_("Each entry is sealed by the ones that follow it."),
            columns={
                "number": "id",
                "at": "at",
                "actor": "actor_id",
                "action": "action",
                "details": "details",
                "chain_hash": "seal__chain_hash",
            },
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Automatic:
    """Records that go by themselves after so many days at most."""

    label: Promise
    days: int


def automatic() -> list[Automatic]:
    return [
        Automatic(_("Uploaded rosters and what was found in them"), staging.RETENTION.days),
        Automatic(_("Files of exports"), export_requests.RETENTION.days),
        Automatic(_("Certificates combined into one file"), certificate_bundles.RETENTION.days),
        Automatic(_("Messages and notifications"), settings.NOTICE_RETENTION_DAYS),
        Automatic(_("Sessions"), 1),
        Automatic(_("Entries of the queue"), QUEUE_RETENTION.days),
        Automatic(_("Remembered answers of the API"), REMEMBERED_FOR.days),
    ]
