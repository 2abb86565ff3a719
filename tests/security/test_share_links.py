"""A link to a certificate gives out no paper that stands no more."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import User
from audit.services import SYSTEM
from certificates.choices import CertificateState
from certificates.models import Certificate
from certificates.services.corrections import revoke
from certificates.services.share_links import share
from enrollment.services.completion import void_completion
from tests.architecture.world import PRINTED, make_certificate
from tests.factories import make_completion, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def certificate() -> Certificate:
    holder = make_user(Role.TRAINEE)
    completion = make_completion(make_trainee(user=holder))
    return make_certificate(completion, verification_code=PRINTED["verification_code"])


@pytest.fixture
def link(certificate: Certificate) -> str:
    holder = User.objects.get(trainee=certificate.completion.trainee)
    _link, token = share(by=holder.as_actor(), certificate=certificate, days=7)
    return reverse("shared_certificate", args=[token])


def _revoked(certificate: Certificate) -> None:
    revoke(by=SYSTEM, certificate=certificate, reason="Sai họ tên")


def _superseded(certificate: Certificate) -> None:
    Certificate.objects.filter(pk=certificate.pk).update(state=CertificateState.SUPERSEDED)


def _voided(certificate: Certificate) -> None:
    void_completion(by=SYSTEM, completion=certificate.completion, reason="Sai điểm")


def test_a_link_gives_the_file_of_a_certificate_in_force(link: str) -> None:
    assert 'href="?file"' in Client().get(link).text
    answer = Client().get(link, {"file": ""})
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("change", [_revoked, _superseded, _voided])
def test_a_link_gives_no_file_of_a_certificate_that_is_not_valid_any_more(
    certificate: Certificate, link: str, change: Callable[[Certificate], None]
) -> None:
    change(certificate)
    for address in (link, f"{link}?file"):
        page = Client().get(address)
        assert page.status_code == 200
        assert page["Content-Type"].startswith("text/html")
        assert 'href="?file"' not in page.text


def test_no_search_engine_lists_a_page_that_names_a_person_or_lets_in(
    certificate: Certificate, link: str
) -> None:
    verified = reverse("verify_code", args=[certificate.verification_code])
    invitation = reverse("claim_by_link", args=["unknown"])
    for address in (link, f"{link}?file", verified, invitation):
        assert Client().get(address)["X-Robots-Tag"] == "noindex, nofollow", address
    assert "X-Robots-Tag" not in Client().get(reverse("verify"))
