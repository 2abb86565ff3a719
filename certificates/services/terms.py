"""The issuing terms of a class: design, signer, way of signing."""

from audit.services import Actor, audit_details, audited
from certificates.models import IssuingTerms


@audited("issuing_terms_set")
def set_terms(*, by: Actor, terms: IssuingTerms) -> IssuingTerms:
    # They apply to what is issued from now on.
    terms.save()
    audit_details(
        run=terms.run.code,
        design=str(terms.design) if terms.design else None,
        signer=terms.signer_id,
        signed_by=terms.signed_by,
        names_must_be_confirmed=terms.names_must_be_confirmed,
    )
    return terms
