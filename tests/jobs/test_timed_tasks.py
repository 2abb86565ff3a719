"""What the worker does by the clock."""

import datetime as dt
import re
import sys
import threading
from pathlib import Path

import pytest
from django.conf import settings

from common import clock
from common.registries import Deferred, TimedTask, timed_tasks
from jobs import services
from jobs.management.commands import worker
from jobs.models import TimedTaskRun
from jobs.timed_tasks import TimedTaskThread, states


def test_operations_lists_every_timed_task_and_no_other() -> None:
    text = (Path(settings.BASE_DIR) / "docs/operations.md").read_text()
    table = text.partition("| task | every |")[2].partition("\n\n")[0]
    documented = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert documented == {name for name, _task in timed_tasks}


def test_signed_heads_are_time_stamped_by_the_clock() -> None:
    assert dict(timed_tasks)["stamp_audit"].seconds == 600


NOW = dt.datetime(2026, 3, 10, 3, 0, tzinfo=dt.UTC)


def state_of(name: str):
    return next(state for state in states() if state.name == name)


@pytest.mark.django_db
def test_a_task_that_has_not_succeeded_for_three_periods_is_overdue() -> None:
    TimedTaskRun.objects.create(name="stamp_audit", first_begun_at=NOW, succeeded_at=NOW)
    for minutes, overdue in ((30, False), (31, True)):
        with clock.set_to(NOW + dt.timedelta(minutes=minutes)):
            assert state_of("stamp_audit").is_overdue is overdue


@pytest.mark.django_db
def test_a_task_that_never_succeeded_is_overdue_after_its_time() -> None:
    TimedTaskRun.objects.create(name="seal_audit", first_begun_at=NOW)
    with clock.set_to(NOW + dt.timedelta(minutes=6)):
        assert state_of("seal_audit").is_overdue


@pytest.mark.django_db
def test_a_task_that_fails_is_recorded_as_failed_and_tried_again() -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError("a bad minute")

    thread = TimedTaskThread("seal_audit", TimedTask(work, 1))
    assert not thread._run_once()
    failed = TimedTaskRun.objects.get(name="seal_audit")
    assert (failed.succeeded_at, failed.failed_at is not None) == (None, True)
    assert thread._run_once()
    assert TimedTaskRun.objects.get(name="seal_audit").succeeded_at is not None


def test_a_task_of_the_night_that_failed_is_tried_again_within_half_a_minute(monkeypatch) -> None:
    pauses = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            services.stopping.set()

    thread = TimedTaskThread("quarter_snapshots", TimedTask(lambda: None, 43_200), on_record=False)
    monkeypatch.setattr(services, "stopping", threading.Event())
    monkeypatch.setattr(services.stopping, "wait", wait)
    monkeypatch.setattr(thread, "_run_once", lambda: bool(pauses))
    thread.run()
    assert pauses[0] <= 30
    assert pauses[1] == 43_200


@pytest.mark.django_db
def test_modules_of_all_tasks_are_imported_before_any_thread_starts(monkeypatch) -> None:
    seen = []
    tasks = [
        ("broken", TimedTask(Deferred("jobs.no_such_module.run"), 60)),
        ("later", TimedTask(Deferred("wave.open"), 60)),
    ]
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    monkeypatch.setattr(worker, "timed_tasks", tasks)
    monkeypatch.setattr(TimedTaskThread, "start", lambda _self: seen.append("wave" in sys.modules))
    monkeypatch.setattr(TimedTaskThread, "join", lambda _self, timeout: None)
    monkeypatch.setattr(services, "stopping", threading.Event())
    services.stopping.set()
    command = worker.Command()
    command.name = "test"
    command._serve(interval=0)
    assert seen == [True, True, True]  # with the heartbeat's
