import io
import subprocess

import pikepdf
import pytest
from django.core.files.base import File
from django.urls import reverse

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Certificate
from certificates.pdf import CertificateRenderer, starter_designs
from certificates.services.bundles import merged_file
from certificates.services.proof_sheets import two_up
from tests.certificates.samples import usual
from tests.certificates.steps import issue_for_run

NAMES = ("Lê Thị Ánh", "Trần Văn Đức", "Nguyễn An")


@pytest.fixture(params=starter_designs(), ids=lambda design: design.slug, scope="module")
def sheets(request) -> bytes:
    renderer = CertificateRenderer(request.param)
    merged = io.BytesIO()
    with pikepdf.new() as target:
        for name in NAMES:
            with pikepdf.open(io.BytesIO(renderer.render(usual(full_name=name)))) as one:
                target.pages.extend(one.pages)
        target.save(merged)
    merged.seek(0)
    return two_up(merged)


def words(pdf: bytes) -> str:
    run = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True
    )
    return run.stdout.decode()


def test_two_certificates_stand_on_each_a4_sheet_and_all_are_there(sheets):
    with pikepdf.open(io.BytesIO(sheets)) as pdf:
        sizes = {
            tuple(sorted(round(float(side)) for side in page.mediabox[2:])) for page in pdf.pages
        }
        assert (len(pdf.pages), sizes) == (2, {(595, 842)})
    text = subprocess.run(["pdftotext", "-", "-"], input=sheets, capture_output=True, check=True)
    assert all(name in text.stdout.decode() for name in NAMES)


def test_a_proof_is_marked_so_that_nobody_takes_it_for_a_certificate(sheets):
    assert words(sheets).count("THỬ") == len(NAMES)


def test_the_office_gets_the_proof_of_a_batch(run, office_client):
    issue_for_run(by=OFFICE, run=run)
    live = Certificate.objects.in_register_order()
    batch = run.batches.create(state="done")
    with merged_file(live) as merged:
        batch.merged.save(f"{batch.pk}.merged", File(merged))
    answer = office_client.get(reverse("certificate_batch", args=[batch.pk]), {"proof": ""})
    assert answer["Content-Type"] == "application/pdf"
    assert words(answer.content).count("THỬ") == 3
