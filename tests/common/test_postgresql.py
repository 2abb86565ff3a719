"""A connection that is kept is looked at before each request, without asking the server."""

import fcntl
import os
import resource

import pytest
from django.db import connection, connections

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="a backend for PostgreSQL"),
]


def test_a_good_connection_is_usable_without_a_question_to_the_server():
    connection.ensure_connection()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connection.connection, "execute", pytest.fail)
        patched.setattr(connection, "cursor", pytest.fail)
        assert connection.is_usable()


def test_a_connection_that_the_server_has_ended_is_replaced():
    other = connections.create_connection("default")
    try:
        other.ensure_connection()
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert not other.is_usable()
    finally:
        other.close()


def test_a_connection_of_a_process_with_many_open_files_is_usable(monkeypatch):
    connection.ensure_connection()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    far = fcntl.fcntl(connection.connection.fileno(), fcntl.F_DUPFD, 1024)
    try:
        monkeypatch.setattr(connection.connection, "fileno", lambda: far)
        assert connection.is_usable()
    finally:
        os.close(far)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
