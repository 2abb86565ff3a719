"""certificate_job: whole classes issued by real processes, from numbers to stored rows.

Two warm workers issue 1,000 signed certificates as a job, compiled and (fewer) rendered, in one
database: CPU per certificate, and memory. 61 are issued by command, its start taken off.
``first_vs_naive`` is one process that makes the first 1,000 of a new design, compiling included,
against ``HTML(string).write_pdf()``. ``--batch=10000`` issues so many while somebody asks a site of
one process. On SQLite; CPU is that of processes and their children.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.certificates import World, first_of_a_new_design
from bench.load import Server

ROOT = Path(__file__).resolve().parent.parent
REHEARSAL = "tests/certificates/rehearsal.py"
BY_COMMAND = 61
ASKED_MEANWHILE = ("/", "/verify/", "/sign-in/login/")
SECONDS_BETWEEN_CALLS = 0.1


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench certificate_job")
    parser.add_argument("--quick", action="store_true", help="100 and 20 certificates")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--batch", type=int, default=0, help="this alone: so many in one batch")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
            "MEDIA_ROOT": str(Path(folder) / "media"),
            "KEY_FOLDER": str(Path(folder) / "keys"),
            "DEBUG": "1",
            "LOG_LEVEL": "ERROR",
        }
        _run("manage.py", "migrate", "-v0")
        sizes = (100, 20) if options.quick else (1_000, 100)
        answer = _asked_meanwhile(options.batch) if options.batch else measure(*sizes)
    for name, value in (answer["ratios"] | answer["figures"]).items():
        print(f"{name}: {value}")
    if options.json:
        print(json.dumps({"bench": "certificate_job"} | answer))
    return 0


def measure(size: int, fewer: int) -> dict[str, Any]:
    """``{"ratios", "figures"}``."""
    naive, first = _first(size)  # before anything is compiled
    rendered, compiled = _issued(fewer, "rendered"), _issued(size, "compiled")
    rendered_ms, compiled_ms = (
        1000 * one["cpu"] / one["certificates"] for one in (rendered, compiled)
    )
    merging_ms = 1000 * compiled["cpu_of_merging"] / size
    start, issued = _by_command()
    ratios = {
        "job_vs_rendered": round(rendered_ms / compiled_ms, 1),
        "job_and_merging_vs_rendered": round(rendered_ms / (compiled_ms + merging_ms), 1),
        "first_vs_naive": round(naive / first, 1),
    }
    figures = {
        "rendered_ms": round(rendered_ms, 2),
        "compiled_ms": round(compiled_ms, 2),
        "merging_ms": round(merging_ms, 2),
        "job_seconds": round(compiled["seconds"], 1),
        "worker_mb": [compiled["early_mb"], compiled["late_mb"]],
        "memory_growth_percent": round(100 * compiled["growth"], 1),
        "command_start_cpu_seconds": round(start, 2),
        "command_cpu_seconds_beyond_start": round(issued - start, 2),
        "naive_ms": round(naive, 1),
        "first_ms_with_compiling": round(first, 1),
        "load_1_minute": round(os.getloadavg()[0], 1),
    }
    return {"ratios": ratios, "figures": figures}


def _issued(size: int, way: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run(REHEARSAL, "measure", str(size), way))
    return found


def _run(*arguments: str) -> str:
    program = [sys.executable, *arguments]
    return subprocess.run(program, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def _first(count: int) -> tuple[float, float]:
    """Milliseconds of CPU a file: as documentation has it, and ours from an empty folder on."""
    import django

    django.setup()
    world = World()
    first, naive = first_of_a_new_design(world, count), []
    for number in range(10):
        begun = time.process_time()
        world.naive(number)
        naive.append(time.process_time() - begun)
    return 1000 * statistics.median(naive[1:]), 1000 * first


def _by_command() -> tuple[float, float]:
    """CPU seconds of ``issue_certificates`` with nothing to issue, and for a class."""
    code = _run(REHEARSAL, "fill", str(BY_COMMAND)).strip('"')
    spent = []
    for _time in range(2):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _run("manage.py", "issue_certificates", "--run", code)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    issued, start = spent
    return start, issued


def _asked_meanwhile(size: int) -> dict[str, Any]:
    """What somebody waits who asks page after page while a large class is issued."""
    site = Server("site", dict(os.environ))
    waits: list[float] = []
    failed = 0
    try:
        batch = subprocess.Popen(
            [sys.executable, REHEARSAL, "measure", str(size)], cwd=ROOT, stdout=subprocess.PIPE
        )
        with batch:
            for path in cycle(ASKED_MEANWHILE):
                begun = time.monotonic()
                failed += not _answers(f"http://127.0.0.1:{site.port}{path}")
                waits.append(time.monotonic() - begun)
                if batch.poll() is not None:
                    break
                time.sleep(SECONDS_BETWEEN_CALLS)
            assert batch.stdout
            issued = json.loads(batch.stdout.read())
    finally:
        site.stop()
    waits.sort()
    figures = {
        "certificates": issued["certificates"],
        "job_seconds": round(issued["seconds"], 1),
        "worker_mb": [issued["early_mb"], issued["late_mb"]],
        "answers": len(waits),
        "failed": failed,
        "median_ms": round(1000 * statistics.median(waits), 1),
        "p99_ms": round(1000 * waits[len(waits) * 99 // 100], 1),
        "longest_ms": round(1000 * waits[-1], 1),
        "load_1_minute": round(os.getloadavg()[0], 1),
    }
    return {"ratios": {}, "figures": figures}


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own site
            return bool(answer.status == 200 and answer.read())
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
