"""The worked example of docs/the-number.md, line by line."""

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from common.dates import parse_date
from counting.counter import counted
from enrollment.services.completion import void_completion
from people.services.merges import merge
from tests.counting.makers import make_rule
from tests.factories import make_completion, make_course, make_run, make_trainee

pytestmark = pytest.mark.django_db


def test_the_worked_example_is_answered_as_written() -> None:
    course = make_course()
    make_rule([course])
    an, numbered, numberless = (make_trainee() for _ in range(3))
    written = [
        make_completion(
            person,
            make_run(course),
            completed_on=parse_date(completed_on),
            recorded_at=clock.start_of_day(parse_date(recorded_on)),
        )
        for person, completed_on, recorded_on in (
            (an, "10/06/2024", "12/06/2024"),
            (an, "05/09/2024", "06/09/2024"),
            (numbered, "20/12/2024", "15/02/2025"),
            (numberless, "01/07/2024", "02/07/2024"),
        )
    ]
    with clock.set_to(clock.start_of_day(parse_date("20/02/2025"))):
        merge(by=OFFICE, survivor=numbered, absorbed=numberless)
    with clock.set_to(clock.start_of_day(parse_date("01/03/2025"))):
        void_completion(by=OFFICE, completion=written[0], reason="Nhầm")
    questions = {
        ("31/12/2024", "31/12/2024"): (2, 3),
        ("31/12/2024", "16/02/2025"): (3, 4),
        ("31/12/2024", "21/02/2025"): (2, 4),
        ("30/06/2024", "21/02/2025"): (1, 1),
        ("30/06/2024", "02/03/2025"): (0, 0),
    }
    for (as_of, known), answer in questions.items():
        count = counted(parse_date(as_of), known_as_of=parse_date(known))
        assert (count.persons, count.completions) == answer, (as_of, known)
