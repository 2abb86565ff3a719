"""What a worker takes its jobs from: a table of the database, or a list in Redis.

Either may forget an entry, with a worker that is killed or with Redis itself: the Job's own row
decides, and ``services.reap`` queues again what waits too long.
"""

import logging
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.utils.module_loading import import_string
from django_tasks import task_backends
from django_tasks_db.management.commands.db_worker import Worker as DatabaseWorker
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

QUEUE = "default"
# Named, not imported: tasks call services, and the queue keeps the same name.
_TASK = "jobs.tasks.run_job"


def queue_errors() -> tuple[type[Exception], ...]:
    # Looked up only once something has failed: loading the library takes a tenth of a start.
    from redis.exceptions import RedisError

    return DatabaseError, RedisError


def enqueue(job_id: Any) -> bool:
    """Whether the queue took it."""
    task = import_string(_TASK)
    try:
        task.enqueue(str(job_id))
    except queue_errors() as error:
        logger.warning("the queue does not take the job %s: %s", job_id, error)
        return False
    return True


class DatabaseQueue(DatabaseWorker):
    def __init__(self, worker: str) -> None:
        super().__init__(
            queue_names=[QUEUE],
            interval=0,
            batch=True,
            backend_name=QUEUE,
            startup_delay=False,
            max_tasks=None,
            worker_id=worker,
            excluded_queue_names=[],
        )

    def work_off(self) -> None:
        if DBTaskResult.objects.ready().filter(backend_name=QUEUE).exists():
            self.run()


class RedisQueue:
    """Not RQ's own worker, which needs the signals and alarms that ours is stopped by."""

    def __init__(self) -> None:
        from django_rq import get_queue
        from django_tasks_rq import Job as Entry

        self.running, self.running_task = True, False
        self._entries, self._queue = Entry, get_queue(QUEUE, job_class=Entry)

    def work_off(self) -> None:
        found = True
        while self.running and found:
            try:
                found = self._do_next()
            except queue_errors():
                raise
            except Exception:
                # Others may write to Redis: nothing in it stops a worker.
                logger.exception("an entry of the queue is none of ours")

    def _do_next(self) -> bool:
        queue = self._queue
        found = queue.dequeue_any([queue], None, queue.connection, self._entries, queue.serializer)
        if found:
            close_old_connections()
            self._do(found[0])
        return bool(found)

    def _do(self, entry: Any) -> None:
        queue = self._queue
        entry.delete(remove_from_queue=False)
        queue.connection.lrem(queue.intermediate_queue_key, 0, entry.id)
        # Before it is looked up by its name, which would import any module.
        if entry.func_name != _TASK:
            raise SuspiciousOperation(entry.id)
        self.running_task = True
        try:
            import_string(_TASK).call(*entry.args, **entry.kwargs)
        except DatabaseError:
            queue.enqueue_job(entry)
            raise
        finally:
            self.running_task = False


def open_queue(worker: str) -> DatabaseQueue | RedisQueue | None:
    """None where no worker is needed: jobs are done at once, or by somebody else's."""
    match type(task_backends[QUEUE]).__name__:
        case "DatabaseBackend":
            return DatabaseQueue(worker)
        case "RQBackend":
            return RedisQueue()
    return None
