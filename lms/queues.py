"""The queue of jobs: in the database, or in a Redis that QUEUE_URL names."""

from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

import environ

# Nobody waits longer for a queue that has stopped to answer.
SECONDS = 3


class QueueSettings(NamedTuple):
    tasks: dict[str, Any]
    rq_queues: dict[str, Any]
    apps: list[str]


def queue_settings(env: environ.Env) -> QueueSettings:
    url = env.str("QUEUE_URL", default="")
    backend = "django_tasks_rq.RQBackend" if url else "django_tasks_db.DatabaseBackend"
    tasks = {"default": {"BACKEND": env.str("TASKS_BACKEND", default=backend)}}
    if not url:
        return QueueSettings(tasks, {}, [])
    # JSON: who can write to Redis must not run code in a worker, as with pickles.
    queue = {"URL": _with_limits(url), "SERIALIZER": "rq.serializers.JSONSerializer"}
    return QueueSettings(tasks, {"default": queue}, ["django_rq"])


def _with_limits(url: str) -> str:
    parts = urlsplit(url)
    limits = {"socket_timeout": str(SECONDS), "socket_connect_timeout": str(SECONDS)}
    return parts._replace(query=urlencode(limits | dict(parse_qsl(parts.query)))).geturl()
