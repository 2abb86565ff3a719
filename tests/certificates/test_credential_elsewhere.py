"""Our credentials before libraries that are not ours (Node; needs a package registry)."""

import copy
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from certificates.credential import (
    achievement,
    credential,
    did_document,
    did_web_key,
    self_issued_key,
    status_list,
)
from certificates.file_contents import read_certificate
from certificates.pdf import CertificateRenderer, starter_designs
from certificates.services.documents import _attachment
from certificates.signing import load_key, self_signed_pkcs12
from tests.certificates.samples import shortest, usual
from tests.certificates.test_credential import DID, ISSUER, LIST, WHEN, _key
from tests.certificates.test_credential_standards import ADDRESS, COURSE, DATA
from tests.validators.node import install

SCHEMA = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def verifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install("credential", tmp_path_factory.mktemp("verifier"))


@pytest.fixture(scope="module")
def question() -> dict[str, Any]:
    key = did_web_key(_key(), DID, "key-1")

    def signed(index: int, fields: Any) -> dict[str, Any]:
        bare = credential(
            fields,
            issuer=ISSUER,
            status_list=LIST,
            status_index=index,
            achievement=achievement(ADDRESS, COURSE),
        )
        return key.sign(bare, created=WHEN)

    design = CertificateRenderer(starter_designs()[0])
    printed = design.render(usual(), attachments=[_attachment(signed(8, usual()))])
    signer = load_key(self_signed_pkcs12("Cục", "pw", valid_from=WHEN), "pw")
    issued = read_certificate(signer.sign(printed, at=WHEN)).credential
    assert isinstance(issued, dict)
    renamed = copy.deepcopy(issued)
    renamed["credentialSubject"]["identifier"][0]["identityHash"] += "!"
    altered = copy.deepcopy(signed(8, usual()))
    altered["credentialSubject"]["achievement"]["name"] += "!"
    bare = credential(usual(), issuer=ISSUER, status_list=LIST, status_index=8)
    listed = status_list(LIST, issuer=ISSUER, marked=[7], valid_from=WHEN)
    published = did_document(DID, {"key-1": key.public})
    return {
        "credentials": {
            "good": signed(8, usual()),
            "bare": signed(9, shortest()),
            "revoked": signed(7, usual()),
            "altered": altered,
            "out of an issued file": issued,
            "out of an issued file, renamed": renamed,
            "with a term of its own": signed(8, usual()) | {"undefinedTerm": "x"},
            "did:key": self_issued_key(_key()).sign(bare, created=WHEN),
        },
        "documents": {
            DID: published,
            f"https://{DID.removeprefix('did:web:')}/.well-known/did.json": published,
            LIST: key.sign(listed, created=WHEN),
            SCHEMA: json.loads((DATA / "open-badges-3.0.json").read_text()),
        },
    }


def _answers(program: str, verifier: Path, question: dict[str, Any]) -> dict[str, dict[str, Any]]:
    run = subprocess.run(
        ["node", program],
        cwd=verifier,
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    answer: dict[str, dict[str, Any]] = json.loads(run.stdout)
    return answer


@pytest.fixture(scope="module")
def verdicts(verifier, question):
    return _answers("verify.mjs", verifier, question)


@pytest.fixture(scope="module")
def wallet(verifier, question):
    return _answers("wallet.mjs", verifier, question)


@pytest.mark.parametrize("name", ["good", "bare", "out of an issued file"])
def test_an_independent_verifier_accepts_both_proofs(verdicts, name):
    assert verdicts[name] == {"verified": [True, True], "revoked": False, "error": None}


def test_an_independent_verifier_sees_the_revocation(verdicts):
    assert (verdicts["revoked"]["verified"], verdicts["revoked"]["revoked"]) == ([True, True], True)


@pytest.mark.parametrize(
    "name", ["altered", "with a term of its own", "out of an issued file, renamed", "did:key"]
)
def test_an_independent_verifier_refuses_what_was_altered(verdicts, name):
    assert verdicts[name]["verified"] == [False, False]


@pytest.mark.parametrize("name", ["good", "bare", "out of an issued file"])
def test_a_wallet_accepts_signature_status_and_schema(wallet, name):
    found = {"signature": True, "status": True, "schema": [], "schemas": 1, "errors": []}
    assert wallet[name] == found


def test_a_wallet_sees_the_revocation(wallet):
    assert (wallet["revoked"]["signature"], wallet["revoked"]["status"]) == (True, False)


@pytest.mark.parametrize("name", ["altered", "out of an issued file, renamed"])
def test_a_wallet_refuses_what_was_altered(wallet, name):
    assert wallet[name]["errors"]
