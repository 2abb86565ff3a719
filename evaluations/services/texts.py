"""Free texts, which the office may hold back."""

from django.utils.translation import gettext as _

from audit.services import Actor, audit_details, audited
from common import clock
from evaluations.errors import EvaluationError, EvaluationInputError
from evaluations.models import FreeText


@audited("evaluation_text_held_back")
def hold_back_text(*, by: Actor, text: FreeText, reason: str) -> FreeText:
    """Show it no longer to trainers and in no report. Errors: ``reason_missing``, ``held_back``."""
    text = _locked(text)
    if not reason.strip():
        raise EvaluationInputError("reason_missing", _("Give the reason."))
    if text.held_back_at:
        raise EvaluationError("held_back", _("This text is held back already."))
    text.held_back_at, text.held_back_by = clock.now(), by.label
    text.held_back_because = reason.strip()[:250]
    text.save()
    audit_details(run=text.evaluation.run.code, text=str(text.pk), reason=text.held_back_because)
    return text


@audited("evaluation_text_released")
def release_text(*, by: Actor, text: FreeText) -> FreeText:
    """Show it again; the audit log keeps that it was held back. Error: ``not_held_back``."""
    text = _locked(text)
    if not text.held_back_at:
        raise EvaluationError("not_held_back", _("This text is not held back."))
    text.held_back_at, text.held_back_by, text.held_back_because = None, "", ""
    text.save()
    audit_details(run=text.evaluation.run.code, text=str(text.pk))
    return text


def _locked(text: FreeText) -> FreeText:
    rows = FreeText.objects.select_for_update(of=("self",)).select_related("evaluation__run")
    return rows.get(pk=text.pk)
