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
    server = Postgres(home) if Postgres.is_installed() else None
    if server:
        server.start()
    try:
        yield server.url if server else ""
    finally:
        if server:
            server.end()


class Postgres:
    """A cluster of its own with the settings as installed: a commit reaches the disk."""

    def __init__(self, home: Path) -> None:
        self._programs = self.programs()[-1].parent
        self._data, password = home / "postgres", secrets.token_hex(16)
        self._data.mkdir()
        (self._data / "password").write_text(password)
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._as_user = [
                "setpriv",
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--clear-groups",
            ]
            home.chmod(0o711)
            for path in (self._data, self._data / "password"):
                shutil.chown(path, "postgres", "postgres")
        options = "--pgdata data --username lms --pwfile password --auth scram-sha-256"
        more = "--encoding UTF8 --locale C.UTF-8 --no-sync"
        initdb = [*self._as_user, str(self._programs / "initdb"), *f"{options} {more}".split()]
        subprocess.run(initdb, cwd=self._data, check=True, stdout=subprocess.DEVNULL)
        self._port = free_port()
        self.url = f"postgres://lms:{password}@127.0.0.1:{self._port}/postgres"

    @staticmethod
    def programs() -> list[Path]:
        return sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))

    @classmethod
    def is_installed(cls) -> bool:
        return bool(cls.programs()) and (os.geteuid() != 0 or bool(shutil.which("setpriv")))

    def start(self) -> None:
        settings = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._data,
        }
        given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(
            [*self._as_user, str(self._programs / "postgres"), "-D", "data", *given],
            cwd=self._data,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _wait_for(self._port)

    def end(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """SIGQUIT: at once, as in a crash; SIGINT: fast, transactions are rolled back."""
        self._server.send_signal(how)
        self._server.wait()


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
