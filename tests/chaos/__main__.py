"""Two web servers and three workers under kills: what of mixed work is lost, doubled or stuck."""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.chaos.machines import Site


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/chaos", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=10)
    parser.add_argument("--kills", type=int, default=100, help="spread over the time")
    parser.add_argument("--disk", action="store_true", help="files on a disk that fills (root)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lms-chaos.") as folder:
        Path(folder).chmod(0o755)
        site = Site(Path(folder), on_disk=options.disk)
        try:
            return _run(site, options.minutes * 60, options.kills)
        finally:
            site.stop()


def _run(site: Site, seconds: float, kills: int) -> int:
    site.start_stores()
    os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"
    import django

    django.setup()
    from django.core.files.storage import default_storage
    from django.core.management import call_command

    from tests.chaos import work as working

    if not site.disk:
        default_storage.connection.create_bucket(Bucket=os.environ["S3_BUCKET"])  # type: ignore[attr-defined]  # of the S3 storage
    call_command("migrate", verbosity=0)
    work = working.Work(site)
    site.start_processes()
    work.start()
    done = _kill(site, seconds, kills)
    _say(f"killed: {dict(done)}")
    work.stop()
    idle_after = working.wait_until_idle()
    if resumed := working.resume(work):
        working.wait_until_idle()
    found = working.problems(work)
    _say(f"answers: {dict(sorted(work.answers.items()))}")
    _say(
        f"{len(work.entered)} people entered, {len(work.batches)} classes issued, "
        f"idle {idle_after:.0f} s after the last kill, resumed by hand: {resumed}, "
        f"load {os.getloadavg()[0]:.1f}"
    )
    _say("\n".join(found) or "nothing lost, doubled or stuck")
    return bool(found)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _kill(site: Site, seconds: float, kills: int) -> Counter[str]:
    done: Counter[str] = Counter()
    ways = site.kills()
    began = time.monotonic()
    for number in range(1, kills + 1):
        time.sleep(max(0, began + seconds * number / kills - time.monotonic()))
        # Each in its turn at first, so that a short run has seen all.
        name = list(ways)[number - 1] if number <= len(ways) else random.choice(list(ways))
        ways[name]()
        done[name] += 1
    return done


if __name__ == "__main__":
    sys.exit(main())
