"""What the clock asks for: every task in a thread of its own, so that none waits for another."""

import datetime as dt
import logging
import threading
from dataclasses import dataclass

from django.db import Error as DatabaseError
from django.db import connection

from common import clock
from common.registries import TimedTask, timed_tasks
from jobs import services
from jobs.models import TimedTaskRun

logger = logging.getLogger(__name__)

# A task is overdue when it has not succeeded for so many of its periods, or for five minutes.
PERIODS = 3
LEAST = dt.timedelta(minutes=5)
# A nightly task that met a locked database is not left until the next night.
SECONDS_TO_TRY_AGAIN = 20


class TimedTaskThread(threading.Thread):
    """Runs one task until the worker stops. A hanging mail server delays nothing else."""

    def __init__(self, name: str, task: TimedTask, *, on_record: bool = True) -> None:
        super().__init__(daemon=True, name=name)
        self._task = task
        self._on_record = on_record

    def run(self) -> None:
        while not services.stopping.is_set():
            pause = self._task.seconds
            if not self._run_once():
                pause = min(pause, SECONDS_TO_TRY_AGAIN)
            # Tasks are many and rest most of the time: none keeps a connection meanwhile.
            connection.close()
            services.stopping.wait(pause)

    def _run_once(self) -> bool:
        try:
            if self._on_record:
                TimedTaskRun.objects.get_or_create(name=self.name)
            is_done = self._succeeds()
            if self._on_record:
                ended = "succeeded_at" if is_done else "failed_at"
                TimedTaskRun.objects.filter(name=self.name).update(**{ended: clock.now()})
        except DatabaseError as error:
            logger.warning("the timed task %s could not reach the database: %s", self.name, error)
            return False
        return is_done

    def _succeeds(self) -> bool:
        try:
            self._task.run()
        except DatabaseError:
            raise
        except Exception:
            # The next round tries again: a task of the clock must outlive a bad minute.
            logger.exception("the timed task %s failed", self.name)
            return False
        return True


@dataclass(frozen=True, slots=True)
class TimedTaskState:
    name: str
    task: TimedTask
    succeeded_at: dt.datetime | None
    is_overdue: bool


def states() -> list[TimedTaskState]:
    """Every timed task that a worker has begun at least once, by name."""
    tasks, now = dict(timed_tasks), clock.now()
    runs = TimedTaskRun.objects.filter(name__in=tasks).order_by("name")
    return [
        TimedTaskState(
            name=run.name,
            task=tasks[run.name],
            succeeded_at=run.succeeded_at,
            is_overdue=now - (run.succeeded_at or run.first_begun_at) > grace(tasks[run.name]),
        )
        for run in runs
    ]


def grace(task: TimedTask) -> dt.timedelta:
    return max(LEAST, PERIODS * dt.timedelta(seconds=task.seconds))
