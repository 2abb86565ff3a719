"""What an administrator may switch on: a log of slow queries, and reports of errors to a Sentry."""

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import environ
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

logger = logging.getLogger(__name__)

# Of an error report; all else (request, user, values, breadcrumbs) stays here.
_REPORTED = ("event_id", "timestamp", "platform", "level", "logger", "release", "sdk")
_REPORTED_OF_FRAMES = ("module", "function", "filename", "abs_path", "lineno", "in_app")
_LONGEST = 2_000


def watching_settings(env: environ.Env) -> dict[str, Any]:
    return {
        "SLOW_QUERY_SECONDS": env.float("SLOW_QUERY_SECONDS", default=0),
        "SENTRY_DSN": env.str("SENTRY_DSN", default=""),
    }


def start_watching(wanted: dict[str, Any]) -> None:
    if seconds := wanted["SLOW_QUERY_SECONDS"]:
        connection_created.connect(_watch(seconds), weak=False, dispatch_uid="slow queries")
    if wanted["SENTRY_DSN"]:
        report_errors(wanted["SENTRY_DSN"])


def _watch(seconds: float) -> Callable[..., None]:
    def timed(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            if (took := time.monotonic() - began) >= seconds:
                # Without its values, which name people.
                logger.warning("a query took %.2f s: %s", took, sql[:_LONGEST])

    def watch(connection: BaseDatabaseWrapper, **_about: Any) -> None:
        if timed not in connection.execute_wrappers:  # opened again, it keeps them
            connection.execute_wrappers.append(timed)

    return watch


def report_errors(dsn: str) -> None:
    """Whatever is logged as an error is reported too, from web processes and workers alike."""
    import sentry_sdk
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn,
        default_integrations=False,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR)],
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=_where_alone,
    )


def _where_alone(event: Any, _hint: Any) -> Any:
    """Where it happened, in code: no text that might name a person or let somebody in."""
    reported = {name: event[name] for name in _REPORTED if name in event}
    if _is_template(event):
        reported["logentry"] = {"message": event["logentry"]["message"]}
    if raised := event.get("exception", {}).get("values"):
        reported["exception"] = {"values": [_kind_and_frames(one) for one in raised]}
    return reported


def _is_template(event: Any) -> bool:
    """Whether the values are left out of a message: other people's code may write them into it."""
    entry, (package, *_rest) = event.get("logentry"), event.get("logger", "").split(".")
    is_ours = bool(package) and (Path(__file__).parents[1] / package / "__init__.py").exists()
    return bool(entry) and (is_ours or bool(entry.get("params")))


def _kind_and_frames(raised: dict[str, Any]) -> dict[str, Any]:
    frames = (raised.get("stacktrace") or {}).get("frames", [])
    shown = [{name: one[name] for name in _REPORTED_OF_FRAMES if name in one} for one in frames]
    kind = {name: raised.get(name) for name in ("type", "module")}
    return kind | {"stacktrace": {"frames": shown}}
