"""The credential before the standards: schemas, both cryptosuites, baking, days, languages."""

import copy
import hashlib
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from certificates.credential import (
    CourseVersion,
    TaughtCompetency,
    achievement,
    baked_png,
    baked_svg,
    canonical,
    credential,
    did_web_key,
    has_valid_proof,
    proofs_of,
    public_from_multibase,
    status_list,
)
from certificates.credential.proofs import _verify
from tests.certificates.samples import longest, shortest, usual
from tests.certificates.test_credential import DID, ISSUER, LIST, WHEN, _key

DATA = Path(__file__).parent.parent / "data" / "credential"
COURSE = CourseVersion(
    code="AI-101",
    title_vi="Trí tuệ nhân tạo căn bản",
    title_en="Foundations of AI",
    periods=24,
    minimum_attendance=80,
    minimum_score="5",
    competency_name="Sử dụng trí tuệ nhân tạo",
    competency_framework="Khung năng lực số",
    competency_url="https://example.gov.vn/khung/6.2",
    competencies=[
        TaughtCompetency(
            code="A1",
            name_vi="Dùng trợ lý ảo",
            name_en="Using assistants",
            framework_vi="Khung AI",
            framework_en="",
            url="https://example.gov.vn/khung-ai",
            level_vi="Mức 2: Trung cấp",
            level_en="Level 2: Intermediate",
        )
    ],
)
ADDRESS = "https://daotao.example.gov.vn/verify/courses/AI-101/2"
KEY = did_web_key(_key(), DID, "key-1")
TRUSTED = {KEY.method: KEY.public}


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text())


def _proved(fields: Any = None) -> dict[str, Any]:
    bare = credential(
        fields or usual(),
        issuer=ISSUER,
        status_list=LIST,
        status_index=7,
        achievement=achievement(ADDRESS, COURSE),
    )
    return KEY.sign(bare, created=WHEN)


def _errors(name: str, document: Any) -> list[str]:
    schema = _read(name)
    kind = jsonschema.validators.validator_for(schema)
    found = kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors(document)
    return [f"{list(one.path)}: {one.message}" for one in found]


@pytest.mark.parametrize("schema", ["open-badges-3.0.json", "verifiable-credentials-2.0.json"])
@pytest.mark.parametrize("fields", [usual, shortest, longest])
def test_a_credential_is_valid_by_the_official_schemas(schema, fields):
    assert _errors(schema, _proved(fields())) == []
    bare = credential(fields(), issuer=ISSUER, status_list=LIST, status_index=7)
    assert _errors(schema, KEY.sign(bare, created=WHEN)) == []


def test_a_status_list_is_valid_by_the_official_schema():
    listed = status_list(LIST, issuer=ISSUER, marked=[7], valid_from=WHEN)
    assert _errors("verifiable-credentials-2.0.json", KEY.sign(listed, created=WHEN)) == []


def test_the_schemas_refuse_what_they_should():
    assert _errors("open-badges-3.0.json", _proved() | {"credentialStatus": [{}, {}]})
    assert _errors("verifiable-credentials-2.0.json", _proved() | {"validFrom": "2024-07-05"})


def test_a_credential_and_a_status_list_are_signed_in_both_suites():
    listed = status_list(LIST, issuer=ISSUER, marked=[7], valid_from=WHEN)
    for document in (_proved(), KEY.sign(listed, created=WHEN)):
        suites = [proof["cryptosuite"] for proof in document["proof"]]
        assert suites == ["eddsa-jcs-2022", "eddsa-rdfc-2022"]
        assert has_valid_proof(document, TRUSTED)


def test_a_credential_issued_with_one_proof_stays_valid():
    proved = _proved()
    assert has_valid_proof(proved | {"proof": proved["proof"][0]}, TRUSTED)


@pytest.mark.parametrize("number", [0, 1])
def test_a_change_to_either_proof_is_noticed(number):
    proved = _proved()
    for name in proved["proof"][number]:
        changed = copy.deepcopy(proved)
        changed["proof"][number][name] = "khác"
        assert not has_valid_proof(changed, TRUSTED), name


@pytest.mark.parametrize("kept", [[], [1], [0, 0], [1, 1], [0, 1, 1]])
def test_proofs_left_out_or_repeated_are_noticed(kept):
    proved = _proved()
    assert not has_valid_proof(proved | {"proof": [proved["proof"][one] for one in kept]}, TRUSTED)


def test_the_example_of_the_standard_is_canonical_and_verifies(monkeypatch):
    context = "https://www.w3.org/ns/credentials/examples/v2"
    monkeypatch.setitem(canonical.CONTEXTS, context, str(DATA / "examples-v2.json"))
    document = _read("eddsa-rdfc-2022.json")
    (proof,) = proofs_of(document)
    bare = {name: value for name, value in document.items() if name != "proof"}
    digest = hashlib.sha256(canonical.canonical(bare).encode()).hexdigest()
    assert digest == "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
    name = proof["verificationMethod"].partition("#")[2]
    _verify(dict(proof), bare, {proof["verificationMethod"]: public_from_multibase(name)})


def test_the_context_of_w3c_is_the_one_whose_digest_it_publishes():
    path = Path(canonical.__file__).parent / "contexts" / "credentials-v2.json"
    published = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == published


@pytest.mark.parametrize("fields", [usual, shortest, longest])
def test_filled_quads_are_those_of_the_whole_algorithm(fields):
    for proved in (_proved(fields()), _proved(fields()) | {"proof": []}):
        bare = {name: value for name, value in proved.items() if name != "proof"}
        assert canonical.canonical(bare) == canonical.normalised(bare)


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30)


@settings(max_examples=40, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_any_text_is_filled_as_the_whole_algorithm_writes_it(name, course, grade):
    bare = credential(
        usual(full_name=name or "x", course_title=course, grade=grade or "Đạt"),
        issuer=ISSUER,
        status_list=LIST,
        status_index=7,
    )
    assert canonical.canonical(bare) == canonical.normalised(bare)


@pytest.mark.parametrize(
    "text", ['a"b', "a\\b", "{0}", "urn:slot", "urn:slot:1", "_:b0", "_:c14n0", "<x> ."]
)
def test_a_name_that_looks_like_notation_is_a_name(text):
    bare = credential(usual(full_name=text), issuer=ISSUER, status_list=LIST, status_index=7)
    assert canonical.canonical(bare) == canonical.normalised(bare)
    assert has_valid_proof(KEY.sign(bare, created=WHEN), TRUSTED)


def test_a_context_of_somebody_else_is_never_fetched():
    with pytest.raises(ValueError):  # noqa: PT011 - whatever PyLD says
        canonical.canonical({"@context": ["https://example.org/context"], "name": "x"})


def test_days_are_those_of_vietnam():
    proved = _proved(usual())
    assert proved["validFrom"] == "2024-07-05T00:00:00+07:00"
    subject = proved["credentialSubject"]
    assert subject["activityStartDate"] == "2024-06-03T00:00:00+07:00"
    assert subject["activityEndDate"] == "2024-06-05T00:00:00+07:00"


def test_the_class_is_named():
    assert _proved()["credentialSubject"]["term"] == usual().run_code


def test_what_is_certified_speaks_both_languages_and_names_its_competency():
    found = _proved()["credentialSubject"]["achievement"]
    assert found["id"] == f"{ADDRESS}/vi"
    assert (found["inLanguage"], found["related"][0]["id"]) == ("vi", f"{ADDRESS}/en")
    assert "24 tiết" in found["description"]
    assert "24 periods" in found["description"]
    assert "80%" in found["criteria"]["narrative"]
    assert "Attendance" in found["criteria"]["narrative"]
    assert found["image"]["id"] == f"{ADDRESS}/badge.png"
    taught, alignment = found["alignment"]
    assert (taught["targetCode"], taught["targetDescription"]) == ("A1", "Mức 2: Trung cấp")
    assert alignment["targetUrl"] == COURSE.competency_url
    english = achievement(ADDRESS, COURSE, "en")
    assert english["name"] == "Foundations of AI"
    assert english["alignment"][0]["targetName"] == "Using assistants"
    assert english["alignment"][0]["targetFramework"] == "Khung AI"


def test_a_baked_png_holds_the_credential():
    proved = _proved()
    image = Image.open(io.BytesIO(baked_png("AI-101", proved)))
    assert isinstance(image, PngImageFile)
    assert json.loads(image.text["openbadgecredential"]) == proved
    assert image.size == (400, 400)


def test_a_baked_svg_holds_the_credential():
    proved = _proved(usual(full_name="Lê ]]> <An>"))
    root = ET.fromstring(baked_svg('A<I>"&', proved))
    held = root.find("{https://purl.imsglobal.org/ob/v3p0}credential")
    assert held is not None
    assert root[0] is held
    assert json.loads(held.text or "") == proved
