"""Certificates, their register, and those in whose name they are issued."""

from certificates.models.achievements import Achievement
from certificates.models.attendance import AttendanceConfirmation
from certificates.models.batches import Batch, Bundle, ShareLink
from certificates.models.designs import BakedImage, CertificateDesign, IssuingBody, Signer
from certificates.models.duplicates import Duplicate
from certificates.models.keys import Key, SignerCertificate
from certificates.models.register import (
    Certificate,
    IssuingTerms,
    NameConfirmation,
    RegisteredPaper,
    RegisterYear,
    new_verification_code,
)
from certificates.models.verifications import VerificationCount

__all__ = [
    "Achievement",
    "AttendanceConfirmation",
    "BakedImage",
    "Batch",
    "Bundle",
    "Certificate",
    "CertificateDesign",
    "Duplicate",
    "IssuingBody",
    "IssuingTerms",
    "Key",
    "NameConfirmation",
    "RegisterYear",
    "RegisteredPaper",
    "ShareLink",
    "Signer",
    "SignerCertificate",
    "VerificationCount",
    "new_verification_code",
]
