"""The row is there, the file is gone from the store: everybody is told so, nothing breaks."""

import datetime as dt
from pathlib import Path

import pytest
from django.urls import reverse

from certificates.errors import FileLostError
from certificates.models import Batch, Bundle, Certificate
from certificates.services import batches, certificate_bundles, share_links
from certificates.services.bundles import merged_file
from common import clock
from tests.certificates.conftest import OFFICE
from tests.certificates.steps import issue_for_run
from tests.factories import make_user

MISSING = "Không tìm thấy tệp"


@pytest.fixture
def lost(run) -> Certificate:
    certificate = issue_for_run(by=OFFICE, run=run).issued[0]
    Path(certificate.file.path).unlink()
    return certificate


def told(client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_office_is_told_on_the_page_of_the_certificate(lost, office_client):
    page = told(office_client, reverse("certificate_file", args=[lost.verification_code]))
    assert MISSING in page
    assert lost.register_label in page


def test_whoever_got_a_link_sees_the_state_and_why_there_is_no_file(lost, client):
    _link, token = share_links.share(by=OFFICE, certificate=lost, days=7)
    page = told(client, reverse("shared_certificate", args=[token]) + "?file")
    assert MISSING in page
    assert lost.register_label in page


def test_who_claims_it_is_told_on_the_form(lost, client):
    trainee = lost.completion.trainee
    answer = client.post(
        reverse("claim_certificate"),
        {"code": lost.verification_code, "birth": f"{trainee.birth_date:%d/%m/%Y}"},
    )
    assert answer.status_code == 400
    assert MISSING in answer.content.decode()


@pytest.mark.parametrize("what", ["class", "register"])
def test_an_archive_is_refused_before_it_is_begun(lost, office_client, what):
    """Half an archive would look like a whole one."""
    address = (
        reverse("run_certificates_file", args=[lost.completion.run.code, "zip"])
        if what == "class"
        else reverse("register_file", args=["zip"])
    )
    page = told(office_client, address)
    assert MISSING in page
    assert lost.register_label in page


def test_a_file_for_printing_is_not_made_without_it(lost):
    with pytest.raises(FileLostError) as refused, merged_file(Certificate.objects.all()):
        pass
    assert lost.register_label in refused.value.message


@pytest.mark.parametrize("wanted", ["merged", "proof"])
def test_a_lost_file_of_a_batch_is_told(lost, office_client, wanted):
    batch = batches.start_batch(by=OFFICE, run=lost.completion.run, owner=None)
    Batch.objects.filter(pk=batch.pk).update(merged="batches/gone.merged")
    address = reverse("certificate_batch", args=[batch.pk]) + f"?{wanted}"
    assert MISSING in told(office_client, address)


def test_a_lost_archive_is_told(lost):
    owner = make_user()
    later = clock.now() + dt.timedelta(1)
    bundle = Bundle(owner=owner, archive="bundles/gone.archive", expires_at=later)
    with pytest.raises(FileLostError):
        certificate_bundles.file_of(bundle, "archive")


def test_the_look_up_page_still_answers(lost, client):
    assert lost.register_label in told(
        client, reverse("verify_code", args=[lost.verification_code])
    )
