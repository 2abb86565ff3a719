"""Scratch databases for benchmarks, on every engine that this machine has."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Engine → DATABASE_URL, each empty: SQLite always, PostgreSQL where it is installed."""
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        home = Path(folder)
        urls = {"sqlite": f"sqlite:///{home / 'bench.sqlite3'}"}
        with _postgres(home) as url:
            if url:
                urls["postgresql"] = url
            yield urls


@contextmanager
def _postgres(home: Path) -> Iterator[str]:
    """A cluster of its own with the settings as installed: a commit reaches the disk."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs or (os.geteuid() == 0 and not shutil.which("setpriv")):
        yield ""
        return
    folder = programs[-1].parent
    data, password = home / "postgres", secrets.token_hex(16)
    data.mkdir()
    (data / "password").write_text(password)
    as_user: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        as_user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
        home.chmod(0o711)
        for path in (data, data / "password"):
            shutil.chown(path, "postgres", "postgres")
    options = "--username lms --pwfile password --auth scram-sha-256 --encoding UTF8 --no-sync"
    subprocess.run(
        [
            *as_user,
            str(folder / "initdb"),
            "--pgdata",
            "data",
            "--locale",
            "C.UTF-8",
            *options.split(),
        ],
        cwd=data,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    port = free_port()
    server = subprocess.Popen(
        [
            *as_user,
            str(folder / "postgres"),
            "-D",
            "data",
            "-c",
            f"port={port}",
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"unix_socket_directories={data}",
        ],
        cwd=data,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"postgres://lms:{password}@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait_for(port: int) -> None:
    for _attempt in range(150):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            time.sleep(0.3)  # it listens a moment before it answers
            return
        time.sleep(0.1)
    raise RuntimeError("the scratch PostgreSQL did not start")
