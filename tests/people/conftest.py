import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management import call_command

from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from courses.models import Course, CourseRun
from enrollment.choices import Mark
from enrollment.services.attendance import mark_everyone
from enrollment.services.completion import close_run
from rosters.importing import staging
from rosters.models import RosterImport
from tests.certificates.steps import issue_for_run
from tests.factories import make_coordinator, make_run


@pytest.fixture
def certified_by_roster(
    db, settings, tmp_path, django_capture_on_commit_callbacks
) -> Callable[[str, bytes], CourseRun]:
    """Makes a class whose people came by a roster, completed and got certificates."""
    settings.KEY_FOLDER, settings.DEVELOPMENT_SIGNING = tmp_path / "keys", True

    def make(file_name: str, content: bytes) -> CourseRun:
        call_command("load_reference", verbosity=0)
        agency, course = Agency.objects.get(slug="min-bca"), Course.objects.get(code="AI-101")
        run = make_run(course, starts_on=dt.date(2026, 3, 10), state="open")
        user = make_coordinator(agency)
        with clock.set_to(clock.start_of_day(run.starts_on)):
            with django_capture_on_commit_callbacks(execute=True):
                upload = staging.stage(
                    by=user.as_actor(),
                    user=user,
                    run=run,
                    agency=agency,
                    file_name=file_name,
                    content=content,
                )
            with django_capture_on_commit_callbacks(execute=True):
                read = RosterImport.objects.get(pk=upload.pk)
                staging.confirm(by=user.as_actor(), user=user, partial=True, upload=read)
        mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
        close_run(by=OFFICE, run=run)
        issue_for_run(by=OFFICE, run=run)
        return run

    return make
