import pytest

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from notices.models import Notice
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client.force_login(user)
    return user


@pytest.fixture
def notice():
    return Notice.objects.create(
        recipient="an@example.gov.vn", subject="Đặt lại mật khẩu", body="the-secret-link"
    )


def test_nobody_is_led_to_the_sites_own_sign_in(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/login/?next=/admin/"


def test_a_trainer_may_not_enter(client):
    client.force_login(make_user(Role.TRAINER, is_staff=True))
    assert client.get("/admin/", follow=True).status_code == 403


def test_an_office_without_a_second_factor_may_not_enter(client):
    client.force_login(make_user(Role.PROGRAMME_OFFICE))
    assert client.get("/admin/")["Location"] == "/sign-in/2fa/totp/activate/"


def test_the_office_reads_every_message_and_its_state_but_not_its_links(client, office, notice):
    assert "Đặt lại mật khẩu" in client.get("/admin/notices/notice/").content.decode()
    page = client.get(f"/admin/notices/notice/{notice.pk}/change/").content.decode()
    assert "an@example.gov.vn" in page
    assert "the-secret-link" not in page


@pytest.mark.parametrize(
    ("address", "code"),
    [("", 405), ("{pk}/change/", 405), ("add/", 404), ("{pk}/delete/", 404), ("{pk}/", 404)],
)
def test_the_office_changes_nothing_there(client, office, notice, address, code):
    answer = client.post(f"/admin/notices/notice/{address.format(pk=notice.pk)}", {"state": "sent"})
    assert answer.status_code == code
    assert Notice.objects.get().state == "pending"


@pytest.mark.parametrize(
    "address",
    [
        "password_change/", "password_change/done/", "login/", "logout/", "jsi18n/",
        "autocomplete/", "r/1/1/", "auth/group/", "account/emailaddress/", "mfa/authenticator/",
        "knox/authtoken/add/", "usersessions/usersession/", "notices/notice/1/history/",
        "django_tasks_database/dbtaskresult/",
    ],
)  # fmt: skip
def test_what_django_and_libraries_bring_for_the_admin_is_not_there(client, office, address):
    office.is_superuser = office.is_staff = True
    office.save()
    assert client.get(f"/admin/{address}").status_code == 404
    assert client.post(f"/admin/{address}", {"old_password": "pw"}).status_code == 404
