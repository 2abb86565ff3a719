"""memory: of one web process before and after 20,000 requests of pages in turn.

The server and the programme are those of ``bench.load`` (2,000 people); a tenth as many requests
go before, so that what is remembered from then on is there.
"""

import argparse
import json
import os
import shutil
import sys

from bench.load import Server, filled_site, growth

PEOPLE = 2_000


def measure(requests: int) -> dict[str, float]:
    with filled_site(PEOPLE) as (environment, cookie):
        site = Server("site", environment)
        try:
            grown = growth(site, cookie, requests)
            return {"after / before": grown, "after, MB": site.memory_kb() / 1024}
        finally:
            site.stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1,000 requests")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        print("memory: wrk is missing: script/setup --full installs it", file=sys.stderr)
        return 0
    found = measure(1_000 if options.quick else 20_000)
    for name, value in found.items():
        print(f"{name:<20} {value:8.3f}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    if options.json:
        print(json.dumps({"bench": "memory", "figures": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
