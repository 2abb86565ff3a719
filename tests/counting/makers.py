import datetime as dt
from collections.abc import Iterable
from typing import Any

from audit.services import PROGRAMME_OFFICE
from certificates.models import IssuingBody, Signer
from common import clock
from counting.choices import Unit
from counting.models import CountingRule, Indicator, RuleCourse
from counting.replay import TRAINED_OFFICIALS
from counting.services import adopt_rule
from courses.models import Course
from targets.models import PeriodReport, Target
from targets.services.reports import Letter, letter_of, sign_off

RULE_DAY = dt.date(2024, 5, 3)
SIGNED_ON = dt.date(2025, 1, 10)
YEAR = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 12, 31)}


def make_indicator(**minimum_by_day: int) -> Indicator:
    """The main indicator, with targets such as ``d2024_12_31=100``."""
    indicator, _created = Indicator.objects.get_or_create(
        slug=TRAINED_OFFICIALS, defaults={"unit": Unit.PERSONS, "title_vi": "Số người"}
    )
    for day, minimum in minimum_by_day.items():
        due_on = dt.date.fromisoformat(day.removeprefix("d").replace("_", "-"))
        Target.objects.create(indicator=indicator, due_on=due_on, minimum=minimum)
    return indicator


def make_rule(
    courses: Iterable[Course | RuleCourse], *, on: dt.date = RULE_DAY, **fields: Any
) -> CountingRule:
    """A version of the rule, adopted and recorded at the beginning of a day."""
    make_indicator()
    terms = [one if isinstance(one, RuleCourse) else RuleCourse(course=one) for one in courses]
    words = {"sentence_vi": "Mỗi người một lần.", "sentence_en": "Each person once."}
    with clock.set_to(clock.start_of_day(on)):
        return adopt_rule(by=PROGRAMME_OFFICE, courses=terms, **(words | fields))


def make_signer(**term: Any) -> Signer:
    """A signer of period reports, during a term such as ``valid_to=…``."""
    body, _new = IssuingBody.objects.get_or_create(name="Bộ Thông tin và Truyền thông")
    signer, _new = Signer.objects.get_or_create(
        body=body, name="Trần Quốc Khải", title="BỘ TRƯỞNG", **term
    )
    return signer


def make_letter(number: str = "02/BC-BTTTT", dated: dt.date = SIGNED_ON) -> Letter:
    """The letter around a report, in the name of the ministry."""
    return letter_of(make_signer(), number=number, dated=dated)


def sign(
    on: dt.date | dt.datetime = SIGNED_ON, letter: Letter | None = None, **fields: Any
) -> PeriodReport:
    """The report of 2024, or of another period, signed on a day; as the database gives it."""
    with clock.set_to(on):
        report = sign_off(by=PROGRAMME_OFFICE, letter=letter or make_letter(), **(YEAR | fields))
    return PeriodReport.objects.get(pk=report.pk)
