"""The papers of a class that name people, given out."""

from collections.abc import Callable, Mapping
from typing import Final

from audit.services import Actor, audit_details, audited
from courses.models import CourseRun
from enrollment.pdf import attendance_sheet, class_opening_list, named_on_papers

PAPERS: Final[Mapping[str, Callable[[CourseRun], bytes]]] = {
    "attendance": attendance_sheet,
    "class_opening": class_opening_list,
}


@audited("class_paper_given")
def give_class_paper(*, by: Actor, run: CourseRun, paper: str) -> bytes:
    """A paper of a class as PDF; ``paper`` is a key of ``PAPERS``. How many it names is noted."""
    audit_details(run=run.code, paper=paper, form="pdf", rows=named_on_papers(run).count())
    return PAPERS[paper](run)
