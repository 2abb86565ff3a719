"""The pages: verification, claim and links for everybody; register, batch, designs inside."""

import datetime as dt
import io
import json
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.choices import Role
from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.credential import has_valid_proof
from certificates.models import (
    Batch,
    Certificate,
    CertificateDesign,
    IssuingTerms,
    ShareLink,
    VerificationCount,
)
from certificates.services import keys
from certificates.services.corrections import reissue, revoke
from common import clock
from tests.certificates.steps import is_marked, issue_for_run
from tests.factories import make_completion, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db
BORN = dt.date(1985, 3, 5)


@pytest.fixture
def holder(office):
    """A trainee with an account and a certificate."""
    user = make_user(Role.TRAINEE)
    trainee = make_trainee(user=user, full_name="Lê Thị Ánh", birth_date=BORN)
    run = make_run()
    make_completion(trainee, run)
    issue_for_run(by=OFFICE, run=run)
    return user


@pytest.fixture
def certificate(holder) -> Certificate:
    return Certificate.objects.get()


def content_of(certificate: Certificate) -> bytes:
    with certificate.file.open() as file:
        return bytes(file.read())


def page(client, name, *arguments, **query) -> str:
    response = client.get(reverse(name, args=arguments), query)
    assert response.status_code == 200
    return str(response.content.decode())


# For everybody --------------------------------------------------------------------------


def test_the_page_of_a_code_shows_all_that_is_printed_but_the_birth_date(
    holder, certificate, client
):
    shown = page(client, "verify_code", certificate.verification_code)
    for field in ("full_name", "course_title", "agency", "register_number", "signer_name"):
        assert certificate.printed[field] in shown
    assert "05/03/1985" not in shown


def test_look_ups_are_counted_by_the_hour_and_nothing_is_written_per_visit(
    holder, certificate, client
):
    entries = AuditEntry.objects.count()
    with clock.set_to(clock.now().replace(minute=20)):
        for _ in range(3):
            page(client, "verify_code", certificate.verification_code)
        client.get("/verify/AAAA-AAAA-AAAA-AAAA")
    with clock.set_to(clock.now() + dt.timedelta(hours=2)):
        page(client, "verify_code", certificate.verification_code)
    counts = VerificationCount.objects.order_by("hour", "-visits")
    assert list(counts.values_list("how", "state", "visits")) == [
        ("code", "valid", 3), ("code", "unknown", 1), ("code", "valid", 1)
    ]  # fmt: skip
    assert {field.name for field in VerificationCount._meta.fields} == {
        "id", "hour", "how", "state", "visits"
    }  # fmt: skip
    assert AuditEntry.objects.count() == entries


def test_guessing_codes_is_stopped(office, client):
    answers = [client.get("/verify/AAAA-AAAA-AAAA-AAAA").status_code for _ in range(25)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_an_uploaded_file_is_compared_and_the_checks_are_shown(holder, certificate, client):
    file = SimpleUploadedFile("c.pdf", content_of(certificate), "application/pdf")
    shown = client.post("/verify/", {"file": file}, headers={"accept-language": "en"})
    assert "byte for byte" in shown.content.decode()
    assert "699 development" in shown.content.decode()


def test_what_differs_in_an_edited_file_is_shown(holder, certificate, client):
    edited = content_of(certificate)[:-1] + b" "
    file = SimpleUploadedFile("c.pdf", edited, "application/pdf")
    shown = client.post("/verify/", {"file": file}, headers={"accept-language": "en"})
    assert "Altered" in shown.content.decode()


def test_each_of_a_corrected_pair_points_to_the_other(holder, certificate, client):
    old = certificate
    new = reissue(by=OFFICE, certificate=old, reason="Sai họ tên")
    assert new.register_label in page(client, "verify_code", old.verification_code)
    assert old.register_label in page(client, "verify_code", new.verification_code)


def test_a_revoked_certificate_keeps_a_public_page_with_the_reason(holder, certificate, client):
    revoke(by=OFFICE, certificate=certificate, reason="Cấp nhầm người")
    assert "Cấp nhầm người" in page(client, "verify_code", certificate.verification_code)


def claim(client, code: str, birth: str):
    return client.post("/verify/claim", {"code": code, "birth": birth})


def test_code_and_birth_date_give_the_file(holder, certificate, client):
    response = claim(client, certificate.verification_code, "05/03/1985")
    assert b"".join(response.streaming_content) == content_of(certificate)
    assert AuditEntry.objects.filter(action="certificate_claimed").count() == 1


def test_a_wrong_birth_date_and_a_wrong_code_get_the_same_answer(holder, certificate, client):
    wrong = claim(client, certificate.verification_code, "06/03/1985")
    unknown = claim(client, "AAAA-AAAA-AAAA-AAAA", "05/03/1985")
    assert (wrong.status_code, unknown.status_code) == (400, 400)
    errors = [one.context["form"].non_field_errors() for one in (wrong, unknown)]
    assert errors[0] == errors[1]


def test_guessing_birth_dates_is_stopped_even_with_the_right_one_at_last(
    holder, certificate, client
):
    code = certificate.verification_code
    for day in range(10, 16):
        claim(client, code, f"{day}/03/1985")
    assert claim(client, code, "05/03/1985").status_code == 429


def test_a_link_shows_the_certificate_until_it_is_withdrawn(holder, certificate, client):
    address = reverse("certificate", args=[certificate.verification_code])
    client.force_login(holder)
    client.post(address, {"action": "share", "days": "7"})
    link = client.session["new_link"].removeprefix("http://testserver")
    client.get(address)
    client.logout()
    assert client.get(link).status_code == 200
    assert b"".join(client.get(f"{link}?file").streaming_content) == content_of(certificate)
    client.force_login(holder)
    client.post(address, {"action": "withdraw", "link": ShareLink.objects.get().pk})
    assert client.get(link).status_code == 404


def test_a_link_ends_by_itself(holder, certificate, client):
    client.force_login(holder)
    address = reverse("certificate", args=[certificate.verification_code])
    client.post(address, {"action": "share", "days": "7"})
    link = client.session["new_link"]
    with clock.set_to(clock.now() + dt.timedelta(days=8)):
        assert client.get(link).status_code == 404


def test_nobody_but_the_holder_shares_a_certificate(holder, certificate, office_client):
    address = reverse("certificate", args=[certificate.verification_code])
    assert office_client.post(address, {"action": "share", "days": "7"}).status_code == 403


def test_links_are_shown_to_the_holder_alone(holder, certificate, office_client, client):
    office = page(office_client, "certificate", certificate.verification_code)
    client.force_login(holder)
    own = page(client, "certificate", certificate.verification_code)
    assert ('name="days"' in own, 'name="days"' in office) == (True, False)


def test_the_status_list_is_signed_and_marks_what_is_not_in_force(run, client):
    first, second, third = issue_for_run(by=OFFICE, run=run).issued
    revoke(by=OFFICE, certificate=first, reason="Cấp nhầm")
    reissue(by=OFFICE, certificate=second, reason="Sai họ tên")
    listed = json.loads(client.get("/verify/status/AI-2026").content)
    assert has_valid_proof(listed, keys.trusted_credential_keys())
    assert [is_marked(listed, number) for number in (1, 2, 3, 4)] == [True, True, False, False]
    assert third.credential
    status = third.credential["credentialStatus"]
    assert status["statusListIndex"] == "3"
    assert status["statusListCredential"].endswith("/verify/status/AI-2026")


def test_keys_are_published(office, client):
    document = json.loads(client.get("/.well-known/did.json").content)
    assert document["id"].startswith("did:web:")
    assert len(document["verificationMethod"]) == 1
    assert client.get("/verify/keys.pem").content.startswith(b"-----BEGIN CERTIFICATE-----")


# Inside ---------------------------------------------------------------------------------


def test_holders_find_their_own_certificate_and_no_other(holder, certificate, run, client):
    issue_for_run(by=OFFICE, run=run)
    client.force_login(holder)
    shown = page(client, "certificates")
    assert certificate.register_label in shown
    assert "Trần Văn Đức" not in shown


def test_a_holder_confirms_the_printed_name(holder, client):
    client.force_login(holder)
    client.post("/certificates/")
    assert holder.trainee.name_confirmation.full_name == "Lê Thị Ánh"
    assert AuditEntry.objects.filter(action="printed_name_confirmed").exists()


def test_the_office_starts_a_batch_from_the_preflight(run, office_client):
    make_completion(make_trainee(full_name="Nguyễn <An>"), run)
    shown = page(office_client, "run_certificates", run.code)
    assert "Nguyễn &lt;An&gt;" in shown
    address = reverse("run_certificates", args=[run.code])
    assert office_client.post(address, {"action": "start"}).status_code == 302
    batch = Batch.objects.get()
    assert page(office_client, "certificate_batch", batch.pk)


def test_all_files_of_a_class_come_in_one_zip(run, office_client):
    issue_for_run(by=OFFICE, run=run)
    address = reverse("run_certificates_file", args=[run.code, "zip"])
    packed = b"".join(office_client.get(address).streaming_content)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert len(archive.namelist()) == 3


def test_the_terms_of_a_class_are_saved(run, office_client):
    design = CertificateDesign.objects.get()
    terms = {"action": "terms", "design": design.pk, "signed_by": "outside"}
    office_client.post(reverse("run_certificates", args=[run.code]), terms)
    assert IssuingTerms.objects.get(run=run).signed_by == "outside"


def test_a_wrong_signed_file_is_refused_by_name(run, office_client):
    file = SimpleUploadedFile("wrong.pdf", b"%PDF-1.7", "application/pdf")
    address = reverse("run_certificates", args=[run.code])
    shown = office_client.post(address, {"action": "accept", "signed_files": [file]}, follow=True)
    assert "wrong.pdf" in shown.content.decode()


def test_the_office_revokes_with_a_reason_only(holder, certificate, office_client):
    address = reverse("certificate", args=[certificate.verification_code])
    office_client.post(address, {"action": "revoke", "reason": " "})
    assert Certificate.objects.get().state == "issued"
    office_client.post(address, {"action": "revoke", "reason": "Cấp nhầm"})
    assert Certificate.objects.get().state == "revoked"
    assert "Cấp nhầm" in page(office_client, "certificate", certificate.verification_code)


def test_a_paper_blank_belongs_to_one_certificate(run, office_client):
    first, second, _third = issue_for_run(by=OFFICE, run=run).issued
    for certificate in (first, second):
        address = reverse("certificate", args=[certificate.verification_code])
        office_client.post(address, {"action": "blank", "number": "A 0012345"})
    blanks = Certificate.objects.in_register_order().values_list("blank_number", flat=True)
    assert list(blanks) == ["A 0012345", "", ""]


def test_a_design_shows_previews_and_a_change_makes_a_version(run, office_client):
    issue_for_run(by=OFFICE, run=run)
    design = CertificateDesign.objects.get()
    address = reverse("certificate_design", args=[design.slug, 1])
    assert page(office_client, "certificate_design", design.slug, 1)
    assert page(office_client, "certificate_designs")
    picture = office_client.get(f"{address}longest.png")
    assert picture.content.startswith(b"\x89PNG")
    changed = {"name": "Mới", "html": design.html, "css": design.css}
    response = office_client.post(address, changed)
    assert response["Location"] == reverse("certificate_design", args=[design.slug, 2])


def test_a_bad_design_is_explained_on_its_page(office, office_client):
    design = CertificateDesign.objects.get()
    address = reverse("certificate_design", args=[design.slug, 1])
    bad = {"name": "x", "html": "<p>nothing</p>", "css": design.css}
    assert office_client.post(address, bad).status_code == 400
    assert CertificateDesign.objects.get().html == design.html


def test_a_choice_changed_before_issuing_is_saved_and_asked_about_again(run, office_client):
    make_completion(make_trainee(), run)
    address = reverse("run_certificates", args=[run.code])
    chosen = {"action": "start", "signed_by": "outside"}
    office_client.post(address, chosen)
    assert IssuingTerms.objects.get(run=run).signed_by == "outside"
    assert not Batch.objects.exists()
    office_client.post(address, chosen)
    assert Batch.objects.count() == 1


def test_no_more_are_issued_than_the_question_named(run, office_client):
    make_completion(make_trainee(), run)
    address = reverse("run_certificates", args=[run.code])
    shown = re.findall(r'name="ready" value="(\d+)"', office_client.get(address).content.decode())
    make_completion(make_trainee(), run)
    office_client.post(address, {"action": "start", "ready": shown})
    assert not Batch.objects.exists()
    office_client.post(address, {"action": "start", "ready": str(int(*shown) + 1)})
    assert Batch.objects.count() == 1


def test_another_button_of_the_page_loses_no_choice(run, office_client):
    issue_for_run(by=OFFICE, run=run)
    data = {"action": "notify", "confirmed": "0", "signed_by": "outside"}
    office_client.post(reverse("run_certificates", args=[run.code]), data)
    assert IssuingTerms.objects.get(run=run).signed_by == "outside"


def test_issuing_names_the_number_range_and_the_signer_before(run, office_client):
    make_completion(make_trainee(full_name="Lê Văn Chờ"), run)
    shown = page(office_client, "run_certificates", run.code)
    year = clock.today().year
    assert f"0001/{year}/AI" in shown
    assert "Lê Văn Chờ" in shown
    assert reverse("issuing_sample", args=[run.code]) in shown


def test_whoever_is_held_back_is_led_to_where_it_is_mended(run, office_client):
    person = make_trainee(full_name="Phải Sửa")
    make_completion(person, run, evidence="")
    shown = page(office_client, "run_certificates", run.code)
    assert f'href="/people/{person.code}/"' in shown


@pytest.mark.full
def test_the_sample_is_a_picture_of_the_first_certificate(run, office_client):
    make_completion(make_trainee(), run)
    answer = office_client.get(reverse("issuing_sample", args=[run.code]))
    assert answer.content.startswith(b"\x89PNG")
