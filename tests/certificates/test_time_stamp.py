"""Time stamps: a real authority (``openssl ts``) behind a real port."""

import datetime as dt
import socket
import subprocess
import threading
import time
from contextlib import suppress

import pytest
from asn1crypto import x509

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.choices import BatchState
from certificates.errors import CertificateError
from certificates.file_contents import read_certificate
from certificates.job_types import WRITE_CERTIFICATE
from certificates.models import Certificate
from certificates.services import batches, corrections, stamping
from certificates.services.issuance import register_certificates, without_file
from certificates.services.parallel import write_in_parallel
from certificates.services.verification import verify_file
from certificates.signing import BYTES_FOR_TIME_STAMP, load_key, self_signed_pkcs12
from certificates.stamping import digest_to_stamp, stamped
from common import clock, time_stamps
from common.time_stamps import time_stamper
from courses.models import CourseRun
from jobs import services as jobs
from tests.certificates.authorities import LIES, stamped_on
from tests.certificates.samples import usual
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_trainee
from tests.validators.vera import broken_rules

MADE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
AT = dt.datetime(2026, 3, 2, 3, 30, tzinfo=dt.UTC)


def test_a_stamped_certificate_is_valid_pdf_and_names_the_authority_s_time(
    renderer, authority, tmp_path
):
    key = load_key(self_signed_pkcs12("Cục", "pw", valid_from=MADE), "pw")
    signed = key.sign(renderer.render(usual()), at=AT, timestamper=time_stamper(authority))
    moment = stamped_on(signed)
    assert moment
    assert abs(moment - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    assert [(one.intact, one.whole) for one in read_certificate(signed).signatures] == [
        (True, True)
    ]
    path = tmp_path / "stamped.pdf"
    path.write_bytes(signed)
    assert {key: rules for key, rules in broken_rules([path]).items() if rules} == {}
    seen = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in seen.stdout


@pytest.mark.django_db
def test_where_an_authority_is_set_every_certificate_is_stamped(
    run: CourseRun, authority, settings
):
    settings.TSA_URL = authority
    issued = issue_for_run(by=OFFICE, run=run).issued
    contents = [one.file.read() for one in issued]
    assert all(stamped_on(content) for content in contents)
    assert {verify_file(content).state for content in contents} == {"valid"}
    assert max(map(len, contents)) <= 150_000


@pytest.mark.django_db
def test_a_silent_time_stamping_authority_is_reported_and_files_are_made_later(
    run: CourseRun, settings
):
    settings.TSA_URL = "http://127.0.0.1:9/"
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "no_time_stamp"
    assert not Certificate.objects.exclude(file="").exists()
    settings.TSA_URL = ""
    issue_for_run(by=OFFICE, run=run)
    assert list(Certificate.objects.values_list("register_number", flat=True)) == [1, 2, 3]
    assert not Certificate.objects.filter(file="").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("behaviour", LIES)
@pytest.mark.parametrize("good", [0, 2])
def test_a_batch_whose_authority_fails_goes_on_later_without_a_gap(
    run: CourseRun, authority, settings, odd, monkeypatch, behaviour, good
):
    monday = odd(behaviour, good)
    settings.TSA_URL = monday.url
    batch = batches.start_batch(by=OFFICE, run=run, owner=None)
    batch.refresh_from_db()
    # What has a token is whole, the rest has a number and no file.
    contents = [one.file.read() for one in Certificate.objects.exclude(file="")]
    assert len(contents) == good
    assert all(stamped_on(content) for content in contents)
    assert batches.files_owed(batch).count() == 3 - good
    assert "thời gian" in batch.jobs.get().error_message
    assert monday.asked == good + 1  # the others would fail in the same way

    settings.TSA_URL = authority
    monkeypatch.setattr(time_stamps, "READ_SECONDS", 9)
    batches.resume_batch(by=OFFICE, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    made = Certificate.objects.in_register_order()
    assert [one.register_number for one in made] == [1, 2, 3]
    assert all(stamped_on(one.file.read()) for one in made)


@pytest.mark.django_db(transaction=True)
def test_a_reissue_waits_for_no_authority(run: CourseRun, authority, settings, monkeypatch):
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    settings.TSA_URL = authority
    asked: list[object] = []
    monkeypatch.setattr(stamping, "request_tokens", lambda *_arguments: asked.append(1))
    with monkeypatch.context() as queue:
        started: list[tuple[object, int]] = []
        queue.setattr(
            jobs,
            "start",
            lambda kind, *, payload, **_others: started.append((kind, payload["certificate"])),
        )
        new = corrections.reissue(by=OFFICE, certificate=old, reason="Sai tên")
    assert started == [(WRITE_CERTIFICATE, new.pk)]
    assert (asked, new.file.name) == ([], "")


@pytest.mark.django_db(transaction=True)
def test_the_job_after_a_reissue_makes_the_stamped_file(run: CourseRun, authority, settings):
    old = issue_for_run(by=OFFICE, run=run).issued[0]
    settings.TSA_URL = authority
    new = corrections.reissue(by=OFFICE, certificate=old, reason="Sai tên")
    new.refresh_from_db()
    assert stamped_on(new.file.read())


@pytest.mark.django_db
def test_many_certificates_by_command_are_stamped_too(run: CourseRun, authority, settings):
    settings.TSA_URL = authority
    for number in range(23):
        make_completion(make_trainee(full_name=f"Trần Văn {chr(65 + number)}"), run)
    register_certificates(by=OFFICE, run=run)
    made = list(write_in_parallel(list(without_file(run))))
    assert len(made) == 26
    assert all(stamped_on(one.file.read()) for one in made)


def test_pages_rendered_as_a_whole_get_their_time_stamp_in_the_same_way(renderer, authority):
    key = load_key(self_signed_pkcs12("Cục", "pw", valid_from=MADE), "pw")
    signed = key.sign(renderer.render(usual()), at=AT, bytes_for_stamp=BYTES_FOR_TIME_STAMP)
    token = time_stamps.request_token(authority, digest_to_stamp(signed))
    content = stamped(signed, token)
    assert len(content) == len(signed)
    assert stamped_on(content)
    (report,) = read_certificate(content).signatures
    assert (report.intact, report.whole) == (True, True)


@pytest.mark.parametrize("wrong", ["time", "use", "expired"])
def test_a_token_of_another_time_or_of_no_authority_is_refused(monkeypatch, authority, wrong):
    if wrong == "time":
        monkeypatch.setattr(clock, "now", lambda: dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    elif wrong == "use":
        monkeypatch.setattr(x509.Certificate, "extended_key_usage_value", None)
    else:
        monkeypatch.setattr(x509.Certificate, "not_valid_after", MADE)
    with pytest.raises(time_stamps.TimeStampError, match="another time"):
        time_stamps.request_token(authority, b"\x01" * 32)


def test_an_authority_that_trickles_is_given_up_after_its_time(monkeypatch):
    monkeypatch.setattr(time_stamps, "CALL_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_trickle, args=[server], daemon=True).start()
        began = time.monotonic()
        with pytest.raises(time_stamps.TimeStampError, match="no answer"):
            time_stamps.request_token(f"http://127.0.0.1:{server.getsockname()[1]}/", b"\x01" * 32)
        assert time.monotonic() - began < 4


def _trickle(server: socket.socket) -> None:
    client, _address = server.accept()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n\r\n"
    with client, suppress(OSError):
        client.sendall(head)
        for _byte in range(100):
            client.sendall(b"0")
            time.sleep(0.1)
