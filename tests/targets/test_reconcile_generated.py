"""The reconciliation keeps no rows; on generated records it finds what reading them all finds."""

import datetime as dt
from random import Random

import pytest

from audit.services import PROGRAMME_OFFICE
from certificates.models import Certificate, CertificateDesign, IssuingBody, Signer
from common import clock
from counting.models import CountingRule
from courses.choices import RunState
from enrollment.choices import EnrollmentState, Evidence, Mark
from enrollment.models import Attendance, Completion
from people.services.merges import merge
from targets.progress import reconcile
from tests.counting.makers import make_rule
from tests.factories import (
    make_completion,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
)
from tests.targets.slow_reconciliation import slowly_reconciled

pytestmark = [pytest.mark.django_db, pytest.mark.both_engines]

STATES = (
    EnrollmentState.COMPLETED, EnrollmentState.NOT_COMPLETED, EnrollmentState.ENROLLED,
    EnrollmentState.NOMINATED,
)  # fmt: skip
MARKS = (None, *Mark.values)


@pytest.mark.parametrize("seed", range(3))
def test_generated_records_reconcile_as_if_all_of_them_were_read(seed):
    generate(Random(seed))  # records, no secrets
    found = {
        step.key: (step.count, {one.code: list(map(tuple, one.people)) for one in step.reasons})
        for step in reconcile().steps
    }
    assert found == slowly_reconciled(CountingRule.objects.get())


def test_a_part_of_the_people_of_a_reason_is_read_alone():
    run = make_run(state=RunState.CLOSED)
    make_rule([run.course])
    seats = [make_enrollment(run, state=EnrollmentState.NOT_COMPLETED) for _ in range(5)]
    ((reason,),) = [step.reasons for step in reconcile().steps if step.key == "attended"]
    codes = sorted(one.trainee.code for one in seats)
    assert [one.code for one in reason.people[1:3]] == codes[1:3]
    assert reason.people[4].code == codes[4]
    assert len(reason.people) == 5


def generate(chance: Random) -> None:
    counts, does_not = make_course(), make_course()
    make_rule([counts])
    runs = [
        make_run(chance.choice((counts, does_not)), state=state, code=f"K{number}")
        for number, state in enumerate((RunState.CLOSED, RunState.CLOSED, RunState.RUNNING) * 2)
    ]
    people = [make_trainee() for _ in range(12)]
    for run in runs:
        for trainee in chance.sample(people, 7):
            one_of_a_class(chance, run, trainee)
    for survivor, absorbed in (people[:2], people[2:4], (people[1], people[4])):
        merge(by=PROGRAMME_OFFICE, survivor=survivor, absorbed=absorbed)


def one_of_a_class(chance, run, trainee):
    if chance.random() < 0.2:
        evidence = chance.choice((Evidence.PAPER, Evidence.ELSEWHERE))
        certify(chance, make_completion(trainee, run, evidence=evidence))
        return
    seat = make_enrollment(run, trainee, state=chance.choice(STATES))
    if mark := chance.choice(MARKS):
        facts = {"evidence": Evidence.TRAINERS_MARK, "recorded_by": "test"}
        Attendance.objects.create(enrollment=seat, session=run.sessions.first(), mark=mark, **facts)
    if chance.random() < 0.7:
        day = run.ends_on + dt.timedelta(days=chance.randrange(9))
        completion = make_completion(trainee, run, enrollment=seat, completed_on=day)
        certify(chance, completion)
        if chance.random() < 0.2:
            void = {"voided_at": clock.now(), "void_reason": "a mistake"}
            Completion.objects.filter(pk=completion.pk).update(**void)


def certify(chance, completion):
    if chance.random() < 0.4:
        return
    number = completion.pk
    body, _created = IssuingBody.objects.get_or_create(name="Bộ", place="Hà Nội")
    design, _created = CertificateDesign.objects.get_or_create(slug="plain")
    signer, _created = Signer.objects.get_or_create(body=body, name="A", title="B")
    revoked = {"state": "revoked", "revoked_at": clock.now(), "revocation_reason": "wrong name"}
    Certificate.objects.create(
        completion=completion, register="AI", year=2026, register_number=number,
        serial_number=f"S{number}", design=design, signer=signer, printed={},
        **(revoked if chance.random() < 0.3 else {}),
    )  # fmt: skip
