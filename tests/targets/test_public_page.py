"""The public page: the number as of a day, and as open data; never a person."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from agencies.models import Agency
from common import clock
from targets.models import Target
from tests.counting.makers import make_indicator, make_rule
from tests.factories import make_agency, make_completion, make_run, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = make_run()
    make_indicator(d2030_12_31=100)
    make_rule([run.course])
    agency = make_agency(name_vi="Bộ Y tế")
    for name in ("Lê Thị An", "Trần Văn Bình"):
        make_completion(make_trainee(agency, full_name=name), run)
    return run


def get(client, address, **query):
    return client.get(address, query, headers={"Accept-Language": "en"})


def test_a_day_gone_by_can_be_looked_at(client, run):
    page = get(client, reverse("home"), as_of="2026-03-10").content.decode()
    assert "as of 10/03/2026" in page
    assert '<strong class="figure-number">0</strong>' in page
    today = get(client, reverse("home")).content.decode()
    assert '<strong class="figure-number">2</strong>' in today


def test_a_day_to_come_is_refused_with_a_sentence(client, run):
    tomorrow = clock.today() + dt.timedelta(days=1)
    for address in (reverse("home"), reverse("open_data_json")):
        answer = get(client, address, as_of=tomorrow.isoformat())
        assert answer.status_code == 400
        assert "This date is in the future: choose today or earlier." in answer.content.decode()


def test_the_open_data_add_up_and_carry_their_licence(client, run):
    body = get(client, reverse("open_data_json")).json()
    assert body["persons"] == 2
    assert "creativecommons.org" in body["licence"]
    for groups in body["groups"].values():
        assert sum(group["persons"] for group in groups) == 2
    answer = get(client, reverse("open_data_csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    parts = {"agency", "sector", "kind", "month"}
    assert {row["by"] for row in rows} == parts | {"total", "known_as_of", "rule", "licence"}
    (rule,) = (row for row in rows if row["by"] == "rule")
    assert (rule["key"], rule["label"]) == ("1", "Each person once.")


def test_nobody_is_named_in_public(client, run):
    for name in ("home", "open_data_csv", "open_data_json"):
        text = get(client, reverse(name)).content.decode()
        assert "Bộ Y tế" in text
        assert "Lê Thị An" not in text
        assert "HV-" not in text


def test_a_cached_page_shows_new_names_targets_and_figures_at_once(client, run):
    def shown():
        return get(client, reverse("home")).content.decode()

    assert "Bộ Y tế" in shown()
    Agency.objects.filter(name_vi="Bộ Y tế").update(name_vi="Bộ Sức khỏe")
    assert "Bộ Sức khỏe" in shown()
    assert "Bộ Y tế" not in shown()
    Target.objects.update(minimum=250)
    assert "At least 250 by 31/12/2030" in shown()
    make_completion(make_trainee(), run)
    assert "3 / 250" in shown()
