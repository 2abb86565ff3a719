"""A filter that is drawn once looks as the form itself would."""

import pytest
from django.http import QueryDict
from django.utils import translation

from agencies.fields import SHOWN
from agencies.models import Agency
from certificates.forms import RegisterFilter
from certificates.views import register
from common.templatetags.components import filter_fields
from common.unasked_filters import Unasked, is_unasked
from people.forms import PeopleFilter
from profiles.views import people
from tests.factories import make_agency

pytestmark = pytest.mark.django_db


def people_filter() -> PeopleFilter:
    return PeopleFilter(QueryDict("after=HV-1"), agencies=Agency.objects.all())


def register_filter() -> RegisterFilter:
    return RegisterFilter(QueryDict("before=7"), auto_id="filter_%s")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(
    ("make", "built"), [(people._of_all, people_filter), (register._form, register_filter)]
)
def test_it_is_what_the_form_draws_in_the_language_of_the_reader(make, built, language):
    for number in range(SHOWN + 1):  # more than a list to choose from: else nothing is kept
        make_agency(f"so-{number}")
    with translation.override(language):
        assert filter_fields(Unasked(make, ())) == filter_fields(built())


@pytest.mark.parametrize("asked", ["q=An", "state=revoked", "after=1&year=2026"])
def test_a_field_that_is_asked_for_needs_the_form(asked):
    assert not is_unasked(RegisterFilter, QueryDict(asked))


@pytest.mark.parametrize("asked", ["", "before=7", "q=&state=", "sort=name"])
def test_what_no_field_asks_for_needs_none(asked):
    assert is_unasked(RegisterFilter, QueryDict(asked))
