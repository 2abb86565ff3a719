"""hostile: twelve bombs uploaded at once by strangers, against a server as script/server starts it.

Measured while they are read: how long ``/healthz`` takes, how much the memory of the site's
processes grows (RSS of the server, its workers, fork servers and children, added up, so that what
they share counts several times; and PSS, where it counts once), and how long each sender waits for
a sentence. Nothing is compared: the figures have limits of their own.
"""

import argparse
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.security import bombs

BOMBS = (
    "nested form fields", "flate bomb", "nested arrays", "wide page tree", "object stream bomb",
    "attached bomb", "nested dictionaries", "field cycle", "nested form fields", "flate bomb",
    "nested arrays", "unclosed arrays",
)  # fmt: skip
_WORKER = "lms.gunicorn_worker.GatheringWorker"
MOST_MB, MOST_HEALTH_S, MOST_UPLOAD_S = 300, 2, 15
_BOUNDARY = "bomb-boundary"
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')
_SENTENCE = re.compile(r'(?s)class="errors?\b|errorlist|class="lead"|class="verdict')


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder, _site(Path(folder)) as site:
        figures = measure(*site)
    within = {
        "healthz_most_s": MOST_HEALTH_S,
        "memory_growth_mb": MOST_MB,
        "upload_most_s": MOST_UPLOAD_S,
    }
    for name, value in figures.items():
        limit = f"  (at most {within[name]})" if name in within else ""
        print(f"hostile  {name:28s} {value:10.2f}{limit}")
    if options.json:
        print(json.dumps({"bench": "hostile", "ratios": {}, "figures": figures}))
    within_limits = all(figures[name] <= most for name, most in within.items())
    return 0 if within_limits and figures["without_a_sentence"] == 0 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same: it takes half a minute")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser.parse_args()


@contextmanager
def _site(folder: Path) -> Iterator[tuple[int, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "DEBUG": "1",
        "PORT": str(port),
        "LOG_LEVEL": "ERROR",
        "WEB_THREADS": "4",
    }
    manage = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(manage, env=environment, check=True)
    command = [sys.executable, "-m", "gunicorn", "lms.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "2", "--worker-class", _WORKER, "--threads", "4"]
    command += ["--graceful-timeout", "15", "--timeout", "60", "--no-control-socket"]
    with subprocess.Popen([*command, "--log-level", "warning"], env=environment) as server:
        try:
            _wait_for(port)
            yield server.pid, port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _try in range(300):
        with suppress(OSError):
            for _worker in range(8):  # both workers have loaded the site
                _get(port, "/verify/")
            return
        time.sleep(0.2)
    raise RuntimeError("the server did not start")


def measure(server: int, port: int) -> dict[str, float]:
    """Figures while twelve visitors send their files at the same moment."""
    files = [bombs.PDFS[name]() for name in BOMBS]
    before, over = _memory(server), threading.Event()
    waits: list[float] = []
    peaks = [before]
    watchers = [
        threading.Thread(target=_watch_health, args=(port, waits, over)),
        threading.Thread(target=_watch_memory, args=(server, peaks, over)),
    ]
    answers: list[tuple[int, float, bool]] = []
    senders = [threading.Thread(target=_send, args=(port, one, answers)) for one in files]
    for thread in (*watchers, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    over.set()
    for thread in watchers:
        thread.join()
    statuses = [status for status, _seconds, _said in answers]
    return {
        "healthz_most_s": max(waits),
        "healthz_asked": len(waits),
        "memory_before_mb": before[0],
        "memory_growth_mb": max(rss for rss, _pss in peaks) - before[0],
        "memory_growth_pss_mb": max(pss for _rss, pss in peaks) - before[1],
        "upload_most_s": max(seconds for _status, seconds, _said in answers),
        "without_a_sentence": sum(not said for _status, _seconds, said in answers),
        "refused_503": statuses.count(503),
        "refused_400": statuses.count(400),
        "answered_200": statuses.count(200),
    }


def _get(port: int, path: str) -> tuple[Any, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def _send(port: int, content: bytes, answers: list[tuple[int, float, bool]]) -> None:
    page, html = _get(port, "/verify/")
    found = _TOKEN.search(html)
    assert found is not None
    cookie = str(page.getheader("Set-Cookie", "")).partition(";")[0]
    parts = (
        f"--{_BOUNDARY}\r\nContent-Disposition: form-data; name=csrfmiddlewaretoken\r\n\r\n"
        f"{found[1].decode()}\r\n--{_BOUNDARY}\r\nContent-Disposition: form-data; name=file; "
        "filename=a.pdf\r\nContent-Type: application/pdf\r\n\r\n"
    )
    body = parts.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    headers = {"Cookie": cookie, "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/verify/", body, headers)
    answer = connection.getresponse()
    said = bool(_SENTENCE.search(answer.read().decode("utf-8", "replace")))
    answers.append((answer.status, time.monotonic() - started, said and answer.status != 500))
    connection.close()


def _watch_health(port: int, waits: list[float], over: threading.Event) -> None:
    while not over.wait(0.1):
        started = time.monotonic()
        _get(port, "/healthz")
        waits.append(time.monotonic() - started)


def _watch_memory(server: int, peaks: list[tuple[float, float]], over: threading.Event) -> None:
    while not over.wait(0.1):
        peaks.append(_memory(server))


def _memory(server: int) -> tuple[float, float]:
    """RSS and PSS of the server and all that descends from it, in MB."""
    rss = pss = 0
    for pid in _family(server):
        with suppress(OSError):
            rss += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf(
                "SC_PAGE_SIZE"
            )
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            pss += int(rollup.partition("Pss:")[2].split()[0]) * 1024
    return rss / 1e6, pss / 1e6


def _family(server: int) -> set[int]:
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(stat[1])
    family = {server}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


if __name__ == "__main__":
    sys.exit(main())
