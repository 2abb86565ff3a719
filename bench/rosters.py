"""rosters: our export and import against django-import-export's defaults on the same rows.

Every measurement is a process of its own on a copy of one scratch SQLite database, variants in
turn, so that peak memory is that of one action. Speed is processor time. Ours take seconds, theirs
minutes, within which a shared machine changes its speed: ours are measured twice before and twice
after each of theirs, and their mean is compared. Ratios are medians of these pairs. Exports write
the same 14 columns of enrollments; the openpyxl variant gives its cells our formats. Imports take
the same workbook: half its people are known by their number and have a new position, half are new.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

EXPORTS = ("export_ours", "export_openpyxl", "export_import_export")
IMPORTS = ("import_ours", "import_whole_way", "import_import_export")
_MANY = 10_000
_OURS = ("export_ours", "import_ours", "import_whole_way")


def main() -> int:
    options = _options()
    if options.action:
        action = getattr(import_module(_ACTIONS[options.action]), options.action)
        print(json.dumps(action(options.rows, Path(options.folder))))
        return 0
    sizes = {"exported": 3_000, "imported": 1_200} if options.quick else {}
    exported = options.rows or sizes.get("exported", 100_000)
    imported = options.rows or sizes.get("imported", 100_000)
    rounds = options.rounds or (1 if options.quick else 3)
    with tempfile.TemporaryDirectory(prefix="lms-bench.") as folder:
        _action("prepare", exported, Path(folder))
        out = _in_turn(EXPORTS, exported, Path(folder), rounds)
        small = _action("export_ours", max(1, exported // 10), Path(folder))
        _action("write_roster", imported, Path(folder))
        into = _in_turn(IMPORTS, imported, Path(folder), rounds)
        preview = _action("preview", 0, Path(folder))
        sample = _action("sample", 0, Path(folder))
    ratios, figures = _compare(out, into, small)
    figures |= {
        "exported_rows": exported,
        "imported_rows": imported,
        "preview_5000_rows_s": preview["wall"],
        "sample_rows_per_s": sample["rows"] / sample["cpu"],
        "sample_peak_mb": sample["peak"],
    }
    answer = {
        "bench": "rosters",
        "ratios": {name: round(value, 2) for name, value in ratios.items()},
        "figures": {name: round(value, 3) for name, value in figures.items()},
    }
    _print(answer)
    if options.json:
        print(json.dumps(answer))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, within 40 seconds")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    parser.add_argument("--rows", type=int, default=0, help="how many rows instead of 100,000")
    parser.add_argument("--rounds", type=int, default=0, help="how often, in turn, instead of 3")
    parser.add_argument("--action", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser.parse_args()


Measured = dict[str, list[dict[str, float]]]


def _in_turn(names: tuple[str, ...], rows: int, folder: Path, rounds: int) -> Measured:
    found: Measured = {name: [] for name in names}
    ours, theirs = [n for n in names if n in _OURS], [n for n in names if n not in _OURS]
    around = ours if rows < _MANY else ours * 2
    for _round in range(rounds):
        round_of = {name: list[dict[str, float]]() for name in names}
        for name in (*around, *theirs, *around):
            round_of[name].append(one := _action(name, rows, folder))
            print(f"rosters  {name:21s} {rows:7d} rows  {_as_line(one)}", flush=True)
        for name, measured in round_of.items():
            found[name].append(_mean(measured))
    return found


def _mean(measured: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.fmean(one[key] for one in measured) for key in measured[0]}


def _action(name: str, rows: int, folder: Path) -> dict[str, float]:
    """A new process for each action, since Django takes its database at start."""
    source, scratch = folder / "rosters.sqlite3", folder / "scratch.sqlite3"
    if name != "prepare":
        scratch.unlink(missing_ok=True)
        shutil.copy(source, scratch)
    database = source if name == "prepare" else scratch
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "MEDIA_ROOT": str(folder / "media"),
        "DEBUG": "1",
        "LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-m", "bench.rosters", "--action", name]
    command += ["--rows", str(rows), "--folder", str(folder)]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _as_line(one: dict[str, float]) -> str:
    first = f"  first byte {1000 * one['first']:.0f} ms" if "first" in one else ""
    return (
        f"{one['cpu']:7.2f} s processor  {one['wall']:7.2f} s wall"
        f"  {one['rows'] / one['cpu']:7.0f} rows/s  {one['peak']:4.0f} MB{first}"
    )


def _compare(
    out: Measured, into: Measured, small: dict[str, float]
) -> tuple[dict[str, float], dict[str, float]]:
    ours, theirs = out["export_ours"], out["export_import_export"]
    ratios = {
        "export_vs_import_export": _ratio(theirs, ours),
        "export_vs_openpyxl": _ratio(out["export_openpyxl"], ours),
        "export_memory_vs_import_export": _ratio(theirs, ours, "peak"),
        "first_byte_vs_import_export": statistics.median(
            b["wall"] / a["first"] for a, b in zip(ours, theirs, strict=True)
        ),
        "import_vs_import_export": _ratio(into["import_import_export"], into["import_ours"]),
        "import_whole_way_vs_import_export": _ratio(
            into["import_import_export"], into["import_whole_way"]
        ),
    }
    figures = {
        "export_rows_per_s": _speed(ours),
        "export_peak_mb": max(a["peak"] for a in ours),
        "export_peak_mb_above_a_tenth_of_the_rows": max(a["peak"] for a in ours) - small["peak"],
        "import_export_export_peak_mb": max(a["peak"] for a in theirs),
        "first_byte_ms": 1000 * statistics.median(a["first"] for a in ours),
        "import_rows_per_s": _speed(into["import_ours"]),
        "import_whole_way_rows_per_s": _speed(into["import_whole_way"]),
        "import_peak_mb": max(one["peak"] for name in IMPORTS[:2] for one in into[name]),
        "import_export_import_peak_mb": max(a["peak"] for a in into["import_import_export"]),
    }
    return ratios, figures


def _speed(found: list[dict[str, float]]) -> float:
    return statistics.median(one["rows"] / one["cpu"] for one in found)


def _ratio(theirs: list[dict[str, float]], ours: list[dict[str, float]], of: str = "cpu") -> float:
    return statistics.median(b[of] / a[of] for a, b in zip(ours, theirs, strict=True))


def _print(answer: dict[str, Any]) -> None:
    for kind in ("ratios", "figures"):
        for name, value in answer[kind].items():
            print(f"rosters  {name:42s} {value:10.2f}{' x' if kind == 'ratios' else ''}")


# Name → where it is done; imported in the process that does it, which has the database.
_ACTIONS = {
    "prepare": "bench.rosters_shared",
    "export_ours": "bench.rosters_export",
    "export_openpyxl": "bench.rosters_export",
    "export_import_export": "bench.rosters_export",
    "write_roster": "bench.rosters_import",
    "import_ours": "bench.rosters_import",
    "import_whole_way": "bench.rosters_import",
    "import_import_export": "bench.rosters_import",
    "preview": "bench.rosters_import",
    "sample": "bench.rosters_import",
}

if __name__ == "__main__":
    sys.exit(main())
