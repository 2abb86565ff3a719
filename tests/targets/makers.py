"""An indicator with its rule and targets, as tests of the number need them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from audit.services import PROGRAMME_OFFICE
from common import clock
from courses.models import Course
from targets.choices import Unit
from targets.models import CountingRule, Indicator, Target
from targets.progress import TRAINED_OFFICIALS
from targets.services.rules import CourseTerm, adopt_rule

RULE_DAY = dt.date(2024, 5, 3)


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
    courses: Iterable[Course | CourseTerm], *, on: dt.date = RULE_DAY, **fields: Any
) -> CountingRule:
    """A version of the rule, adopted and recorded at the beginning of a day."""
    make_indicator()
    terms = [one if isinstance(one, CourseTerm) else CourseTerm(one) for one in courses]
    words = {"sentence_vi": "Mỗi người một lần.", "sentence_en": "Each person once."}
    with clock.set_to(clock.start_of_day(on)):
        return adopt_rule(by=PROGRAMME_OFFICE, courses=terms, **(words | fields))
