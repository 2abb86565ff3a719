"""Words that mean two things in English are two words in Vietnamese."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation

from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE as OFFICE
from audit.services import SYSTEM
from certificates.forms import BodyForm
from enrollment.forms import SessionForm
from enrollment.services.enrollments import Nominee, nominate
from enrollment.services.seat_shares import set_share
from tests.factories import make_agency, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


def test_the_seats_page_words_positions_on_the_waiting_list_unlike_job_positions() -> None:
    run = make_run(capacity=1, starts_on=dt.date(2099, 1, 1), ends_on=dt.date(2099, 1, 2))
    agency = make_agency()
    set_share(by=OFFICE, run=run, agency=agency, seats=1)
    nominees = [Nominee(make_trainee(agency).pk) for _ in range(2)]
    nominate(by=OFFICE, run=run, sending_agency=agency, nominees=nominees)
    user = make_user("programme_office")
    create_second_factor(by=SYSTEM, user=user)
    client = Client(headers={"accept-language": "vi"})
    client.force_login(user)
    page = client.get(f"/runs/{run.code}/seats/").content.decode()
    assert "Danh sách chờ" in page
    assert "Chức vụ" not in page
    assert "giải phóng" not in page


def test_a_session_has_hours_and_an_issuing_body_a_seal() -> None:
    with translation.override("vi"):
        hours = [str(SessionForm().fields[name].label) for name in ("begins", "ends")]
        seal = str(BodyForm().fields["seal"].label)
    assert not {"Từ ngày", "Đến ngày"} & set(hours)
    assert seal != "Niêm phong"
