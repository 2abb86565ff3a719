import copy
import datetime as dt
import io
import json
from typing import Any

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from certificates.credential import (
    FILE_NAME,
    STATUS_LIST_LENGTH,
    CredentialKey,
    Issuer,
    StatusPurpose,
    credential,
    did_document,
    did_web,
    did_web_key,
    has_valid_proof,
    proofs,
    public_from_multibase,
    public_multibase,
    self_issued_key,
    status_list,
)
from common.errors import DomainError
from common.pdf import Attachment
from tests.certificates.samples import shortest, usual
from tests.certificates.steps import is_marked

WHEN = dt.datetime(2024, 7, 5, 3, 30, tzinfo=dt.UTC)
DID = did_web("daotao.example.gov.vn")
ISSUER = Issuer(DID, "Cục Chuyển đổi số quốc gia")
LIST = "https://daotao.example.gov.vn/status/1"


def _key(seed: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


@pytest.fixture(scope="module")
def key() -> CredentialKey:
    return did_web_key(_key(), DID, "key-1")


@pytest.fixture
def signed(key: CredentialKey) -> dict[str, Any]:
    unsigned = credential(usual(), issuer=ISSUER, status_list=LIST, status_index=7)
    return key.sign(unsigned, created=WHEN)


# The example of W3C's "Data Integrity EdDSA Cryptosuites v1.0", eddsa-jcs-2022.
W3C_KEY = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
W3C_CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/examples/v2",
]
W3C_EXAMPLE = {
    "@context": W3C_CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {
        "id": "did:example:abcdefgh",
        "alumniOf": "The School of Examples",
    },
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "created": "2023-02-24T23:36:38Z",
        "verificationMethod": f"did:key:{W3C_KEY}#{W3C_KEY}",
        "proofPurpose": "assertionMethod",
        "@context": W3C_CONTEXT,
        "proofValue": "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUf"
        "joJdcnTMuVor51aX",
    },
}


def test_the_example_of_the_standard_verifies():
    keys = {f"did:key:{W3C_KEY}#{W3C_KEY}": public_from_multibase(W3C_KEY)}
    assert has_valid_proof(W3C_EXAMPLE, keys)
    assert not has_valid_proof(W3C_EXAMPLE | {"name": "Another"}, keys)


def test_our_own_credential_verifies(signed, key):
    assert has_valid_proof(signed, {key.method: key.public})


def test_a_credential_with_the_fewest_fields_verifies(key):
    bare = credential(shortest(), issuer=ISSUER, status_list=LIST, status_index=0)
    assert has_valid_proof(key.sign(bare, created=WHEN), {key.method: key.public})


def test_a_credential_survives_being_written_and_read(signed, key):
    read = json.loads(json.dumps(signed, ensure_ascii=False, indent=1))
    assert has_valid_proof(read, {key.method: key.public})


def test_the_same_certificate_is_signed_the_same(signed, key):
    again = credential(usual(), issuer=ISSUER, status_list=LIST, status_index=7)
    assert key.sign(again, created=WHEN) == signed


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_whatever_a_credential_says_the_library_of_the_standard_signs_the_same_bytes(name):
    document = {"id": "urn:x", "name": name, "b": [True, None, {"a": name}]}
    assert proofs._own_json_digest(document) == proofs._json_digest(document)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to all texts and truth values in a document."""
    if isinstance(value, dict):
        return [found for name in value for found in _paths(value[name], (*path, name))]
    if isinstance(value, list):
        return [found for i, item in enumerate(value) for found in _paths(item, (*path, i))]
    return [path]


def test_a_change_anywhere_is_noticed(signed, key):
    for *path, last in _paths(signed):
        changed = copy.deepcopy(signed)
        holder: Any = changed
        for step in path:
            holder = holder[step]
        holder[last] = "khác"
        assert not has_valid_proof(changed, {key.method: key.public}), (*path, last)


def test_an_added_term_is_noticed(signed, key):
    assert not has_valid_proof(signed | {"more": "x"}, {key.method: key.public})


def test_another_key_under_the_same_name_gives_no_valid_proof(signed, key):
    assert not has_valid_proof(signed, {key.method: _key(2).public_key()})


def test_a_trusted_key_of_another_issuer_gives_no_valid_proof():
    other = self_issued_key(_key())
    bare = credential(usual(), issuer=ISSUER, status_list=LIST, status_index=7)
    assert not has_valid_proof(other.sign(bare, created=WHEN), {other.method: other.public})


def test_an_unknown_key_gives_no_valid_proof(signed):
    assert not has_valid_proof(signed, {})


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"proof": None},
        {"@context": [], "proof": {}},
        {"@context": [], "proof": {"proofValue": 3}},
        {"@context": [], "proof": {"proofValue": "z0OIl"}},
        {"@context": [], "proof": {"proofValue": "z" + "2" * 5000}},
    ],
)
def test_other_documents_have_no_valid_proof(broken, key):
    assert not has_valid_proof(broken, {key.method: key.public})


def test_a_retired_key_stays_published_and_its_credentials_good(signed):
    keys = {"key-1": _key().public_key(), "key-2": _key(2).public_key()}
    published = did_document(DID, keys)
    trusted = {
        method["id"]: public_from_multibase(method["publicKeyMultibase"])
        for method in published["verificationMethod"]
    }
    newer = credential(usual(), issuer=ISSUER, status_list=LIST, status_index=8)
    assert has_valid_proof(signed, trusted)
    assert has_valid_proof(did_web_key(_key(2), DID, "key-2").sign(newer, created=WHEN), trusted)
    assert published["assertionMethod"] == [f"{DID}#key-1", f"{DID}#key-2"]


def test_a_key_can_be_its_own_issuer():
    own = self_issued_key(_key())
    name = own.method.partition("#")[2]
    assert own.method == f"did:key:{name}#{name}"
    assert public_multibase(public_from_multibase(name)) == name


def test_did_web_keeps_port_and_path():
    assert did_web("localhost:8000", "/certificates/") == "did:web:localhost%3A8000:certificates"


def test_the_status_list_marks_the_revoked_and_no_other(key):
    unsigned = status_list(LIST, issuer=ISSUER, marked=[0, 7, 131071], valid_from=WHEN)
    listed = key.sign(unsigned, created=WHEN)
    assert has_valid_proof(listed, {key.method: key.public})
    assert [i for i in (0, 1, 6, 7, 8, 131070, 131071) if is_marked(listed, i)] == [0, 7, 131071]


def test_the_second_list_is_told_by_its_purpose():
    listed = status_list(
        f"{LIST}/refresh", issuer=ISSUER, marked=[3], valid_from=WHEN, purpose=StatusPurpose.REFRESH
    )
    assert listed["credentialSubject"]["statusPurpose"] == "refresh"
    assert is_marked(listed, 3)


@given(st.sets(st.integers(0, STATUS_LIST_LENGTH - 1), max_size=20))
def test_every_index_of_the_status_list_can_be_read(revoked):
    listed = status_list(LIST, issuer=ISSUER, marked=revoked, valid_from=WHEN)
    asked = revoked | {(index + 1) % STATUS_LIST_LENGTH for index in revoked}
    assert {index for index in asked if is_marked(listed, index)} == revoked


@pytest.mark.parametrize("index", [-1, STATUS_LIST_LENGTH])
def test_an_index_outside_the_status_list_is_refused(index):
    with pytest.raises(DomainError) as refused:
        status_list(LIST, issuer=ISSUER, marked=[index], valid_from=WHEN)
    assert refused.value.code == "status_index"


def test_the_credential_travels_in_the_pdf(renderer, signed, key):
    content = json.dumps(signed, ensure_ascii=False).encode()
    made = renderer.render(
        usual(), attachments=[Attachment(FILE_NAME, content, "Open Badges 3.0 credential")]
    )
    with pikepdf.open(io.BytesIO(made)) as pdf:
        found = json.loads(pdf.attachments[FILE_NAME].get_file().read_bytes())
    assert has_valid_proof(found, {key.method: key.public})
