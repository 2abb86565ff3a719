"""PAdES B-LT: a signed file with the proof that its signer's certificates were not revoked.

The proof (DSS) stands behind the signature, in an update that no signature covers and that DocMDP
allows. Whoever verifies in ten years asks nobody.
"""

import io
from typing import Any

from certificates.signing import pdf_writer
from certificates.stamping import container_of
from common.revocation import Chain, RevocationData, chain_of


def chains_of(signed: bytes) -> list[Chain]:
    """The certificates of a signature and of its time stamp, each up to the highest that is known.

    Error: ValueError.
    """
    from asn1crypto import cms
    from pyhanko.sign.general import CMSExtractionError, extract_certificate_info

    signature = container_of(signed)["content"]
    parts = [signature]
    for attribute in signature["signer_infos"][0]["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            parts += [cms.ContentInfo.load(one.dump())["content"] for one in attribute["values"]]
    try:
        found = [extract_certificate_info(part) for part in parts]
    except CMSExtractionError as error:
        raise ValueError(str(error)) from None
    return [chain_of(one.signer_cert, one.other_certs) for one in found]


def with_proof(signed: bytes, data: RevocationData) -> bytes:
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    writer: Any = pdf_writer(signed)
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, certs=data.certificates, ocsps=data.answers, crls=data.lists
    )
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()
