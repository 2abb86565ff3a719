"""What we state: the credential of a certificate, what it certifies, the lists of states."""

import base64
import datetime as dt
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.utils.translation import gettext as _

from certificates.credential.canonical import CREDENTIALS, OPEN_BADGES
from certificates.credential.proofs import Document, public_multibase
from certificates.errors import CertificateError
from certificates.pdf import CertificateFields
from common import clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FILE_NAME = "credential.json"
DID = "https://www.w3.org/ns/did/v1"
MULTIKEY = "https://w3id.org/security/multikey/v1"
# 16 KB of bits: the least that keeps single holders apart (Bitstring Status List 1.0).
STATUS_LIST_LENGTH = 131_072


class StatusPurpose(StrEnum):
    """``REVOCATION``: no longer in force. ``REFRESH``: and another one has taken its place."""

    REVOCATION = "revocation"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Issuer:
    did: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtCompetency:
    """A competency of an adopted framework, and the level that the course leads to."""

    code: str
    name_vi: str
    name_en: str
    framework_vi: str
    framework_en: str
    url: str
    level_vi: str
    level_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseVersion:
    """What the credentials of a course certify, as long as nothing of this changes."""

    code: str
    title_vi: str
    title_en: str = ""
    description_vi: str = ""
    description_en: str = ""
    periods: int
    minimum_attendance: int = 0
    minimum_score: str = ""
    competency_name: str = ""
    competency_framework: str = ""
    competency_url: str = ""
    competencies: Sequence[TaughtCompetency] = ()


def did_web(host: str, path: str = "") -> str:
    """``did:web`` of a host (a port is allowed) and path: ``did:web:example.gov.vn``."""
    parts = [host.replace(":", "%3A"), *(quote(part) for part in path.split("/") if part)]
    return "did:web:" + ":".join(parts)


def did_document(did: str, keys: Mapping[str, "Ed25519PublicKey"]) -> Document:
    """What ``did:web`` serves: every key by its fragment, retired ones too.

    A retired key stays published, so that what it signed goes on verifying.
    """
    methods = [
        {
            "id": f"{did}#{fragment}",
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": public_multibase(key),
        }
        for fragment, key in keys.items()
    ]
    return {
        "@context": [DID, MULTIKEY],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def credential(
    certificate: CertificateFields,
    *,
    issuer: Issuer,
    status_list: str,
    status_index: int,
    achievement: Document | None = None,
) -> Document:
    """The unsigned credential of a certificate. It states nothing that the page does not print.

    ``status_list`` is the address of the list that says whether it is in force, ``status_index``
    the certificate's index in it. Open Badges 3.0 allows one status: the entry refers to the
    second list, which tells the superseded from the revoked. Without an ``achievement`` it
    describes its own.
    """
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": certificate.verification_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{certificate.title} {certificate.register_number}",
        "description": _both(
            f"{certificate.statement}: {certificate.course_title}",
            certificate.course_title_en
            and f"{certificate.title_en}: {certificate.course_title_en}",
        ),
        "issuer": {"id": issuer.did, "type": ["Profile"], "name": issuer.name},
        "validFrom": _local(certificate.issued_on),
        "credentialSubject": _subject(certificate, achievement or _own_achievement(certificate)),
        "credentialStatus": {
            "id": f"{status_list}#{status_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": StatusPurpose.REVOCATION,
            "statusListIndex": str(status_index),
            "statusListCredential": status_list,
            "statusReference": f"{status_list}/{StatusPurpose.REFRESH}",
        },
    }


def achievement(address: str, course: CourseVersion, language: str = "vi") -> Document:
    """What a version of a course certifies, in one of its languages.

    ``address`` is that of the version; each language has its own below it.
    """
    is_english = language == "en"
    other = "vi" if is_english else "en"
    title = course.title_en if is_english else course.title_vi
    found: Document = {
        "id": f"{address}/{language}",
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": title,
        "description": _both(*_descriptions(course)),
        "inLanguage": language,
        "humanCode": course.code,
        "version": address.rpartition("/")[2],
        "criteria": {"id": f"{address}/{language}", "narrative": _both(*_criteria(course))},
        "image": {"id": f"{address}/badge.png", "type": "Image", "caption": title},
    }
    if course.title_en:
        found["related"] = [{"id": f"{address}/{other}", "type": ["Related"], "inLanguage": other}]
    if alignments := _alignments(course, is_english=is_english):
        found["alignment"] = alignments
    return found


def status_list(
    address: str,
    *,
    issuer: Issuer,
    marked: Iterable[int],
    valid_from: dt.datetime,
    purpose: StatusPurpose = StatusPurpose.REVOCATION,
) -> Document:
    """The unsigned list for a purpose: a bit for each certificate's index.

    Error: ``status_index`` where an index lies outside the list.
    """
    bits = bytearray(STATUS_LIST_LENGTH // 8)
    for index in marked:
        if not 0 <= index < STATUS_LIST_LENGTH:
            message = _("The index %(index)d is outside the status list.")
            raise CertificateError("status_index", message % {"index": index})
        bits[index // 8] |= 0x80 >> index % 8
    return {
        "@context": [CREDENTIALS],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.did,
        "validFrom": valid_from.isoformat(timespec="seconds"),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": "u" + _base64url(_gzip(bytes(bits))),
        },
    }


def _subject(certificate: CertificateFields, what: Document) -> Document:
    subject: Document = {
        "type": ["AchievementSubject"],
        "identifier": [
            {
                "type": "IdentityObject",
                "hashed": False,
                "identityType": "name",
                "identityHash": certificate.full_name,
            }
        ],
        "licenseNumber": certificate.register_number,
        "achievement": what,
    }
    if certificate.run_code:
        subject["term"] = certificate.run_code
    for name, day in (
        ("activityStartDate", certificate.starts_on),
        ("activityEndDate", certificate.ends_on),
    ):
        if day:
            subject[name] = _local(day)
    if certificate.grade:
        subject["result"] = [{"type": ["Result"], "value": certificate.grade}]
    return subject


def _own_achievement(certificate: CertificateFields) -> Document:
    course = CourseVersion(
        code="",
        title_vi=certificate.course_title,
        title_en=certificate.course_title_en,
        periods=certificate.periods or 0,
    )
    return {
        "id": f"{certificate.verification_url}#achievement",
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "name": certificate.course_title,
        "description": _both(*_descriptions(course)),
        "criteria": {"narrative": f"{certificate.statement}: {certificate.course_title}"},
    }


def _alignments(course: CourseVersion, *, is_english: bool) -> list[Document]:
    """What adopted frameworks hold, and the competency that the course itself names."""
    found = [_alignment_to(one, is_english=is_english) for one in course.competencies]
    return [*found, _alignment(course)] if course.competency_url else found


def _alignment_to(taught: TaughtCompetency, *, is_english: bool) -> Document:
    return {
        "type": ["Alignment"],
        "targetCode": taught.code,
        "targetName": (is_english and taught.name_en) or taught.name_vi,
        "targetDescription": (is_english and taught.level_en) or taught.level_vi,
        "targetFramework": (is_english and taught.framework_en) or taught.framework_vi,
        "targetUrl": taught.url,
        "targetType": "ceasn:Competency",
    }


def _alignment(course: CourseVersion) -> Document:
    found = {
        "type": ["Alignment"],
        "targetName": course.competency_name,
        "targetUrl": course.competency_url,
        "targetType": "ceasn:Competency",
    }
    framework = course.competency_framework
    return found | ({"targetFramework": framework} if framework else {})


# The document speaks both languages, whatever that of the page which asks for it.
def _descriptions(course: CourseVersion) -> tuple[str, str]:
    length = f" ({course.periods} tiết)" if course.periods else ""
    english = f" ({course.periods} periods)" if course.periods else ""
    return (
        f"{course.description_vi or course.title_vi}{length}",
        course.title_en and f"{course.description_en or course.title_en}{english}",
    )


def _criteria(course: CourseVersion) -> tuple[str, str]:
    score = course.minimum_score
    return (
        f"Tham dự từ {course.minimum_attendance}% thời lượng trở lên"
        + (f", điểm đánh giá từ {score} trở lên." if score else "."),
        f"Attendance of {course.minimum_attendance}% or more"
        + (f", a score of {score} or more." if score else "."),
    )


def _both(vietnamese: str, english: str) -> str:
    return f"{vietnamese} / {english}" if english else vietnamese


def _local(day: dt.date) -> str:
    """A day as it begins in Vietnam: in UTC it would be the day before."""
    return clock.start_of_day(day).isoformat()


def _gzip(content: bytes) -> bytes:
    packer = zlib.compressobj(9, wbits=31)  # no time stamp inside, unlike the gzip module
    return packer.compress(content) + packer.flush()


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
