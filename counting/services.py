import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from agencies.choices import AgencyKind, Sector
from agencies.models import Agency
from audit.services import Actor, audit_details, audited
from common import clock
from common.dates import format_date
from counting.errors import CountingError, CountingInputError
from counting.models import CountingRule, Indicator, RuleCourse
from counting.replay import TRAINED_OFFICIALS
from enrollment.choices import Evidence


@audited("counting_rule_adopted")
def adopt_rule(
    *,
    by: Actor,
    courses: Sequence[RuleCourse],
    sentence_vi: str,
    sentence_en: str,
    adopted_on: dt.date | None = None,
    indicator: str = TRAINED_OFFICIALS,
    sectors: Iterable[str] = (),
    kinds: Iterable[str] = (),
    evidence_kinds: Iterable[str] = (),
    minimum_periods: int = 0,
    agencies_left_out: Iterable[Agency] = (),
    reason: str = "",
) -> CountingRule:
    """Adopt the next version of an indicator's counting rule, by default today.

    It applies to the past as well for whoever asks from now on; earlier answers come out again
    with their ``known_as_of``. So every version after the first needs a reason, and none is
    adopted before the one that it follows. ``courses`` are unsaved terms; empty lists mean all.
    Raises CountingError: ``unknown_indicator``, ``sentence_missing``, ``no_course``,
    ``reason_missing``, ``adopted_too_early``, ``adopted_in_future``, ``unknown_choice``.
    """
    row, adopted_on = _locked_indicator(indicator), adopted_on or clock.today()
    last = row.rules.order_by("-version").first()
    _require_words(courses, sentence_vi, sentence_en)
    _require_order(last, adopted_on, reason)
    rule = CountingRule.objects.create(
        indicator=row,
        version=last.version + 1 if last else 1,
        adopted_on=adopted_on,
        sectors=_require_known(sectors, Sector.values),
        kinds=_require_known(kinds, AgencyKind.values),
        evidence_kinds=_require_known(evidence_kinds, Evidence.values),
        minimum_periods=minimum_periods,
        sentence_vi=sentence_vi.strip(),
        sentence_en=sentence_en.strip(),
        reason=reason.strip(),
    )
    rule.agencies_left_out.set(agencies_left_out)
    for term in courses:
        term.rule = rule
    RuleCourse.objects.bulk_create(courses)
    audit_details(indicator=indicator, version=rule.version, adopted_on=adopted_on.isoformat())
    return rule


def _locked_indicator(indicator: str) -> Indicator:
    # Locked, so that versions are numbered one after the other.
    row = Indicator.objects.select_for_update().filter(slug=indicator).first()
    if row is None:
        message = _("There is no indicator %(indicator)s.") % {"indicator": indicator}
        raise CountingInputError("unknown_indicator", message)
    return row


def _require_words(courses: Sequence[RuleCourse], sentence_vi: str, sentence_en: str) -> None:
    if not (sentence_vi.strip() and sentence_en.strip()):
        message = _("A counting rule needs a sentence in Vietnamese and in English.")
        raise CountingError("sentence_missing", message)
    if not courses:
        raise CountingError("no_course", _("A counting rule must name at least one course."))


def _require_order(last: CountingRule | None, adopted_on: dt.date, reason: str) -> None:
    if adopted_on > clock.today():
        message = _("A counting rule cannot be adopted on a future date.")
        raise CountingInputError("adopted_in_future", message)
    if last is None:
        return
    if not reason.strip():
        message = _("A new version of the counting rule changes figures: give the reason.")
        raise CountingInputError("reason_missing", message)
    if adopted_on < last.adopted_on:
        message = _("Version %(version)s was adopted on %(day)s; the next one cannot be earlier.")
        what = {"version": last.version, "day": format_date(last.adopted_on)}
        raise CountingError("adopted_too_early", message % what)


def _require_known(chosen: Iterable[str], choices: Sequence[str]) -> list[str]:
    found = [str(choice) for choice in chosen]
    if unknown := [choice for choice in found if choice not in choices]:
        message = _("The counting rule refers to unknown items: %(names)s.")
        raise CountingInputError("unknown_choice", message % {"names": ", ".join(unknown)})
    return found
