"""Reference data: what an empty database starts with.

Missing rows are created and existing ones never changed, since the office may have edited them. The
files in ``lms/data/`` contain what law and catalogue say.
"""

import csv
import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from django.db import models, transaction
from django.utils.translation import gettext as _

from agencies.choices import Sector, SuccessionKind, sector_of
from agencies.fields import stored_identifier
from agencies.models import Agency, Succession, SuccessionLink
from audit.services import Actor, audit_details, audited_action
from certificates.models import CertificateDesign, IssuingBody, Signer
from certificates.pdf import starter_designs
from certificates.services.keys import add_development_keys
from common import clock, record_time
from competencies.layouts import FrameworkRow
from competencies.models import Framework
from competencies.services.frameworks import add_framework
from counting.models import CountingRule, Indicator, RuleCourse
from courses.models import Course
from enrollment.choices import OWN_EVIDENCE
from evaluations.layouts import FormRow
from evaluations.models import EvaluationForm
from evaluations.services.form_versions import add_form
from lms.errors import ProgrammeError
from retention.models import RetentionRule
from targets.models import IndicatorValue, ReportingDuty, Target

DATA = Path(__file__).parent / "data"
MAIN_INDICATOR = "trained_officials"
RULE_ADOPTED_ON = dt.date(2024, 5, 3)  # the day of Decision 699/QĐ-BTTTT

Row = dict[str, str]


@dataclass
class Tally:
    created: int = 0
    present: int = 0

    def count(self, *, created: bool) -> None:
        self.created += created
        self.present += not created


def load_reference(*, by: Actor) -> dict[str, Tally]:
    """Create missing reference data; one audit entry if anything was created.

    Raises ProgrammeError where a file contradicts the domain's rules.
    """
    with transaction.atomic():
        tallies = {
            "agencies": _load_agencies(_rows("agencies")),
            "successions": _load_successions(_rows("agencies")),
            "courses": _load_courses(_rows("courses")),
            "indicators": _load_indicators(_rows("indicators")),
            "reporting_duties": _load_duties(_rows("reporting_duties"), by),
            "counting_rules": _load_counting_rule(_rows("courses")),
            "certificate_designs": _load_designs(),
            "evaluation_forms": _load_evaluation_form(_rows("evaluation_form"), by),
            "competency_frameworks": _load_frameworks(_rows("competency_frameworks"), by),
            "retention_rules": _load_retention_rules(_rows("retention_rules"), by),
            "issuing_bodies": _load_issuing_bodies(_rows("issuing_bodies")),
            "development_keys": Tally(*add_development_keys()),
        }
        if any(tally.created for tally in tallies.values()):
            with audited_action("reference.loaded", by=by):
                audit_details(**{name: tally.created for name, tally in tallies.items()})
    return tallies


def _rows(name: str) -> list[Row]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _create_missing(model: type[models.Model], rows: Iterable[models.Model], *key: str) -> Tally:
    taken = set(model._default_manager.values_list(*key))
    rows = list(rows)
    missing = [row for row in rows if tuple(getattr(row, name) for name in key) not in taken]
    model._default_manager.bulk_create(missing)
    return Tally(created=len(missing), present=len(rows) - len(missing))


# Agencies -------------------------------------------------------------------------------

_AS_WRITTEN = (
    "slug", "name_vi", "name_en", "short_name", "kind", "identifier_scheme", "gso_code", "note",
)  # fmt: skip


def _load_agencies(rows: list[Row]) -> Tally:
    return _create_missing(Agency, map(_agency, rows), "slug")


def _agency(row: Row) -> Agency:
    if sector_of(row["kind"]) != row["sector"]:
        raise ProgrammeError(
            "sector_mismatch",
            _("The kind and the sector of agency %(slug)s contradict each other.") % row,
        )
    agency = Agency(
        **{name: row[name] for name in _AS_WRITTEN},
        identifier=stored_identifier(row["identifier"]),
        identifier_confirmed=row["identifier_confirmed"] == "yes",
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )
    agency.set_keys()
    return agency


# Successions ----------------------------------------------------------------------------

_LEGAL_BASIS = re.compile(r"\b(NQ|Decree) (\d+/\d{4}/[A-ZĐ\d-]+)")
_IN_FULL = {"NQ": "Nghị quyết", "Decree": "Nghị định"}


def _load_successions(rows: list[Row]) -> Tally:
    """One succession per successor and day; successors that have a link are skipped."""
    row_by_slug = {row["slug"]: row for row in rows}
    tally = Tally()
    agencies = {agency.slug: agency for agency in Agency.objects.filter(slug__in=row_by_slug)}
    linked = set(SuccessionLink.objects.values_list("predecessor__slug", "successor__slug"))
    for (successor, on), predecessors in _successions(rows).items():
        created = not any((slug, successor) in linked for slug in predecessors)
        tally.count(created=created)
        if created:
            involved = [row_by_slug[slug] for slug in predecessors]
            succession = _create_succession(involved, row_by_slug[successor], on)
            SuccessionLink.objects.bulk_create(
                SuccessionLink(
                    succession=succession,
                    predecessor=agencies[slug],
                    successor=agencies[successor],
                )
                for slug in predecessors
            )
    return tally


def _successions(rows: list[Row]) -> dict[tuple[str, dt.date], list[str]]:
    """(successor, first day) → predecessors."""
    found: dict[tuple[str, dt.date], list[str]] = defaultdict(list)
    for row in rows:
        last_day = _day(row["valid_to"])
        if row["successor"] and last_day:
            found[row["successor"], last_day + dt.timedelta(days=1)].append(row["slug"])
    return found


def _create_succession(predecessors: list[Row], successor: Row, on: dt.date) -> Succession:
    # A renaming where one agency becomes one that begins that very day, else a merger.
    begins_then = _day(successor["valid_from"]) == on
    renaming = len(predecessors) == 1 and begins_then
    notes = [row["note"] for row in (*predecessors, *([successor] if begins_then else []))]
    return Succession.objects.create(
        kind=SuccessionKind.RENAMING if renaming else SuccessionKind.MERGER,
        on=on,
        legal_basis=_legal_basis(notes),
        # The law was public on its day.
        recorded_at=clock.start_of_day(on),
    )


def _legal_basis(notes: list[str]) -> str:
    """The decree or resolution that the notes cite in full; empty where they cite none."""
    cited = next((found for text in notes if (found := _LEGAL_BASIS.search(text))), None)
    return f"{_IN_FULL[cited[1]]} {cited[2]}" if cited else ""


# Courses, indicators, rule --------------------------------------------------------------


def _load_courses(rows: list[Row]) -> Tally:
    # ≥ 80 % attendance, no score, no approval, bare birth years allowed: model defaults.
    courses = (
        Course(
            code=row["code"],
            title_vi=row["title_vi"],
            title_en=row["title_en"],
            periods=int(row["periods"]),
            days=int(row["days"]),
            delivery=row["delivery"],
        )
        for row in rows
    )
    return _create_missing(Course, courses, "code")


def _load_indicators(rows: list[Row]) -> Tally:
    # Targets are created only together with their indicator.
    tally = Tally()
    known = set(Indicator.objects.values_list("slug", flat=True))
    for slug in dict.fromkeys(row["indicator"] for row in rows):
        tally.count(created=slug not in known)
        if slug not in known:
            _create_indicator([row for row in rows if row["indicator"] == slug])
    return tally


def _create_indicator(rows: list[Row]) -> None:
    first = rows[0]
    indicator = Indicator.objects.create(
        slug=first["indicator"],
        unit=first["unit"],
        title_vi=first["title_vi"],
        title_en=first["title_en"],
    )
    Target.objects.bulk_create(
        Target(
            indicator=indicator,
            due_on=dt.date.fromisoformat(row["due_on"]),
            minimum=int(row["minimum"]),
            legal_basis=row["legal_basis"],
        )
        for row in rows
    )


def _load_duties(rows: list[Row], by: Actor) -> Tally:
    """Who has to report each percentage, unless somebody has determined it before.

    On record since the decision where nothing can have been read before: no value is on record.
    """
    tally = Tally()
    nothing_read = not IndicatorValue.objects.exists()
    recorded_at = clock.start_of_day(RULE_ADOPTED_ON) if nothing_read else record_time.now()
    for row in rows:
        duties = ReportingDuty.objects.filter(indicator__slug=row["indicator"])
        tally.count(created=(missing := not duties.exists()))
        if missing:
            ReportingDuty.objects.create(
                indicator=Indicator.objects.get(slug=row["indicator"]),
                since=dt.date.fromisoformat(row["since"]),
                kinds=sorted(row["kinds"].split()),
                legal_basis=row["legal_basis"],
                reason=row["reason"],
                recorded_at=recorded_at,
                recorded_by=by.label,
            )
    return tally


def _load_retention_rules(rows: list[Row], by: Actor) -> Tally:
    """No time is given for any kind: until the office confirms one, records are kept."""
    rules = (
        RetentionRule(
            kind=row["kind"],
            legal_basis=row["legal_basis"],
            valid_from=clock.today(),
            reason="Dữ liệu ban đầu",
            recorded_by=by.label,
        )
        for row in rows
    )
    return _create_missing(RetentionRule, rules, "kind")


RULE_SENTENCE_VI = (
    "Mỗi cán bộ, chuyên gia được tính một lần, kể từ khi hoàn thành khóa đầu tiên trong các "
    "khóa bồi dưỡng kiến thức trí tuệ nhân tạo ứng dụng được tính cho chỉ tiêu, do cơ quan "
    "nhà nước hoặc tập đoàn, tổng công ty nhà nước cử đi, với mọi loại minh chứng."
)
RULE_SENTENCE_EN = (
    "Each officer or expert is counted once, from their first completion of a course in "
    "applied AI that counts for the indicator, sent by a state agency or a state group or "
    "corporation, on any kind of evidence."
)


def _load_counting_rule(course_rows: list[Row]) -> Tally:
    # Version 1, adopted with the decision: all qualifying courses, both sectors.
    indicator = Indicator.objects.get(slug=MAIN_INDICATOR)
    if indicator.rules.exists():
        return Tally(present=1)
    rule = CountingRule.objects.create(
        indicator=indicator,
        version=1,
        adopted_on=RULE_ADOPTED_ON,
        recorded_at=clock.start_of_day(RULE_ADOPTED_ON),
        sectors=list(Sector.values),
        evidence_kinds=list(OWN_EVIDENCE),
        sentence_vi=RULE_SENTENCE_VI,
        sentence_en=RULE_SENTENCE_EN,
    )
    codes = [row["code"] for row in course_rows if row["qualifying"] == "yes"]
    RuleCourse.objects.bulk_create(
        RuleCourse(rule=rule, course=course) for course in Course.objects.filter(code__in=codes)
    )
    return Tally(created=1)


# Evaluation -----------------------------------------------------------------------------

# The subjects, the scale, the levels and the rules are the circular's; the indicators are worded
# after it. Whether it still holds is not confirmed: the office publishes another version.
_CIRCULAR = {
    "slug": "class",
    "title_vi": "Phiếu đánh giá chất lượng lớp bồi dưỡng",
    "title_en": "Evaluation of a class",
    "legal_basis": "Thông tư 10/2017/TT-BNV",
}


def _load_evaluation_form(rows: list[Row], by: Actor) -> Tally:
    """Unless the office has published one of its own."""
    if EvaluationForm.objects.exists():
        return Tally(present=1)
    found = [
        FormRow(
            row["kind"],
            row["number"],
            row["vi"],
            row["en"],
            row["subject"],
            Decimal(row["value"]) if row["value"] else None,
        )
        for row in rows
    ]
    add_form(by=by, rows=found, **_CIRCULAR)
    return Tally(created=1)


# Competency frameworks ------------------------------------------------------------------


def _load_frameworks(rows: list[Row], by: Actor) -> Tally:
    """Published by others, and so not adopted: that is for the office."""
    tally, known = Tally(), set(Framework.objects.values_list("slug", flat=True))
    for slug, found in groupby(rows, key=lambda row: row["framework"]):
        head, *below = found
        tally.count(created=slug not in known)
        if slug not in known:
            titles = {"title_vi": head["vi"], "title_en": head["en"]}
            about = titles | {"source": head["text_vi"], "url": head["url"]}
            add_framework(by=by, slug=slug, rows=list(map(_framework_row, below)), **about)
    return tally


def _framework_row(row: Row) -> FrameworkRow:
    _framework, kind, code, *texts = row.values()
    return FrameworkRow(kind, code, *texts)


# Certificates ---------------------------------------------------------------------------


def _load_designs() -> Tally:
    default_taken = CertificateDesign.objects.filter(is_default=True).exists()
    designs = (
        CertificateDesign(
            **asdict(design) | {"is_default": design.is_default and not default_taken}
        )
        for design in starter_designs()
    )
    return _create_missing(CertificateDesign, designs, "slug", "version")


def _load_issuing_bodies(rows: list[Row]) -> Tally:
    # None is created where the office has entered its own. The signers' names are made up.
    tally = Tally()
    known = set(IssuingBody.objects.values_list("name", flat=True))
    for row in rows:
        tally.count(created=row["name"] not in known)
        if row["name"] not in known:
            _create_issuing_body(row)
    return tally


def _create_issuing_body(row: Row) -> None:
    term = {"valid_from": _day(row["valid_from"]), "valid_to": _day(row["valid_to"])}
    body = IssuingBody.objects.create(name=row["name"], place=row["place"], **term)
    facts = {name: row[name] for name in ("title", "authority")}
    Signer.objects.create(body=body, name=row["signer"], is_sample=True, **facts, **term)
