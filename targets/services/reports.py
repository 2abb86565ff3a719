import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import override

from audit.services import Actor, audit_details, audited
from audit.services.seals import head_for_documents
from certificates.models import Signer
from common import clock, formats, record_time
from common.dates import format_date
from counting.counter import counted
from counting.models import Indicator
from counting.replay import TRAINED_OFFICIALS, Count
from targets.errors import TargetError, TargetInputError
from targets.models import PeriodReport
from targets.progress.opening import Opening, opening_of
from targets.services.evidence import pack_sha256
from targets.services.report_content import Frozen, freeze

LONGEST_WAIT = 20  # seconds for records under way, within the time of a request
RECIPIENTS = "Như trên\nLưu: VT"


@dataclass(frozen=True, slots=True)
class Letter:
    """What Decree 30/2020/NĐ-CP wants around a report; ``dated`` is an ISO day."""

    number: str
    dated: str
    place: str
    parent_body: str
    body: str
    authority: str
    signer_title: str
    signer_name: str
    recipients: tuple[str, ...]


def letter_of(
    signer: Signer, *, number: str, dated: dt.date, recipients: str = RECIPIENTS
) -> Letter:
    """The letter of a signer's body; ``recipients`` one on each line.

    Raises TargetError ``signer_out_of_term``.
    """
    if not Signer.objects.in_force_on(dated).filter(pk=signer.pk).exists():
        message = _(
            "%(name)s had no authority to sign for this body on %(day)s: choose another signer."
        )
        what = {"name": signer.name, "day": format_date(dated)}
        raise TargetError("signer_out_of_term", message % what)
    lines = (line.strip(" -;.") for line in recipients.splitlines())
    return Letter(
        number=number.strip(),
        dated=dated.isoformat(),
        place=signer.body.place,
        parent_body=signer.body.parent_name,
        body=signer.body.name,
        authority=signer.authority,
        signer_title=signer.title,
        signer_name=signer.name,
        recipients=tuple(line for line in lines if line),
    )


def require_letter(letter: Letter, ends_on: dt.date) -> None:
    """Refuse a letter that does not fit a period that ends on a day.

    Raises TargetError: ``letter_in_future``, ``letter_before_end``, ``number_taken``.
    """
    dated = dt.date.fromisoformat(letter.dated)
    if dated > clock.today():
        raise TargetInputError("letter_in_future", _("The date of the report is in the future."))
    if dated <= ends_on:
        message = _("The period ends on %(day)s: the report must be dated after that.")
        raise TargetError("letter_before_end", message % {"day": format_date(ends_on)})
    # Numbers start again each year; a re-opened report keeps its own.
    for other in PeriodReport.objects.filter(number__iexact=letter.number).defer("names_in_one"):
        if str(other.content["letter"]["dated"])[:4] == letter.dated[:4]:
            message = _(
                "The report for %(days)s already has this number and symbol in the same year."
            )
            what = {"days": formats.days(other.starts_on, other.ends_on)}
            raise TargetError("number_taken", message % what)


def figure_of_period(starts_on: dt.date, ends_on: dt.date) -> Count:
    """The figure that a period would be signed with now.

    Raises TargetError: ``ends_before_start``, ``period_in_future``, ``overlaps_signed``,
    ``no_rule``.
    """
    if ends_on < starts_on:
        raise TargetInputError("ends_before_start", _("The period cannot end before it starts."))
    if ends_on >= clock.today():
        message = _("The period ends on %(day)s: it can be signed from the following day.")
        raise TargetInputError("period_in_future", message % {"day": format_date(ends_on)})
    _require_free(starts_on, ends_on)
    count = counted(ends_on)
    if count.rule is None:
        message = _("No counting rule has been adopted yet: there is no figure to sign.")
        raise TargetError("no_rule", message)
    return count


@audited("period_signed")
def sign_off(
    *,
    by: Actor,
    starts_on: dt.date,
    ends_on: dt.date,
    letter: Letter,
    agreed_persons: int | None = None,
    in_job: uuid.UUID | None = None,
    advance: Callable[[], object] = lambda: None,
) -> PeriodReport:
    """Freeze the figure of a period with its names, rule and instant.

    Waits for actions under way. ``agreed_persons`` is the number that the signer saw. ``advance``
    is called again and again. Raises TargetError: ``figure_changed`` if it has changed meanwhile,
    ``records_under_way`` if they take too long; see also ``figure_of_period`` and
    ``require_letter``.
    """
    _wait_for_records()  # before the lock, for which some of them may be waiting
    # The lock lets one sign-off run at a time, and none while a rule is adopted.
    Indicator.objects.select_for_update().get(slug=TRAINED_OFFICIALS)
    count = figure_of_period(starts_on, ends_on)
    require_letter(letter, ends_on)
    require_agreed(count, agreed_persons)
    with override("vi"):  # the wording of adjustments is frozen
        opening = opening_of(count, starts_on)
    report = _report(opening, freeze(opening, asdict(letter), head_for_documents(), advance))
    report.number, report.signed_by, report.signed_in_job = letter.number, by.label, in_job
    report.pack_sha256 = pack_sha256(report)
    report.save()
    audit_details(**_audited_values(report))
    return report


def _report(opening: Opening, frozen: Frozen) -> PeriodReport:
    count = opening.count
    assert count.rule is not None
    indicator = Indicator.objects.get(slug=count.indicator)
    earlier = PeriodReport.objects.filter(indicator=indicator, ends_on=count.as_of)
    content: Any = frozen.content  # encrypted JSON is a text field to the type checker
    return PeriodReport(
        indicator=indicator,
        starts_on=opening.starts_on,
        ends_on=count.as_of,
        version=(earlier.aggregate(last=Max("version"))["last"] or 0) + 1,
        rule=count.rule,
        known_as_of=count.known_as_of,
        persons=count.persons,
        new_persons=opening.persons.new,
        completions=count.completions,
        lists=frozen.lists,
        content=content,
        names_sha256=frozen.names_sha256,
    )


def _audited_values(report: PeriodReport) -> dict[str, Any]:
    return {
        "report": report.code,
        "starts_on": report.starts_on.isoformat(),
        "persons": report.persons,
        "completions": report.completions,
        "rule": report.rule.version,
        "known_as_of": report.known_as_of.isoformat(),
        "names_sha256": report.names_sha256,
        "pack_sha256": report.pack_sha256,
    }


@audited("period_reopened")
def reopen(*, by: Actor, report: PeriodReport, reason: str) -> PeriodReport:
    """Let the period be signed again; this version stays as it was signed.

    Raises TargetError: ``reason_missing``, ``already_reopened``.
    """
    if not reason.strip():
        raise TargetInputError("reason_missing", _("Give the reason for reopening the period."))
    signed = PeriodReport.objects.not_reopened().filter(pk=report.pk)
    values = {"reopened_by": by.label, "reopen_reason": reason.strip()[:250]}
    if not signed.update(reopened_at=clock.now(), **values):
        raise TargetError("already_reopened", _("This report has already been reopened."))
    report.refresh_from_db()
    audit_details(report=report.code, names_sha256=report.names_sha256)
    return report


def require_agreed(count: Count, agreed_persons: int | None) -> None:
    if agreed_persons is not None and agreed_persons != count.persons:
        message = _("The figure is now %(now)s, no longer %(agreed)s: review it before signing.")
        values = {"now": count.persons, "agreed": agreed_persons}
        raise TargetError("figure_changed", message % values)


def _wait_for_records() -> None:
    """So that no result that is being recorded is missing from the signed list."""
    try:
        record_time.wait_for_records(seconds=LONGEST_WAIT)
    except TimeoutError:
        message = _("Results are still being recorded. Sign the report when that is finished.")
        raise TargetError("records_under_way", message) from None


def _require_free(starts_on: dt.date, ends_on: dt.date) -> None:
    reports = PeriodReport.objects.not_reopened().without_names()
    signed = reports.filter(indicator__slug=TRAINED_OFFICIALS)
    if other := signed.overlapping(starts_on, ends_on).first():
        message = _(
            "The period overlaps the signed report for %(days)s. Choose another period, "
            "or reopen that report first."
        )
        days = formats.days(other.starts_on, other.ends_on)
        raise TargetError("overlaps_signed", message % {"days": days})
