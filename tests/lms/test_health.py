import datetime as dt
import os
import re
import subprocess
import sys

import pytest
from django.db import connection

from audit.services import SYSTEM
from common import clock
from jobs import services as jobs
from jobs.models import Job, TimedTaskRun
from lms import checks

pytestmark = pytest.mark.django_db


def failing(answer) -> set[str]:
    return {check["name"] for check in answer.json()["checks"] if not check["ok"]}


def test_the_site_is_alive_without_asking_anything(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"alive": True}


def test_the_site_is_ready_when_a_worker_was_seen(client):
    jobs.record_heartbeat("worker")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert {check["name"] for check in answer.json()["checks"]} == {
        "database", "storage", "worker", "timed_tasks",
    }  # fmt: skip


def test_the_site_is_not_ready_when_no_worker_was_seen_for_half_a_minute(client):
    with clock.set_to(clock.now() - dt.timedelta(seconds=31)):
        jobs.record_heartbeat("worker")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failing(answer) == {"worker"}


@pytest.mark.parametrize(
    ("task", "ready"), [("seal_audit", False), ("deliver_notices", True), ("tidy_queue", True)]
)
def test_the_site_is_not_ready_when_a_duty_of_every_minute_is_overdue(client, task, ready):
    jobs.record_heartbeat("worker")
    yesterday = clock.now() - dt.timedelta(days=1)
    TimedTaskRun.objects.create(name=task, first_begun_at=yesterday, succeeded_at=yesterday)
    assert client.get("/readyz").json()["ready"] is ready


def test_the_metrics_say_when_each_duty_last_succeeded_and_which_is_overdue(client):
    yesterday = clock.now() - dt.timedelta(days=1)
    TimedTaskRun.objects.create(name="deliver_notices", succeeded_at=yesterday)
    lines = client.get("/metrics").content.decode().splitlines()
    at = int(yesterday.timestamp())
    assert f'lms_timed_task_succeeded_at{{task="deliver_notices"}} {at}' in lines
    assert 'lms_timed_task_overdue{task="deliver_notices"} 1' in lines


def test_the_site_is_not_ready_when_files_cannot_be_stored(client, settings, tmp_path):
    jobs.record_heartbeat("worker")
    (tmp_path / "a file").touch()
    settings.MEDIA_ROOT = tmp_path / "a file" / "media"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert failing(answer) == {"storage"}
    assert "a file" not in answer.content.decode()


def test_asking_for_readiness_leaves_no_file_behind(client, settings):
    client.get("/readyz")
    assert [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()] == []


def test_the_site_is_not_ready_when_the_database_refuses(client):
    def refuse(execute, sql, params, many, context):
        raise ConnectionError

    with connection.execute_wrapper(refuse):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert {"database", "worker"} <= failing(answer)


def test_metrics_count_jobs_notices_and_unsealed_entries(client, settings):
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    Job.objects.create(kind="any", actor_label="")
    jobs.cancel(job=Job.objects.get(), by=SYSTEM)
    text = client.get("/metrics").content.decode()
    assert 'lms_jobs{state="cancelled"} 1' in text
    assert 'lms_jobs{state="queued"} 0' in text
    assert 'lms_notices{state="pending"} 0' in text
    assert "lms_audit_unsealed_entries 1" in text


def test_metrics_say_how_long_jobs_of_each_kind_took_within_a_day(client):
    now = clock.now()
    for kind, seconds, ago in (
        ("issue", 5, 0),
        ("issue", 90, 0),
        ("issue", 5, 2),
        ("export", 1, 0),
    ):
        ended = now - dt.timedelta(days=ago)
        asked = ended - dt.timedelta(seconds=seconds)
        Job.objects.create(kind=kind, actor_label="", created_at=asked, finished_at=ended)
    Job.objects.create(kind="issue", actor_label="")
    lines = client.get("/metrics").content.decode().splitlines()
    found = [line for line in lines if line.startswith("lms_job_seconds")]
    assert 'lms_job_seconds_bucket{kind="export",le="1"} 1' in found
    assert 'lms_job_seconds_bucket{kind="issue",le="1"} 0' in found
    assert 'lms_job_seconds_bucket{kind="issue",le="10"} 1' in found
    assert 'lms_job_seconds_bucket{kind="issue",le="+Inf"} 2' in found
    assert 'lms_job_seconds_sum{kind="issue"} 95.0' in found
    assert 'lms_job_seconds_count{kind="issue"} 2' in found


def test_metrics_say_how_long_requests_took_and_how_they_ended(client):
    client.get("/verify/")
    client.get("/people/no-such-person/")
    text = client.get("/metrics").content.decode()
    assert re.search(r'lms_request_seconds_count\{status="2xx",view="verify"\} [1-9]', text)
    assert re.search(r'lms_request_seconds_bucket\{le="\+Inf",status="\dxx",view="\w+"\}', text)
    assert "no-such-person" not in text


def test_metrics_of_all_processes_are_added_where_they_share_a_folder(tmp_path):
    """The library decides when it is imported, so each process is one of its own."""
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "from lms.metrics import request_lines\n"
        "Client().get('/healthz')\n"
        "print(request_lines())"
    )
    shared = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "lms.settings",
        "DEBUG": "1", "ALLOWED_HOSTS": "testserver",
    }  # fmt: skip
    texts = [
        subprocess.run(
            [sys.executable, "-c", program], env=shared, check=True, capture_output=True, text=True
        ).stdout
        for _process in range(2)
    ]
    assert 'lms_request_seconds_count{status="2xx",view="healthz"} 2.0' in texts[1]


@pytest.mark.parametrize(
    ("asking", "status"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, 200),
        ({"REMOTE_ADDR": "203.0.113.7"}, 403),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}, 403),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer of good news"}, 200),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer wrong"}, 403),
    ],
)
def test_metrics_are_for_this_machine_or_for_the_token(client, settings, asking, status):
    settings.METRICS_TOKEN = "of good news"
    assert client.get("/metrics", **asking).status_code == status


def test_an_empty_token_opens_nothing(client, settings):
    settings.METRICS_TOKEN = ""
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.7", HTTP_AUTHORIZATION="Bearer ")
    assert answer.status_code == 403


def test_a_missing_font_subsetter_is_reported_with_its_remedy(monkeypatch):
    monkeypatch.setattr(checks, "FONT_SUBSETTER", "libno-such-thing.so.0")
    (warning,) = checks.font_subsetter_is_installed()
    assert "libharfbuzz-subset0" in str(warning.hint)


def test_the_font_subsetter_is_installed_here():
    assert checks.font_subsetter_is_installed() == []


def test_reading_spreadsheets_without_defusedxml_is_an_error(monkeypatch):
    assert checks.spreadsheets_are_read_safely() == []
    monkeypatch.setenv("OPENPYXL_DEFUSEDXML", "False")
    assert [error.id for error in checks.spreadsheets_are_read_safely()] == ["lms.E001"]


def test_openpyxl_agrees_that_it_is_defused():
    import openpyxl.xml

    assert openpyxl.xml.DEFUSEDXML
