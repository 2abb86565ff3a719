"""The indicators that agencies report: what is refused, what counts, as of any day."""

import datetime as dt
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.choices import Role
from accounts.models import RoleGrant
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from common import clock
from counting.models import Indicator
from targets.errors import TargetError
from targets.models import IndicatorValue
from targets.progress.percentages import measured, percent_milestones
from targets.services.values import decide_value, report_value
from tests.counting.makers import make_indicator
from tests.factories import make_agency, make_coordinator, make_succession, make_user

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 6, 30)


@pytest.fixture
def indicator():
    row = Indicator.objects.create(slug="ai_urban_areas", unit="percent", title_vi="Đô thị")
    for year, minimum in ((2024, 20), (2030, 100)):
        row.targets.create(due_on=dt.date(year, 12, 31), minimum=minimum)
    return row


def report(indicator, agency=None, numerator=1, denominator=4, on=DAY, **fields):
    values = {"evidence": ("minh-chung.pdf", b"%PDF-1.7")} | fields
    return report_value(
        by=PROGRAMME_OFFICE,
        indicator=indicator,
        agency=agency or make_agency(),
        numerator=numerator,
        denominator=denominator,
        measured_on=on,
        **values,
    )


def accepted(indicator, agency=None, *, at=dt.date(2026, 7, 10), **fields):
    value = report(indicator, agency, **fields)
    with clock.set_to(at):
        return decide_value(by=PROGRAMME_OFFICE, value=value, accept=True)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"denominator": None}, "denominator_missing"),
        ({"denominator": 0, "numerator": 0}, "denominator_missing"),
        ({"denominator": 10**20}, "denominator_too_large"),
        ({"numerator": 5}, "numerator_too_large"),
        ({"on": dt.date(2999, 1, 1)}, "measured_in_future"),
        ({"evidence": ("virus.exe", b"x")}, "evidence_kind"),
        ({"evidence": ("leer.pdf", b"")}, "evidence_too_large"),
    ],
)
def test_a_value_that_proves_nothing_is_refused(indicator, fields, code):
    with pytest.raises(TargetError) as refusal:
        report(indicator, **fields)
    assert refusal.value.code == code
    assert not IndicatorValue.objects.exists()


def test_what_is_counted_from_completions_cannot_be_reported():
    with pytest.raises(TargetError) as refusal:
        report(make_indicator())
    assert refusal.value.code == "not_a_percentage"


@pytest.mark.both_engines
def test_the_database_itself_wants_a_denominator(indicator):
    value = report(indicator)
    with pytest.raises(IntegrityError), transaction.atomic():
        IndicatorValue.objects.filter(pk=value.pk).update(denominator=0, numerator=0)


def test_a_value_counts_from_its_acceptance(indicator):
    report(indicator)
    assert measured(indicator).percent is None
    accepted(indicator, numerator=2)
    assert measured(indicator).percent == 50


def test_numerators_and_denominators_are_added_never_percentages(indicator):
    accepted(indicator, numerator=1, denominator=1)
    accepted(indicator, numerator=0, denominator=99)
    assert measured(indicator).percent == 1


def test_the_latest_value_of_an_agency_replaces_the_one_before(indicator):
    agency = make_agency()
    accepted(indicator, agency, numerator=3)
    accepted(indicator, agency, numerator=1, on=dt.date(2026, 3, 31))
    assert measured(indicator).numerator == 3
    assert measured(indicator, dt.date(2026, 4, 1)).numerator == 1


def test_the_percentage_believed_on_a_day_comes_out_again(indicator):
    agency = make_agency()
    accepted(indicator, agency, numerator=1)
    accepted(indicator, agency, numerator=4, at=dt.date(2026, 9, 1))
    before = measured(indicator, DAY, known_as_of=dt.date(2026, 8, 1))
    after = measured(indicator, DAY, known_as_of=dt.date(2026, 9, 2))
    assert (before.percent, after.percent) == (25, 100)


def test_the_successor_of_a_merged_agency_reports_for_it(indicator):
    gone, successor = make_agency(), make_agency()
    for agency in (gone, successor):
        accepted(indicator, agency)
    make_succession(gone, successor, on=dt.date(2026, 8, 1))
    assert len(measured(indicator, dt.date(2026, 9, 1)).values) == 1
    assert len(measured(indicator, dt.date(2026, 7, 31)).values) == 2


def test_a_target_is_judged_by_its_own_day(indicator):
    agency = make_agency()
    accepted(indicator, agency, on=dt.date(2024, 12, 1), numerator=1, denominator=5)
    accepted(indicator, agency, numerator=0)
    first, second = percent_milestones(measured(indicator))
    assert (first.percent, first.met, second.met) == (20, True, False)


def test_a_value_is_returned_with_a_note_and_decided_once(indicator):
    value = report(indicator)
    with pytest.raises(TargetError, check=lambda error: error.code == "remark_missing"):
        decide_value(by=PROGRAMME_OFFICE, value=value, accept=False)
    decide_value(by=PROGRAMME_OFFICE, value=value, accept=False, remark="Thiếu xác nhận")
    with pytest.raises(TargetError, check=lambda error: error.code == "already_decided"):
        decide_value(by=PROGRAMME_OFFICE, value=value, accept=True)


@pytest.mark.parametrize(("accept", "mails"), [(True, 0), (False, 1)])
def test_the_agency_is_notified_what_to_correct_when_a_value_is_returned(
    indicator, mailoutbox, accept, mails
):
    agency = make_agency()
    coordinator = make_coordinator(agency, language="en")
    value = report(indicator, agency)
    decide_value(by=PROGRAMME_OFFICE, value=value, accept=accept, remark="Thiếu xác nhận")
    found = [(message.to, "Note: Thiếu xác nhận" in message.body) for message in mailoutbox]
    assert found == [([coordinator.email], True)] * mails


def test_a_coordinator_reports_on_the_form(client, indicator):
    agency = make_agency()
    client.force_login(make_coordinator(agency))
    data = {
        "agency": agency.pk,
        "numerator": 2,
        "denominator": 5,
        "measured_on": "2026-06-30",
        "evidence": SimpleUploadedFile("minh-chung.pdf", b"%PDF-1.7"),
    }
    answer = client.post(reverse("report_value", args=[indicator.slug]), data)
    assert answer.status_code == 302
    assert IndicatorValue.objects.get().agency == agency


def test_a_coordinator_sees_the_values_and_evidence_of_the_own_agency_alone(client, indicator):
    own, other = make_agency(name_vi="Bộ Một"), make_agency(name_vi="Bộ Hai")
    report(indicator, own)
    foreign = report(indicator, other)
    client.force_login(make_coordinator(own))
    page = client.get(reverse("indicator", args=[indicator.slug])).content.decode()
    assert ("Bộ Một" in page, "Bộ Hai" in page) == (True, False)
    assert client.get(reverse("value_evidence", args=[foreign.pk])).status_code == 404


def test_the_evidence_is_downloaded_as_it_was_uploaded(client, indicator):
    agency = make_agency("bo-a")
    value = report(indicator, agency)
    client.force_login(make_coordinator(agency))
    answer = client.get(reverse("value_evidence", args=[value.pk]))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7"
    assert re.search(r'filename="bo-a-2026-06-30-\w+\.pdf"', answer["Content-Disposition"])
    assert not str(value.evidence.name).endswith(".pdf")


@pytest.mark.both_engines
@pytest.mark.parametrize(
    ("denominator", "sentence"),
    [
        (0, "A percentage needs a denominator"),
        (10**20, "Ensure this value is less than or equal to 1000000000."),
    ],
)
def test_an_impossible_denominator_is_refused_with_a_sentence(
    client, indicator, denominator, sentence
):
    agency = make_agency()
    client.force_login(make_coordinator(agency, language="en"))
    data = {
        "agency": agency.pk,
        "numerator": 0,
        "denominator": denominator,
        "measured_on": "2026-06-30",
        "evidence": SimpleUploadedFile("minh-chung.pdf", b"%PDF-1.7"),
    }
    answer = client.post(
        reverse("report_value", args=[indicator.slug]), data, headers={"Accept-Language": "en"}
    )
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


@pytest.fixture
def office():
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.mark.parametrize(
    ("chosen", "state"), [("", "submitted"), ("accept", "accepted"), ("return", "returned")]
)
def test_a_value_is_decided_only_by_what_was_chosen(client, indicator, office, chosen, state):
    value = report(indicator)
    client.force_login(office)
    # What a browser sends for Enter in the note: the fields, and no button's name.
    client.post(reverse("decide_value", args=[value.pk]), {"decision": chosen, "note": "x"})
    value.refresh_from_db()
    assert value.state == state


def test_a_coordinator_cannot_report_for_another_agency(client, indicator):
    client.force_login(make_coordinator(make_agency()))
    data = {"agency": make_agency().pk, "numerator": 0, "denominator": 1}
    answer = client.post(reverse("report_value", args=[indicator.slug]), data)
    assert (answer.status_code, IndicatorValue.objects.count()) == (400, 0)


def test_nobody_reports_any_more_for_an_agency_that_has_ended(client, indicator):
    ended = make_agency(valid_to=dt.date(2025, 2, 28))
    make_agency(parent=ended)  # a department that exists, of an agency that has ended
    client.force_login(make_coordinator(ended))
    form = client.get(reverse("report_value", args=[indicator.slug])).context["form"]
    assert not form.fields["agency"].queryset.exists()


def test_an_office_that_coordinates_an_agency_reports_for_that_one_alone(client, indicator):
    own = make_agency()
    make_agency()
    user = make_coordinator(own)
    RoleGrant.objects.create(user=user, role=Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    form = client.get(reverse("report_value", args=[indicator.slug])).context["form"]
    assert list(form.fields["agency"].queryset) == [own]


def test_all_four_indicators_are_on_one_page(client, indicator):
    make_indicator(d2024_12_31=100)
    client.force_login(make_coordinator(make_agency()))
    page = client.get(reverse("indicators")).content.decode()
    assert ("Đô thị" in page, "Số người" in page) == (True, True)
