"""Signing keys in a PKCS#11 token, which here is one of software (SoftHSM)."""

import datetime as dt
import io
import logging
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from pkcs11 import Attribute, ObjectClass, TokenFlag

from audit.models import AuditEntry
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates import tokens
from certificates.choices import BatchState, KeyUse
from certificates.errors import CertificateError
from certificates.file_contents import read_certificate
from certificates.models import Certificate, Key
from certificates.services import batches, issuance, keys, parallel
from certificates.services.issuance import register_certificates, without_file
from certificates.services.verification import verify_file
from certificates.tokens import Token, load_token_key
from courses.models import CourseRun
from jobs.models import JobState
from tests.certificates.samples import usual
from tests.certificates.steps import issue_for_run
from tests.factories import make_completion, make_trainee

pytestmark = pytest.mark.full

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
BEGIN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
PIN = "730915"
LABELS = ["rsa", "p256"]


@dataclass
class Plug:
    """A token with an RSA key and two of P-256, each with a certificate under one authority."""

    folder: Path
    authority: x509.Certificate
    certificates: dict[str, x509.Certificate]

    def pull_out(self) -> None:
        self.folder.rename(self._drawer)
        self.folder.mkdir()

    def put_back(self) -> None:
        if self._drawer.exists():
            shutil.rmtree(self.folder)
            self._drawer.rename(self.folder)

    @property
    def _drawer(self) -> Path:
        return self.folder.with_name("drawer")


@pytest.fixture(scope="module")
def plug(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plug]:
    home = tmp_path_factory.mktemp("token")
    folder = home / "tokens"
    folder.mkdir()
    (home / "conf").write_text(f"directories.tokendir = {folder}\nlog.level = ERROR\n")
    made: dict[str, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(home / "conf"))
        _softhsm("--init-token", "--free", "--label", "office", "--so-pin", "12345678")
        above = ec.generate_private_key(ec.SECP256R1())
        authority = _certificate("CA", above.public_key(), above)
        made = {
            "rsa": rsa.generate_private_key(65537, 2048),
            "p256": ec.generate_private_key(ec.SECP256R1()),
            "p256-next": ec.generate_private_key(ec.SECP256R1()),
        }
        own = {label: _certificate(label, key.public_key(), above) for label, key in made.items()}
        for number, (label, key) in enumerate(made.items(), start=1):
            pem = home / f"{label}.pem"
            pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            _softhsm("--import", str(pem), "--token", "office", "--label", label,
                     "--id", f"{number:02d}")  # fmt: skip
        _write_certificates([authority, *own.values()])
        yield Plug(folder, authority, own)


def _softhsm(*arguments: str) -> None:
    subprocess.run(
        ["softhsm2-util", *arguments, "--pin", PIN], check=True, capture_output=True, timeout=30
    )


def _certificate(name: str, public: Any, signer: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    issuer, subject = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in ("CA", name)
    )
    return x509.CertificateBuilder(
        issuer, subject, public, x509.random_serial_number(), BEGIN,
        BEGIN + dt.timedelta(days=3650),
    ).sign(signer, hashes.SHA256())  # fmt: skip


def _write_certificates(certificates: list[x509.Certificate]) -> None:
    library = pkcs11.lib(MODULE)
    library.reinitialize()
    with library.get_token(token_label="office").open(rw=True, user_pin=PIN) as session:
        for one in certificates:
            session.create_object({
                Attribute.CLASS: ObjectClass.CERTIFICATE,
                Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                Attribute.TOKEN: True,
                Attribute.SUBJECT: one.subject.public_bytes(),
                Attribute.VALUE: one.public_bytes(Encoding.DER),
            })  # fmt: skip


@pytest.fixture
def token(plug: Plug, settings) -> Iterator[Token]:
    settings.SIGNING_TOKEN_MODULE, settings.SIGNING_TOKEN_LABEL = MODULE, "office"
    settings.SIGNING_TOKEN_PIN = PIN
    yield Token(MODULE, "office", PIN)
    plug.put_back()
    tokens._refused.clear()


@pytest.fixture(params=LABELS)
def label(request) -> str:
    return str(request.param)


@pytest.fixture
def token_key(office, token: Token, label: str) -> Key:
    return keys.add_token_key(by=OFFICE, name="token", label=label)


def test_the_key_in_a_token_signs_a_rendered_file_with_its_chain(plug, token, label, renderer):
    key = load_token_key(token, label)
    signed = key.sign(renderer.render(usual()), at=BEGIN + dt.timedelta(days=9))
    (report,) = read_certificate(signed).signatures
    assert (report.intact, report.whole) == (True, True)
    assert key.certificate == plug.certificates[label]
    assert key.authorities == (plug.authority,)


def test_certificates_are_signed_by_the_token_and_nothing_secret_is_stored(
    run: CourseRun, token_key: Key
):
    issued = issue_for_run(by=OFFICE, run=run).issued
    assert {one.signing_key for one in issued} == {token_key}
    contents = [one.file.read() for one in issued]
    assert {verify_file(content).state for content in contents} == {"valid"}
    assert {one.made_with.startswith("rendered") for one in issued} == {False}
    assert set(token_key.secret or {}) == {"token_key", "chain"}
    assert PIN not in str(list(AuditEntry.objects.values()))


def test_poppler_finds_the_signature_of_a_token_valid(run: CourseRun, token_key, tmp_path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(issue_for_run(by=OFFICE, run=run).issued[0].file.read())
    seen = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False)
    assert "Signature is Valid" in seen.stdout


def test_the_session_stays_open_and_is_opened_again_when_it_ended(plug, token, label, monkeypatch):
    key = load_token_key(token, label)
    opened: list[Token] = []
    real = tokens._open

    def counted(one: Token) -> Any:
        opened.append(one)
        return real(one)

    monkeypatch.setattr(tokens, "_open", counted)
    for _time in range(3):
        key.sign_raw(b"a")
    assert opened == []
    pkcs11.lib(MODULE).reinitialize()  # as after a restart of the HSM
    key.sign_raw(b"a")
    key.sign_raw(b"a")
    assert opened == [token]


@pytest.mark.django_db(transaction=True)
def test_a_token_pulled_out_in_mid_batch_stops_it_and_the_batch_goes_on_later(
    run: CourseRun, plug, token_key, monkeypatch
):
    store = issuance.store

    def store_and_pull_out(*arguments: Any) -> None:
        store(*arguments)
        plug.pull_out()

    with monkeypatch.context() as patch:
        patch.setattr(issuance, "store", store_and_pull_out)
        patch.setattr(issuance, "STORED_AT_ONCE", 1)
        batch = batches.start_batch(by=OFFICE, run=run, owner=None)
    batch.refresh_from_db()
    job = batch.jobs.get()
    assert (job.state, job.error_code) == (JobState.FAILED, "token_missing")
    assert "SIGNING_TOKEN_MODULE" in job.error_message
    rows = list(Certificate.objects.in_register_order())
    assert [row.register_number for row in rows] == [1, 2, 3]
    whole = [row for row in rows if row.file]
    assert [verify_file(row.file.read()).state for row in whole] == ["valid"]
    assert {(row.sha256, row.made_with) for row in rows if not row.file} == {("", "")}
    assert batches.may_be_resumed(batch)

    plug.put_back()
    batches.resume_batch(by=OFFICE, batch=batch)
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE
    rows = list(Certificate.objects.in_register_order())
    assert [row.register_number for row in rows] == [1, 2, 3]
    assert {verify_file(row.file.read()).state for row in rows} == {"valid"}


def test_each_of_two_keys_in_one_token_signs_with_itself(plug, token):
    found = {name: load_token_key(token, name) for name in ("p256", "p256-next")}
    for name in ("p256", "p256-next", "p256", "p256-next"):
        public: Any = plug.certificates[name].public_key()
        signature = found[name].sign_raw(b"text")
        public.verify(signature, b"text", ec.ECDSA(hashes.SHA256()))


@pytest.mark.django_db
def test_without_the_token_nobody_gets_a_number(run: CourseRun, plug, token_key):
    keys._loaded.cache_clear()
    plug.pull_out()
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "token_missing"
    assert not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("module", "name", "pin", "code"),
    [
        (MODULE, "office", "000000", "token_pin"),
        (MODULE, "office", "1", "token_pin"),
        (MODULE, "elsewhere", PIN, "token_missing"),
        ("/nowhere/lib.so", "office", PIN, "token_missing"),
    ],
)
def test_a_token_that_is_not_as_the_settings_say_is_a_sentence_without_the_pin(
    token, caplog, module, name, pin, code
):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(CertificateError) as refused:
        load_token_key(Token(module, name, pin), "rsa")
    assert refused.value.code == code
    assert len(pin) == 1 or pin not in caplog.text + refused.value.message
    assert pin not in repr(Token(module, name, pin)) or len(pin) == 1


def test_a_wrong_pin_is_sent_once_so_that_the_token_does_not_lock(token, monkeypatch):
    wrong = Token(MODULE, "office", "000000")
    asked: list[object] = []
    real = pkcs11.lib(MODULE).get_token
    for _time in range(3):
        with pytest.raises(CertificateError, match="PIN"):
            load_token_key(wrong, "rsa")
        asked.append(real(token_label="office").flags & TokenFlag.USER_PIN_COUNT_LOW)
        # A right PIN sets the counter of the token back; the wrong one is not sent again.
        load_token_key(token, "rsa")
    assert [bool(flag) for flag in asked] == [True, False, False]


def test_a_token_that_is_locked_or_about_to_is_not_asked(token, monkeypatch):
    with pytest.raises(CertificateError):
        load_token_key(Token(MODULE, "office", "000000"), "rsa")
    # SoftHSM never locks: its flag after a wrong PIN stands for that of a last try.
    monkeypatch.setattr(tokens, "NEARLY_LOCKED", TokenFlag.USER_PIN_COUNT_LOW)
    with pytest.raises(CertificateError) as refused:
        load_token_key(token, "rsa")
    assert refused.value.code == "token_locked"


@pytest.mark.django_db
def test_another_token_of_the_same_name_signs_nothing(run: CourseRun, plug, token_key):
    keys._loaded.cache_clear()
    other = plug.certificates["p256" if token_key.secret["token_key"] == "rsa" else "rsa"]
    Key.objects.filter(pk=token_key.pk).update(public=other.public_bytes(Encoding.PEM).decode())
    with pytest.raises(CertificateError) as refused:
        issue_for_run(by=OFFICE, run=run)
    assert refused.value.code == "token_without_key"


def test_a_key_that_the_token_does_not_have_is_refused(token):
    with pytest.raises(CertificateError) as refused:
        load_token_key(token, "nobody's")
    assert refused.value.code == "token_without_key"


@pytest.mark.django_db
def test_many_certificates_by_command_are_signed_without_forks(
    run: CourseRun, token_key, monkeypatch
):
    monkeypatch.setattr(parallel, "WORTH_IT", 2)
    monkeypatch.setattr(os, "fork", None)
    make_completion(make_trainee(full_name="Trần Văn Ba"), run)
    register_certificates(by=OFFICE, run=run)
    made = list(parallel.write_in_parallel(list(without_file(run))))
    assert {verify_file(one.file.read()).state for one in made} == {"valid"}


@pytest.mark.django_db
def test_the_command_takes_a_key_with_certificates_from_a_file(plug, token, tmp_path):
    file = tmp_path / "chain.pem"
    file.write_bytes(
        b"".join(
            one.public_bytes(Encoding.PEM) for one in (plug.authority, plug.certificates["rsa"])
        )
    )
    call_command(
        "certificate_key",
        "add",
        "hsm",
        token_key="rsa",
        certificates=str(file),
        stdout=io.StringIO(),
    )
    row = Key.objects.get(name="hsm")
    assert row.use == KeyUse.SIGNATURE
    assert "CN=rsa" in row.subject
    _row, loaded = keys.signature_key(dt.datetime.now(dt.UTC)) or (None, None)
    assert loaded
    assert loaded.authorities == (plug.authority,)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_the_command_refuses_a_file_without_certificates(token, tmp_path, content):
    file = tmp_path / "chain.pem"
    if content is not None:
        file.write_bytes(content)
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("certificate_key", "add", "hsm", token_key="rsa", certificates=str(file),
                     json=True, stdout=out)  # fmt: skip
    assert "error" in out.getvalue()
    assert not Key.objects.exists()
