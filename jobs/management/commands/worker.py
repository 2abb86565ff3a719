"""worker: does the jobs in the queue and, beside them, what the clock asks for."""

import logging
import os
import signal
import socket
import time
from contextlib import suppress
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from common.registries import Deferred, TimedTask, timed_tasks
from jobs import services
from jobs.queues import open_queue, queue_errors
from jobs.timed_tasks import TimedTaskThread

logger = logging.getLogger(__name__)

HEARTBEAT = 5
# How long the work under way may take to reach its next sign of progress.
SECONDS_TO_STOP = 1.5
# After an error of the database: it may be restarting.
SECONDS_TO_RECOVER = 2


class Command(BaseCommand):
    help = (
        "Do the jobs in the queue and the timed tasks (sealing the audit log, sending notices, "
        "finding abandoned jobs). Several workers may share one database. SIGTERM stops a "
        "worker within two seconds; what was under way goes back into the queue."
    )
    # The checks load every page of the site; the server runs them.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--interval",
            type=float,
            default=0.5,
            help="seconds between two looks into an empty queue (default: %(default)s)",
        )
        parser.add_argument(
            "--until-idle", action="store_true", help="do what is waiting, then stop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"[-60:]
        self.queue = open_queue(self.name)
        if options["until_idle"]:
            self._work_off()
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGALRM, self._break_off)
        self._serve(options["interval"])

    def _serve(self, interval: float) -> None:
        heartbeat = TimedTask(lambda: services.record_heartbeat(self.name), seconds=HEARTBEAT)
        threads = [TimedTaskThread(name, task) for name, task in timed_tasks]
        threads.append(TimedTaskThread("heartbeat", heartbeat, on_record=False))
        # Threads that begin to import modules of each other at once find them locked.
        for _name, task in timed_tasks:
            with suppress(ImportError):  # its thread reports it; the other tasks run
                if isinstance(task.run, Deferred):
                    task.run.load()
        for thread in threads:
            thread.start()
        logger.info("worker %s is ready", self.name)
        try:
            while not services.stopping.is_set():
                self._work_off()
                time.sleep(interval)
        finally:
            services.stopping.set()
            until = time.monotonic() + 1
            for thread in threads:
                thread.join(timeout=max(0, until - time.monotonic()))
            self._remove_heartbeat()
            # Stopped in time: the alarm that would break off the work must not ring any more.
            signal.setitimer(signal.ITIMER_REAL, 0)
            logger.info("worker %s has stopped", self.name)

    def _remove_heartbeat(self) -> None:
        with suppress(DatabaseError):  # it is not seen for 30 seconds and so forgotten anyway
            services.remove_heartbeat(self.name)

    def _work_off(self) -> None:
        if self.queue is None:
            return
        try:
            close_old_connections()
            self.queue.work_off()
        except queue_errors() as error:
            logger.warning("database or queue do not answer: %s", error)
            connection.close()
            time.sleep(SECONDS_TO_RECOVER)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        """1. begin nothing new, 2. stop at the next sign of progress, 3. break off."""
        services.stopping.set()
        if self.queue:
            self.queue.running = False
        signal.setitimer(signal.ITIMER_REAL, SECONDS_TO_STOP)

    def _break_off(self, signum: int, frame: FrameType | None) -> None:
        if self.queue and self.queue.running_task:
            raise SystemExit(0)
