"""What becomes of a job when its worker is killed, stopped, or not alone."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.redis_server import free_port, redis_server

pytestmark = [pytest.mark.both_engines, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rehearse(tmp_path):
    """Act out a scenario of ``rehearsal.py`` on a database that processes can share."""

    def act(scenario: str, **settings: str) -> Any:
        program = Path(__file__).with_name("rehearsal.py")
        database = {"DATABASE_URL": shared_database(tmp_path), "DEBUG": "1"}
        run = subprocess.run(
            [sys.executable, str(program), scenario],
            env={**os.environ, **database, **settings},
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return act


def shared_database(folder: Path) -> str:
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        # The test's own database lives in memory, where no other process can see it.
        copy = sqlite3.connect(folder / "db.sqlite3")
        connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{folder / 'db.sqlite3'}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)


@pytest.fixture(params=["database", "redis"])
def queue(request, tmp_path):
    """The settings of a queue, which nothing else in the site knows of."""
    if request.param == "database":
        yield {}
        return
    with redis_server(tmp_path) as redis:
        yield {"QUEUE_URL": redis.url}


def test_a_killed_worker_loses_no_row_and_doubles_none(rehearse, queue):
    seen = rehearse("killed", **queue)
    assert seen["left_behind"] == "running"
    assert (seen["state"], seen["attempts"]) == ("done", 2)
    assert seen["result"] == {"rows": 15}
    assert seen["rows"] == 15
    assert seen["stopped"]["code"] == 0
    assert seen["stopped"]["seconds"] < 5


@pytest.mark.parametrize("scenario", ["told_to_stop", "told_to_stop_while_deaf"])
def test_a_stopped_worker_requeues_its_job(rehearse, queue, scenario):
    seen = rehearse(scenario, **queue)
    assert (seen["state"], seen["attempts"]) == ("queued", 0)
    assert seen["queued"] == 1
    assert seen["stopped"]["code"] == 0


def test_two_workers_do_every_job_once(rehearse, queue):
    assert rehearse("two_workers", **queue) == {"written": 20, "jobs": 20, "codes": [0, 0]}


def test_jobs_outlive_a_redis_that_loses_its_queue(rehearse):
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    seen = rehearse("queue_lost", QUEUE_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert seen["left"] == ["queued"] * 3  # as the lost ones wait for the reaper
    assert seen["written"] == 4
    assert seen["stopped"]["code"] == 0


def test_what_others_write_to_redis_runs_nothing_and_stops_no_worker(rehearse, tmp_path):
    with redis_server(tmp_path) as redis:
        seen = rehearse("queue_written_by_others", QUEUE_URL=redis.url, PYTHONPATH=str(tmp_path))
    assert seen == {"state": "done", "imported": False, "code": 0}


def test_a_mail_server_that_never_answers_holds_up_no_other_duty(rehearse):
    seen = rehearse("hanging_mail_server")
    assert seen["others"] == []
    assert seen["attempts"] == 1  # the two workers do not both call it about one message
    assert (seen["codes"], seen["seconds_to_stop"] < 5) == ([0, 0], True)


def test_a_worker_killed_between_sending_and_noting_loses_no_decision_and_doubles_no_reminder(
    rehearse,
):
    seen = rehearse("killed_while_mailing")
    assert seen["codes"] == [-9, -9]
    assert seen["left_behind"] == ["pending", "pending"]
    assert seen["decision"] == ["sent", True, 2]
    assert seen["reminder"] == ["uncertain", False, 1]
    assert seen["different"] == 2  # both copies of the decision bear one Message-ID
