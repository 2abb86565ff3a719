"""What a site of several machines consists of, each part of which can be killed and started."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from bench.scratch import Postgres
from tests.chaos.disks import Clock, Disk
from tests.redis_server import RedisServer, free_port

WEB_SERVERS, WORKERS = 2, 3


class Program:
    """A process of the site with a log of its own."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        self.name, self._command = name, command
        self._log = (folder / f"{name}.log").open("ab")

    def start(self) -> None:
        self.process = subprocess.Popen(
            self._command, stdout=self._log, stderr=self._log, start_new_session=True
        )

    def kill(self) -> None:
        """With all its children, as when a machine loses its power."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_a_child(self) -> None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        with suppress(ProcessLookupError, IndexError):
            os.kill(int(random.choice(children.split())), signal.SIGKILL)

    def stop(self) -> None:
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=30)
        self.kill()


class Site:
    """Two web servers and three workers behind nginx on PostgreSQL, Redis and S3.

    With ``on_disk`` files lie on a small disk that all of them share, instead of S3.
    """

    def __init__(self, folder: Path, *, on_disk: bool = False) -> None:
        self.folder = folder
        self.disk = Disk(folder) if on_disk else None
        self._clock = Clock(folder)
        self.postgres, self.redis = Postgres(folder), RedisServer(folder)
        self._s3_port, ports = free_port(), [free_port() for _server in range(WEB_SERVERS)]
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        os.environ |= self._settings()
        self.s3 = self._program("s3", "moto.server", "-p", str(self._s3_port))
        self.webs = [
            self._program(
                f"web{number}", "gunicorn", "lms.wsgi", "--bind", f"127.0.0.1:{one}", "--threads",
                "4", "--workers", "2", "--worker-class", "lms.gunicorn_worker.GatheringWorker",
                "--no-control-socket", "--log-level", "error",
            )
            for number, one in enumerate(ports)
        ]  # fmt: skip
        self.workers = [
            Program(f"worker{number}", [sys.executable, "manage.py", "worker"], folder)
            for number in range(WORKERS - 1)
        ]
        self.workers.append(Program("worker-clock", self._clock.command, folder))
        self.nginx = Program("nginx", self._nginx(port, ports), folder)

    def _program(self, name: str, module: str, *arguments: str) -> Program:
        return Program(name, [sys.executable, "-m", module, *arguments], self.folder)

    def _settings(self) -> dict[str, str]:
        return self._common_settings() | (self._on_disk() if self.disk else self._in_s3())

    def _on_disk(self) -> dict[str, str]:
        assert self.disk
        folders = {"MEDIA_ROOT": "media", "AUDIT_HEADS_DIR": "heads", "COMPILED_DESIGNS": "designs"}
        return {name: str(self.disk.path / folder) for name, folder in folders.items()}

    def _in_s3(self) -> dict[str, str]:
        return {
            "S3_BUCKET": "training",
            "S3_ENDPOINT": f"http://127.0.0.1:{self._s3_port}",
            "S3_REGION": "us-east-1",
            "S3_ACCESS_KEY": "key",
            "S3_SECRET_KEY": "secret",
        }

    def _common_settings(self) -> dict[str, str]:
        return {
            "DEBUG": "1",
            "DATABASE_URL": self.postgres.url,
            "QUEUE_URL": self.redis.url,
            "CACHE_URL": self.redis.url.replace("redis:", "rediscache:"),
            "MEDIA_ROOT": str(self.folder / "media"),
            "KEY_FOLDER": str(self.folder / "keys"),
            "AUDIT_HEADS_DIR": str(self.folder / "heads"),
            "COMPILED_DESIGNS": str(self.folder / "designs"),
            "API_CALLS_PER_MINUTE": "1000000",
            "API_CALLS_PER_ADDRESS": "1000000",
            "EMAIL_URL": "smtp://127.0.0.1:9",  # nobody answers there
            "DELIVERY_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "LOG_LEVEL": "WARNING",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }

    def _nginx(self, port: int, ports: list[int]) -> list[str]:
        servers = "".join(f"server 127.0.0.1:{one} max_fails=0; " for one in ports)
        places = "".join(
            f"{kind}_temp_path {kind}; "
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            "daemon off; user root; pid nginx.pid; error_log nginx-errors.log;\n"
            "events {}\n"
            f"http {{ access_log off; {places}\n"
            f"upstream site {{ {servers} }}\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://site; "
            "proxy_set_header Host 127.0.0.1; proxy_set_header X-Forwarded-For $remote_addr; "
            "proxy_next_upstream error timeout; } } }\n"
        )
        return ["nginx", "-p", str(self.folder), "-c", "nginx.conf", "-e", "nginx-errors.log"]

    def start_stores(self) -> None:
        self.postgres.start()
        self.redis.start()
        if not self.disk:
            self.s3.start()

    def start_processes(self) -> None:
        for program in (*self.webs, *self.workers, self.nginx):
            program.start()

    def stop(self) -> None:
        for program in (self.nginx, *self.workers, *self.webs, self.s3):
            if hasattr(program, "process"):
                program.stop()
        self.redis.kill()
        self.postgres.end()
        if self.disk:
            self.disk.unmount()

    def kills(self) -> dict[str, Callable[[], None]]:
        """What can be done to it; each brings back what it killed."""

        def restart(program: Program) -> None:
            program.kill()
            _pause()
            program.start()

        def restart_postgres(how: signal.Signals) -> None:
            self.postgres.end(how)
            _pause()
            self.postgres.start()

        def restart_redis() -> None:
            self.redis.kill()  # it keeps nothing on its disk
            _pause()
            self.redis.start()

        troubles = {"clock jumps": self._clock.jump}
        if self.disk:
            troubles |= {"disk full": self.disk.fill, "disk read-only": self.disk.freeze}
        return troubles | {
            "worker": lambda: restart(random.choice(self.workers)),
            "web process": lambda: random.choice(self.webs).kill_a_child(),
            "web server": lambda: restart(random.choice(self.webs)),
            "PostgreSQL, fast": lambda: restart_postgres(signal.SIGINT),
            "PostgreSQL, immediate": lambda: restart_postgres(signal.SIGQUIT),
            "Redis": restart_redis,
        }


def _pause() -> None:
    time.sleep(random.uniform(0.2, 2))
