"""forecast: how often the stated ranges hold the truth, over histories of many kinds.

Each history is forty quarters of one kind: even, lumpy, growing, declining, seasonal, drifting,
with sudden changes. From every quarter's end on, with nothing but what was known then (all, or only
a part of the last two quarters where results are entered late), the total of one to four quarters
later is asked. The ranges are stated to hold the truth in 80 to 95 % of all questions.
"""

import argparse
import json
import math
import os
import random
from collections.abc import Callable, Iterator

QUARTERS, FULL, QUICK = 24, 40, 6
Kind = Callable[[random.Random, int], float]


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    os.environ.setdefault("DEBUG", "1")
    import django

    django.setup()
    from targets.progress.ranges import back_test

    options = _options()
    rng = random.Random(699)
    ratios: dict[str, list[int]] = {}
    held = asked = 0
    for name, news in histories(rng, QUICK if options.quick else FULL):
        for late in (1.0, 0.7, 0.4):
            questions = back_test(list(known(rng, news, late)))
            one = sum(question.held for question in questions)
            total = ratios.setdefault(name, [0, 0])
            total[0], total[1] = total[0] + one, total[1] + len(questions)
            held, asked = held + one, asked + len(questions)
    shares = {f"held_{name}": round(one / of, 3) for name, (one, of) in ratios.items()}
    shares["held"] = round(held / asked, 3)
    for name, share in shares.items():
        print(f"forecast  {name:20s} {share:8.1%}")
    print(f"forecast  {'questions':20s} {asked:8d}")
    if options.json:
        print(json.dumps({"bench": "forecast", "ratios": shares, "figures": {"questions": asked}}))
    return 0 if 0.8 <= shares["held"] <= 0.95 else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer histories")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    return parser.parse_args()


def histories(rng: random.Random, times: int) -> Iterator[tuple[str, list[int]]]:
    for _time in range(times):
        for name, mean in KINDS.items():
            yield name, [_people(rng, mean(rng, quarter)) for quarter in range(QUARTERS)]
        drift = 30.0
        news = []
        for _quarter in range(QUARTERS):
            drift = max(3.0, drift * math.exp(rng.gauss(0, 0.25)))
            news.append(_people(rng, drift))
        yield "drifting", news


KINDS: dict[str, Kind] = {
    "few": lambda _rng, _n: 5,
    "many": lambda _rng, _n: 40,
    "lumpy": lambda rng, _n: sum(rng.randint(12, 30) for _one in range(_people(rng, 1.5))),
    "growing": lambda _rng, n: 5 + 1.5 * n,
    "declining": lambda _rng, n: max(2, 80 - 2 * n),
    "seasonal": lambda _rng, n: 40 * (0.3, 1, 0.6, 2.1)[n % 4],
    "sudden": lambda _rng, n: 20 if n // 8 % 2 else 50,
    "uneven": lambda rng, _n: rng.gammavariate(2, 15),
}


def _people(rng: random.Random, mean: float) -> int:
    """Drawn from a Poisson distribution."""
    if mean > 60:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, found, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        found, product = found + 1, product * rng.random()
    return found


def known(rng: random.Random, news: list[int], late: float) -> Iterator[tuple[int, ...]]:
    """The series as known at the end of each quarter, and at last the whole truth."""
    for end in range(1, len(news)):
        known = list(news[:end])
        share = min(1.0, max(0.2, rng.gauss(late, 0.1 if late < 1 else 0)))
        known[-1] = round(known[-1] * share)
        if end > 1:
            known[-2] = round(known[-2] * (1 + late) / 2)
        yield tuple(known)
    yield tuple(news)


if __name__ == "__main__":
    raise SystemExit(main())
