"""An agency's coordinator who sends rosters, for the tests of what a sender can do."""

import datetime as dt
from dataclasses import fields

from rosters.importing import staging
from rosters.importing.report import ImportReport
from rosters.importing.staged_rows import parts_of
from rosters.models import RosterImport
from tests.factories import make_agency, make_coordinator, make_run


class Desk:
    def __init__(self, at_once) -> None:
        self.at_once = lambda: at_once(execute=True)
        self.agency, self.run = make_agency(), make_run(ends_on=dt.date(2099, 1, 2))
        self.user = make_coordinator(self.agency)

    @property
    def who(self):
        return {"by": self.user.as_actor(), "user": self.user}

    def put(self, content: bytes, name: str = "roster.xlsx") -> RosterImport:
        with self.at_once():
            upload = staging.stage(
                **self.who, run=self.run, agency=self.agency, file_name=name, content=content
            )
        return self.again(upload)

    def again(self, upload: RosterImport) -> RosterImport:
        rows = RosterImport.objects.select_related("job", "agency", "run__course")
        return rows.get(pk=upload.pk)

    def enter(self, upload: RosterImport, **options) -> RosterImport:
        with self.at_once():
            staging.confirm(**self.who, upload=upload, **options)
        return self.again(upload)


def report_of(upload: RosterImport) -> ImportReport | None:
    if not upload.report:
        return None
    counted = {field.name for field in fields(ImportReport)} - {"missing"}
    whole = {name: more for name, more in upload.report.items() if name in counted}
    results = [result for part in parts_of(upload) for result in part.results]
    return ImportReport(results, **whole)


def found_in(upload: RosterImport) -> ImportReport:
    report = report_of(upload)
    assert report is not None
    return report


def outcomes(upload: RosterImport) -> list[str]:
    return [result.outcome for result in found_in(upload).results]
