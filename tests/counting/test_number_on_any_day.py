"""The page that answers for any day, any belief and any parts; and the number by course."""

import csv
import datetime as dt
import io
import json
from contextlib import suppress

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.services import create_second_factor
from agencies.choices import SuccessionKind
from agencies.models import Agency
from audit.services import SYSTEM
from common import clock
from common.dates import parse_moment
from counting.counter import counted
from counting.groups import groups
from counting.replay import GroupBy, replayed
from tests.counting.makers import make_rule
from tests.factories import (
    make_agency,
    make_completion,
    make_course,
    make_run,
    make_succession,
    make_trainee,
    make_user,
)

pytestmark = pytest.mark.django_db

JUNE, JULY, AUGUST = (dt.date(2024, month, 10) for month in (6, 7, 8))


@pytest.fixture
def runs():
    """Somebody completes AI-1 in June and AI-2 in July, which is recorded in August."""
    courses = [make_course(code) for code in ("AI-1", "AI-2")]
    make_rule(courses)
    runs = [make_run(course, sessions=0) for course in courses]
    trainee = make_trainee(make_agency("moet", name_vi="Bộ Giáo dục"))
    make_completion(trainee, runs[0], completed_on=JUNE)
    make_completion(trainee, runs[1], completed_on=JULY, recorded_at=clock.end_of_day(AUGUST))
    return runs


def by_course(count):
    return [
        (group.key, group.persons, group.completions) for group in groups(count, GroupBy.COURSE)
    ]


def test_a_person_counts_for_the_first_course_and_each_completion_for_its_own(runs):
    assert by_course(counted()) == [("AI-1", 1, 1), ("AI-2", 0, 1)]


@pytest.mark.both_engines
def test_cached_and_replayed_courses_are_the_same(runs):
    make_completion(run=runs[1], completed_on=JULY)
    now = counted()
    again = replayed(now.as_of, now.known_as_of, now.rule, now.indicator)
    assert now.parts(GroupBy.COURSE) == {"AI-1": (1, 1), "AI-2": (1, 2)}
    assert now.parts(GroupBy.COURSE) == again.parts(GroupBy.COURSE)


def test_courses_go_by_code_and_title(runs):
    labels = [group.label for group in groups(counted(), GroupBy.COURSE)]
    assert labels == ["AI-1 · Khóa AI-1", "AI-2 · Khóa AI-2"]


@pytest.fixture
def visitor(client):
    client.force_login(make_user("trainee", language="en"))
    return client


def page(visitor, **query):
    answer = visitor.get(reverse("number"), query, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.context


def table(visitor, **query):
    answer = visitor.get(reverse("number_csv"), query)
    text = answer.content.decode("utf-8-sig")
    return [tuple(row.values()) for row in csv.DictReader(io.StringIO(text), delimiter=";")]


def test_the_page_answers_for_a_day_and_for_a_belief(visitor, runs):
    assert page(visitor)["total"] == ("All", "1", "2")
    assert page(visitor, as_of=JUNE)["total"] == ("All", "1", "1")
    assert page(visitor, known_as_of=JULY)["total"] == ("All", "1", "1")
    assert page(visitor, as_of=dt.date(2024, 6, 9))["total"] == ("All", "0", "0")


@pytest.mark.parametrize(("by", "label"), [("course", "AI-1 · Course AI-1"), ("month", "06/2024")])
def test_the_page_shows_the_parts_that_are_asked_for(visitor, runs, by, label):
    assert page(visitor, by=by)["rows"][0] == (label, "1", "1")


def test_agencies_are_shown_as_they_were_or_as_they_are_today(visitor, runs):
    successor = make_agency(name_vi="Bộ Mới")
    make_succession(
        Agency.objects.get(slug="moet"), successor, on=AUGUST, kind=SuccessionKind.MERGER
    )
    assert page(visitor, by="agency")["rows"] == [("Bộ Giáo dục", "1", "2")]
    assert page(visitor, by="agency", agencies="today")["rows"] == [("Bộ Mới", "1", "2")]


def test_a_day_to_come_is_refused_with_a_sentence(visitor, runs):
    for name in ("as_of", "known_as_of"):
        answer = visitor.get(
            reverse("number"), {name: "2999-01-01"}, headers={"accept-language": "en"}
        )
        assert "in the future" in answer.content.decode()
        assert visitor.get(reverse("number_csv"), {name: "2999-01-01"}).status_code == 400


def test_the_table_names_its_day_instant_and_rule(visitor, runs):
    rows = table(visitor, by="course", as_of="2024-12-31", known_as_of="2024-12-31")
    assert rows == [
        ("total", "", "2024-12-31", "1", "2"),
        ("known_as_of", "", "2024-12-31", "", ""),
        ("rule", "1", "Mỗi người một lần.", "", ""),
        ("course", "AI-1", "AI-1 · Khóa AI-1", "1", "1"),
        ("course", "AI-2", "AI-2 · Khóa AI-2", "0", "1"),
    ]


# One parser for pages, API and commands ----------------------------------------------------

DAYS = ("2024-07-10", "10/07/2024", "10.7.2024", "ngày 10 tháng 7 năm 2024")
INSTANTS = (
    "2024-07-10T12:00:00.000001+07:00",
    "2024-07-10T12:00:00.000001 07:00",  # a plus sign that an address did not escape
    "2024-07-10T05:00:00.000001Z",
    "10/07/2024 12:00:00.000001",
)
WRONG = ("31/02/2024", "07-2024", "tomorrow", "2024-07-10T25:00", "2999-01-01")


ENGLISH = {"accept-language": "en"}


def sign_in(client):
    user = make_user("programme_office", language="en")
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)


@pytest.fixture
def ask(client, runs, capsys):
    """The number of completions by each way of asking; None where the question is refused."""
    make_completion(
        run=runs[0],
        completed_on=JUNE,
        recorded_at=dt.datetime(2024, 7, 10, 12, 0, 0, 1, tzinfo=clock.HANOI),
    )
    sign_in(client)

    def by_every_way(**asked):
        page = client.get(reverse("number"), asked, headers=ENGLISH).context.get("completions")
        answer = client.get("/api/v1/progress/", asked)
        with suppress(SystemExit):
            call_command("progress", "--json", **asked)
        told = json.loads(capsys.readouterr().out)
        return (
            page and int(page.split()[0]),
            answer.json().get("completions"),
            told.get("completions"),
        )

    return by_every_way


@pytest.mark.parametrize("day", DAYS)
def test_page_api_and_command_read_a_day_alike(ask, day):
    assert ask(as_of=day) == (3, 3, 3)
    assert ask(known_as_of=day) == (2, 2, 2)


@pytest.mark.parametrize("instant", INSTANTS)
def test_page_api_and_command_read_an_instant_to_the_microsecond(ask, instant):
    assert ask(known_as_of=instant) == (2, 2, 2)
    assert ask(known_as_of=instant.replace("000001", "000000")) == (1, 1, 1)


@pytest.mark.parametrize("name", ["as_of", "known_as_of"])
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_day_is_refused_alike_and_shows_no_figure(ask, name, wrong):
    assert ask(**{name: wrong}) == (None, None, None)


@pytest.mark.parametrize("route", ["number", "indicators", "counted_sample", "explain"])
def test_no_page_shows_a_figure_for_a_wrong_day(client, runs, route):
    sign_in(client)
    args = [make_trainee().code] if route == "explain" else []
    text = client.get(
        reverse(route, args=args), {"as_of": "31/02/2024"}, headers=ENGLISH
    ).content.decode()
    assert "This date does not exist" in text
    assert "Each person once." not in text
    assert "Not counted" not in text


def test_the_printed_instant_can_be_asked_for_again(ask, client):
    text = client.get(reverse("number")).context["known"]
    assert isinstance(parse_moment(text), dt.datetime)
    assert client.get(reverse("number"), {"known_as_of": text}).context["known"] == text
