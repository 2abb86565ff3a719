"""A design may depend on the data: what goes wrong for one person stops nobody else."""

import pytest

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.models import Certificate, CertificateDesign
from certificates.pdf import starter_designs
from certificates.services import parallel
from certificates.services.batches import start_batch
from certificates.services.corrections import reissue
from certificates.services.issuance import (
    register_certificates,
    unsigned_form,
    without_file,
)
from common import bounded
from courses.models import CourseRun
from jobs.models import Job, JobState
from tests.certificates.steps import issue_for_run

pytestmark = pytest.mark.django_db(transaction=True)
UNLUCKY = "Trần Văn Đức"
FETCHES = '<img src="https://example.com/x.png" alt="x">'
LOOPS = "{% for letter in verification_url %}" * 7 + "x" + "{% endfor %}" * 7


def break_design(what: str) -> None:
    """Let the only design do something for one person alone."""
    design = starter_designs()[0]
    condition = f'{{% if full_name == "{UNLUCKY}" %}}{what}{{% endif %}}'
    html = design.html.replace("</body>", f"{condition}</body>")
    assert html != design.html
    CertificateDesign.objects.update(html=html)


def require_all_but_one(run: CourseRun) -> Certificate:
    certificates = Certificate.objects.filter(completion__run=run).order_by("register_number")
    assert [one.register_number for one in certificates] == [1, 2, 3]
    (owed,) = [one for one in certificates if not one.file]
    assert owed.printed_value("full_name") == UNLUCKY
    return owed


@pytest.mark.parametrize("what", [FETCHES, LOOPS])
def test_the_others_get_their_files_and_the_one_a_sentence(run: CourseRun, what: str) -> None:
    break_design(what)
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    owed = require_all_but_one(run)
    assert refused.value.code == "file_owed"
    assert refused.value.message.count(owed.register_label) == 1


def test_a_batch_makes_the_other_files_and_names_the_person(run: CourseRun) -> None:
    break_design(FETCHES)
    batch = start_batch(by=OFFICE, run=run, owner=None)
    owed = require_all_but_one(run)
    job = Job.objects.get()
    assert job.state == JobState.FAILED
    assert owed.register_label in job.error_message
    batch.refresh_from_db()
    named = [one for one in batch.warnings if one["code"] == "blocked_resource"]
    assert [one["full_name"] for one in named] == [UNLUCKY]


def test_the_command_makes_the_other_files_in_parallel(run: CourseRun, monkeypatch) -> None:
    monkeypatch.setattr(parallel, "WORTH_IT", 1)
    break_design(FETCHES)
    register_certificates(by=OFFICE, run=run)
    with pytest.raises(CertificateError, match="/AI"):
        list(parallel.write_in_parallel(list(without_file(run))))
    require_all_but_one(run)


def test_the_one_is_issued_again_in_another_design(run: CourseRun) -> None:
    break_design(FETCHES)
    with pytest.raises(CertificateError):
        issue_for_run(by=OFFICE, run=run)
    owed = require_all_but_one(run)
    design = starter_designs()[1]
    CertificateDesign.objects.update(is_default=False)
    CertificateDesign.objects.create(
        slug=design.slug, name=design.name, html=design.html, css=design.css, is_default=True
    )
    successor = reissue(by=OFFICE, certificate=owed, reason="Mẫu hỏng")
    successor.refresh_from_db()
    assert successor.register_number == 4
    assert successor.file


def test_the_unsigned_form_in_a_written_design_is_made_again_byte_for_byte(run: CourseRun) -> None:
    break_design("<!-- nothing -->")
    CertificateDesign.objects.update(css=CertificateDesign.objects.get().css + "\n")
    first = issue_for_run(by=OFFICE, run=run).issued[0]
    assert unsigned_form(first)


def test_a_shipped_design_is_laid_out_without_the_boundary(run: CourseRun, monkeypatch) -> None:
    """Else each certificate would cost a process of its own."""
    calls: list[object] = []
    monkeypatch.setattr(bounded, "run", lambda *arguments: calls.append(arguments))
    issued = issue_for_run(by=OFFICE, run=run).issued
    assert all(certificate.file for certificate in issued)
    assert calls == []
