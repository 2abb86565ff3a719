"""Choosing an agency whose successor has the same name."""

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from agencies.fields import AgenciesField, AgencyField
from agencies.forms import AgencyForm
from agencies.models import Agency
from counting.forms import RuleForm
from enrollment.forms import CorrectionForm
from people.forms import PeopleFilter
from rosters.forms.exports import ExportForm
from targets.forms import QuotaForm
from tests.factories import make_agency, make_completion, make_user

pytestmark = pytest.mark.django_db

NAME = "Ủy ban nhân dân thành phố Cần Thơ"
LAST_DAY = dt.date(2025, 6, 30)
FORMS: dict[str, Any] = {
    "above": lambda: AgencyForm()["parent"],
    "roster": lambda: ExportForm(user=make_user("auditor"))["agency"],
    "people": lambda: PeopleFilter(None, agencies=Agency.objects.all())["agency"],
    "correction": lambda: CorrectionForm(completion=make_completion())["sending_agency"],
    "rule": lambda: RuleForm()["agencies_left_out"],
    "quota": lambda: QuotaForm(initial={"agency": Agency.objects.get(valid_to=LAST_DAY)})["agency"],
}


@pytest.fixture
def namesakes() -> list[Agency]:
    """An agency that has ended and a successor of the same name."""
    ended = make_agency(name_vi=NAME, valid_to=LAST_DAY)
    return [ended, make_agency(name_vi=NAME, valid_from=LAST_DAY + dt.timedelta(days=1))]


def labels(field: Any, name: str = NAME) -> list[str]:
    return [label for _value, label in field.choices if label.startswith(name)]


@pytest.mark.parametrize("form", FORMS)
def test_two_agencies_of_one_name_are_distinguished_by_their_days(namesakes, form):
    with translation.override("en"):
        said = labels(FORMS[form]().field)
    assert said == [f"{NAME} (until 30/06/2025)", f"{NAME} (from 01/07/2025)"]


def test_the_days_are_in_the_readers_language(namesakes):
    with translation.override("vi"):
        said = labels(AgencyField(Agency.objects.all()))
    assert said == [f"{NAME} (đến hết 30/06/2025)", f"{NAME} (từ 01/07/2025)"]


def test_a_unique_name_shows_no_days():
    make_agency(name_vi=NAME, valid_to=LAST_DAY)
    assert labels(AgenciesField(Agency.objects.all())) == [NAME]
