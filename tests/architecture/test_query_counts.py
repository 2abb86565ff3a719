"""Every screen asks the database a fixed number of times, however many rows it has.

``UPDATE_QUERY_COUNTS=1 pytest tests/architecture/test_query_counts.py`` writes the counts again;
the diff then shows in review what a change costs.
"""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEntry
from common import clock
from jobs.models import Job
from notices.models import Notice
from people.models import CandidatePair, DataRequest, Holiday, Merge, TransferRequest
from targets.models import IndicatorValue
from tests.architecture.world import (
    World,
    make_certificate,
    make_class_message,
    make_follow_ups,
    make_open_evaluation,
    make_outside_run,
    make_quota,
    make_roster,
    make_task,
    make_world,
    stage_rows,
)
from tests.competencies.factories import make_audience, need, teach
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
)

COUNTS = Path(__file__).parent / "query_counts.json"
# Screen: route, visitor.
SCREENS = {
    "home": ("home", "nobody"),
    "targets": ("targets", "office"),
    "targets of a coordinator": ("targets", "coordinator"),
    "number": ("number", "coordinator"),
    "forecast": ("forecast", "office"),
    "road_map": ("road_map", "office"),
    "tasks": ("tasks", "office"),
    "tasks of a coordinator": ("tasks", "coordinator"),
    "task": ("task_progress", "office"),
    "agency": ("agency", "coordinator"),
    "indicators": ("indicators", "office"),
    "indicator": ("indicator", "office"),
    "silent": ("silent", "office"),
    "remind_silent": ("remind_silent", "office"),
    "reports": ("reports", "office"),
    "report": ("report", "office"),
    "courses": ("courses", "nobody"),
    "explain": ("explain", "trainee"),
    "quality": ("quality", "auditor"),
    "notifications": ("notifications", "coordinator"),
    "mail_choices": ("mail_choices", "coordinator"),
    "message_outbox": ("message_outbox", "office"),
    "message_texts": ("message_texts", "office"),
    "undeliverable_addresses": ("undeliverable_addresses", "office"),
    "reminder_days": ("reminder_days", "office"),
    "message_text": ("message_text", "office"),
    "reconcile": ("reconcile", "auditor"),
    "counted_sample": ("counted_sample", "auditor"),
    "counting_rules": ("counting_rules", "office"),
    "course": ("course", "nobody"),
    "runs": ("runs", "office"),
    "saved filters": ("saved_filters", "coordinator"),
    "outside courses": ("outside_courses", "office"),
    "courses of the office": ("courses", "office"),
    "verify_code": ("verify_code", "nobody"),
    "run of a trainer": ("run", "trainer"),
    "run of a coordinator": ("run", "coordinator"),
    "run of a trainee": ("run", "trainee"),
    "run of the office": ("run", "office"),
    "messages of a class": ("class_messages", "office"),
    "message to a class": ("class_message", "office"),
    "new message to a class": ("new_class_message", "trainer"),
    "new message of a coordinator": ("new_class_message", "coordinator"),
    "evaluations of the office": ("evaluations", "office"),
    "evaluation of a class": ("run_evaluation", "trainer"),
    "audiences": ("audiences", "auditor"),
    "audience of the office": ("audience", "office"),
    "audience of a coordinator": ("audience", "coordinator"),
    "change of an audience": ("change_audience", "office"),
    "competency frameworks": ("frameworks", "auditor"),
    "competency framework": ("framework", "coordinator"),
    "competency of a course": ("course_competency", "office"),
    "course of the office": ("course", "office"),
    "retention": ("retention", "office"),
    "archive package": ("archive_package", "office"),
    "effect of the office": ("effect", "office"),
    "effect of a coordinator": ("effect", "coordinator"),
    "examples of use": ("effect_examples", "office"),
    "questions of a trainee": ("my_follow_ups", "trainee"),
    "letters to print": ("unmailed_letters", "coordinator"),
    "seats": ("run_seats", "office"),
    "units of a trainee": ("run_units", "trainee"),
    "units of a trainer": ("run_units", "trainer"),
    "unit of a trainee": ("run_unit", "trainee"),
    "units of a course": ("course_units", "office"),
    "questions of a course": ("question_bank", "office"),
    "test of a trainee": ("run_test", "trainee"),
    "test of a trainer": ("run_test", "trainer"),
    "form of a trainee": ("attempt", "trainee"),
    "attendance": ("run_attendance", "trainer"),
    "nominate": ("nominate", "office"),
    "new_succession": ("new_succession", "office"),
    "rosters": ("rosters", "coordinator"),
    "roster": ("roster", "coordinator"),
    "new_roster": ("new_roster", "coordinator"),
    "certificates of the office": ("certificates", "office"),
    "certificates of a coordinator": ("certificates", "coordinator"),
    "issuers": ("issuers", "office"),
    "jobs": ("jobs", "coordinator"),
    "audit": ("audit", "auditor"),
    "accounts": ("accounts", "office"),
    "people_accounts": ("people_accounts", "coordinator"),
    "coordinators": ("coordinators", "office"),
    "people of the office": ("people", "office"),
    "people of a coordinator": ("people", "coordinator"),
    "people of a trainer": ("people", "trainer"),
    "courses completed": ("training_matrix", "coordinator"),
    "person": ("person", "office"),
    "person of a coordinator": ("person", "coordinator"),
    "transfer requests of the office": ("transfer_requests", "office"),
    "transfer requests of a coordinator": ("transfer_requests", "coordinator"),
    "pairs": ("pairs", "office"),
    "pair": ("pair", "office"),
    "merges": ("merges", "office"),
    "data requests": ("data_requests", "office"),
    "holidays": ("holidays", "office"),
    "my data": ("my_data", "trainee"),
    "my of a trainee": ("my", "trainee"),
    "record of a trainee": ("my_record", "trainee"),
    "calendars of a trainee": ("my_calendars", "trainee"),
    "calendar of a trainee": ("my_calendar", "trainee"),
    "my of a trainer": ("my", "trainer"),
    "my of a coordinator": ("my", "coordinator"),
    "my of the office": ("my", "office"),
}


def fill(world: World, first: int, last: int) -> None:
    """One of everything for each number from the first to the last."""
    trainer, coordinator = world.visitors["trainer"], world.visitors["coordinator"]
    own = world.certificate.completion.trainee
    for n in range(first, last + 1):
        trainee = make_trainee(world.agency)
        make_class_message(world.run, make_enrollment(world.run, trainee))
        make_completion(trainee, world.run)
        run = make_run(make_course(f"X-{n:03}"), sessions=1, code=f"X-{n:03}")
        if trainer:
            run.trainers.create(user=trainer)
        mine = make_completion(own, run, enrollment=make_enrollment(run, own, state="completed"))
        make_certificate(mine, number=n + 1)
        make_follow_ups(mine)
        make_open_evaluation(run)
        teach(run.course, "A2")
        make_audience(f"group-{n}", competencies=need("A2", 2))
        one, other = make_trainee(world.agency), make_trainee(world.agency)
        CandidatePair.objects.create(first=one, second=other)
        Merge.objects.create(survivor=one, absorbed=other, recorded_by="test")
        DataRequest.objects.create(trainee=trainee, kind="access", reply_by=clock.today())
        TransferRequest.objects.create(
            trainee=trainee, to_agency=world.transfer.to_agency, name_as_sent="An", asked_by="test"
        )
        make_outside_run(world.run.course, f"MOOC {n}")
        Holiday.objects.create(day=dt.date(2028, 1, 1) + dt.timedelta(days=n), name="Tết")
        make_roster(world.run, world.agency, coordinator)
        Job.objects.create(kind="check_roster", owner=coordinator, actor_label="test")
        make_quota(make_agency())
        make_task(world.agency)
        IndicatorValue.objects.create(**value_of(world), state="accepted", decided_at=clock.now())
        AuditEntry.objects.create(action="run_opened", actor_label="test")
        make_coordinator(world.agency)
        Notice.objects.create(
            recipient="hr@bo-a.example", account=coordinator, subject="s", rights="0" * 64
        )
    stage_rows(world.roster, last)


def value_of(world: World) -> dict[str, Any]:
    """What a reported percentage holds, for an agency of its own."""
    value = world.value
    return {
        "indicator": value.indicator,
        "agency": make_agency(),
        "numerator": 1,
        "denominator": 2,
        "measured_on": value.measured_on,
        "evidence": value.evidence.name,
        "submitted_by": "test",
    }


def counts(world: World) -> dict[str, int]:
    found = {}
    for screen, (route, visitor) in SCREENS.items():
        client = Client()
        if user := world.visitors[visitor]:
            client.force_login(user)
        address = reverse(route, kwargs=world.kwargs.get(route))
        client.get(address)  # what is remembered for the session is asked once
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        found[screen] = len(queries)
    return found


@pytest.mark.django_db
def test_no_screen_asks_more_for_more_rows():
    world = make_world()
    fill(world, 1, 10)
    few = counts(world)
    fill(world, 11, 300)
    many = counts(world)
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        COUNTS.write_text(json.dumps(many, indent=2) + "\n")
    assert many == few
    assert many == json.loads(COUNTS.read_text()), "more or fewer queries than recorded"
