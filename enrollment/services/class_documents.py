from collections.abc import Callable, Mapping
from typing import Final

from audit.services import Actor, audit_details, audited
from courses.models import CourseRun
from enrollment.pdf import attendance_sheet, class_opening_list, named_in_documents

DOCUMENTS: Final[Mapping[str, Callable[[CourseRun], bytes]]] = {
    "attendance": attendance_sheet,
    "class_opening": class_opening_list,
}


@audited("class_document_exported")
def export_class_document(*, by: Actor, run: CourseRun, document: str) -> bytes:
    """A PDF that names people; ``document`` is a key of ``DOCUMENTS``."""
    # Reading names of a whole class is audited with their number.
    audit_details(run=run.code, document=document, form="pdf", rows=named_in_documents(run).count())
    return DOCUMENTS[document](run)
