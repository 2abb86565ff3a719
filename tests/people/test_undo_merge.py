"""After a merge, later actions and its undo, everything is as if the merge had not been."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as project
from django.core.management.color import no_style
from django.db import connection, transaction

from audit.services import PROGRAMME_OFFICE as OFFICE
from common import clock
from counting.counter import counted
from enrollment.choices import Mark
from enrollment.services.attendance import mark_everyone
from enrollment.services.completion import close_run
from enrollment.services.enrollments import Nominee, nominate
from people.models import Trainee
from people.services.bulk import PersonData, amend, move, save_amended
from people.services.corrections import correct, transfer
from people.services.data_requests import ask
from people.services.merges import merge, undo_merge
from tests.architecture.world import adopt_rule
from tests.factories import make_agency, make_course, make_run, make_trainee

NOW = dt.datetime(2026, 4, 1, 9, tzinfo=clock.HANOI)
# Two of them differ each time: one counts its changes, an event of a calendar has a random name.
LEFT_OUT = {
    "people.merge", "people.candidatepair", "audit.auditentry", "audit.auditseal",
    "counting.cachestate", "courses.calendarevent",
}  # fmt: skip
BORN, NUMBER = dt.date(1980, 2, 1), "001080000123"


def ours():
    return [m for m in apps.get_models() if m._meta.app_label in project.APPS]


def dump() -> dict[str, list]:
    return {
        m._meta.label: sorted(m._default_manager.values_list(), key=lambda row: str(row[0]))
        for m in ours()
        if m._meta.label_lower not in LEFT_OUT
    }


def number_rows_from_the_same_start() -> None:
    """PostgreSQL's sequences outlive a rollback."""
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), ours()):
            cursor.execute(sql)


def history(*, merged: bool) -> tuple[dict[str, list[Any]], int, int]:
    """The same actions with and without a merge around them: the dump and the counts."""
    with transaction.atomic(), clock.set_to(NOW):
        number_rows_from_the_same_start()
        here, there = make_agency("bo-a"), make_agency("bo-b")
        course = make_course("AI-1")
        first, second = (make_run(course, code=f"AI-1-{n}", state="open") for n in (1, 2))
        adopt_rule(first)
        people = [
            make_trainee(
                here,
                code=f"HV-2222222{n}",
                full_name="Lê Thị Hòa",
                birth_date=BORN,
                personal_number=NUMBER if n == 2 else None,
            )
            for n in (2, 3)
        ]
        survivor, absorbed = people
        found = None
        if merged:
            found = merge(by=OFFICE, survivor=survivor, absorbed=absorbed)
        nominate(by=OFFICE, run=first, sending_agency=here, nominees=[Nominee(survivor.pk)])
        nominate(by=OFFICE, run=second, sending_agency=here, nominees=[Nominee(absorbed.pk)])
        for run in (first, second):
            mark_everyone(by=OFFICE, run=run, mark=Mark.PRESENT)
            close_run(by=OFFICE, run=run)
        fields = amend(absorbed, PersonData("Lê Thị Hòa", phone="0912345678"))
        save_amended(by=OFFICE, amended=[(absorbed, fields | move(absorbed, there))])
        now = Trainee.objects.get(pk=survivor.pk)
        correct(by=OFFICE, trainee=now, seen=now.edition, values={"position": "Vụ trưởng"})
        transfer(by=OFFICE, trainee=now, agency=there, on=NOW.date())
        ask(by=OFFICE, trainee=now, kind="access")
        meanwhile = counted().persons
        if found:
            undo_merge(by=OFFICE, merge=found)
        after = counted().persons
        result = dump(), meanwhile, after
        transaction.set_rollback(True)
    return result


@pytest.mark.both_engines
@pytest.mark.django_db
def test_a_merge_undone_after_later_actions_leaves_no_trace_in_other_tables():
    with_merge, counted_while_merged, counted_after = history(merged=True)
    without, never_merged, _same = history(merged=False)
    assert (counted_while_merged, counted_after, never_merged) == (1, 2, 2)
    for table, rows in without.items():
        assert with_merge[table] == rows, table
    assert len(without["enrollment.Completion"]) == 2
