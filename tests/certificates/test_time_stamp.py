"""Time stamps: a real authority (``openssl ts``) behind a real port."""

import datetime as dt
import io
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.errors import CertificateError
from certificates.file_contents import read_certificate
from certificates.models import Certificate
from certificates.services.verification import verify_file
from certificates.signing import load_key, self_signed_pkcs12
from common.time_stamps import time_stamper
from courses.models import CourseRun
from tests.certificates.samples import usual
from tests.certificates.steps import issue_for_run
from tests.validators.vera import broken_rules

MADE = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
AT = dt.datetime(2026, 3, 2, 3, 30, tzinfo=dt.UTC)
OPTIONS = """
[ req ]
distinguished_name = name
x509_extensions = stamping
prompt = no
[ name ]
CN = Time of the test
[ stamping ]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ tsa ]
default_tsa = here
[ here ]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a time-stamping authority of RFC 3161."""
    folder = tmp_path_factory.mktemp("authority")
    (folder / "options").write_text(OPTIONS)
    (folder / "serial").write_text("01\n")
    new = "openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -config options"
    _run([*new.split(), "-keyout", "tsa.key", "-out", "tsa.pem"], folder)

    class Authority(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (folder / "query").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            reply = "openssl ts -reply -config options -queryfile query -out reply"
            _run(reply.split(), folder)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *_words: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def stamped_on(pdf: bytes) -> dt.datetime | None:
    """The time that the authority put on the last signature."""
    info = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].signer_info
    tokens = [
        attribute["values"][0]
        for attribute in info["unsigned_attrs"] or []
        if attribute["type"].native == "signature_time_stamp_token"
    ]
    if not tokens:
        return None
    moment: dt.datetime = (
        tokens[0]["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    )
    return moment


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
