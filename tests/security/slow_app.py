"""A site of one line, served by the worker of the real one (test_slow_senders)."""

from collections.abc import Callable, Iterable
from typing import Any

from lms import gunicorn_worker

# The test should not last as long as a slow sender may.
gunicorn_worker._SECONDS_TO_BEGIN = 1  # type: ignore[misc]
gunicorn_worker._SECONDS_TO_GATHER = 3  # type: ignore[misc]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Says how long the body was; ``/unread`` does not look at it, ``/large`` says much."""
    said = b"unread"
    try:
        if environ["PATH_INFO"] != "/unread":
            said = b"%d" % len(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    except TimeoutError:
        said = b"too slow"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", f"{len(said)}")])
    return [said]
