"""Take controls away one by one, in a scratch copy of the checkout, and see a test fail.

    script/mutate                     every mutation
    script/mutate --only 'no limit*'  those whose name fits (may be given several times)
    script/mutate --row 3.4.3         those of one row of docs/asvs.md
    script/mutate --changed           those not seen killed since their file or tests changed;
                                      after an interruption this goes on
    script/mutate --list              names and tests, nothing is run

A mutation that no test notices has *survived*: the control has no test, or the code is dead.
Ends with 1 where one survived. What was killed is remembered in var/mutate/killed.json.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from fnmatch import fnmatch
from itertools import count
from pathlib import Path

import django

django.setup()

from tests.mutation.controls import DECLARED  # noqa: E402  # the tables need Django
from tests.mutation.generated import generated  # noqa: E402 - after Django
from tests.mutation.in_place import LONGEST  # noqa: E402 - after Django
from tests.mutation.mutations import ROOT, Mutation  # noqa: E402 - after Django

SCRATCH = ROOT / "var" / "mutate"
TREE = SCRATCH / "tree"
KILLED = SCRATCH / "killed.json"
LONGEST_TOGETHER = 3600
_FAILED, _PASSED = 1, 0  # exit codes of pytest; all others mean that the tests did not run
_written = count(int(time.time()) + 60)  # Python compiles a file again when its time has changed


def main() -> int:
    options = _options()
    killed = json.loads(KILLED.read_text()) if KILLED.exists() else {}
    chosen = [m for m in [*DECLARED, *generated()] if _is_chosen(m, options)]
    if options.changed:
        chosen = [m for m in chosen if killed.get(m.name) != m.fingerprint()]
    if options.list:
        for mutation in chosen:
            say(mutation.name, *mutation.tests, sep="\n    ")
        return 0
    trials = Trials(chosen, killed)
    alone = [mutation for mutation in chosen if not mutation.function]
    _copy_checkout()
    if alone and not options.unproven and not _passes_unchanged(alone):
        return 2
    if not _all_tried_in_place([m for m in chosen if m.function], trials):
        return 2
    for group in _groups(alone):
        started = time.monotonic()
        problems, killer = _try(group)
        took = (time.monotonic() - started) / len(group)
        for mutation in group:
            trials.report(mutation, problems.get(mutation.name, ""), killer, took)
    say(f"{len(chosen)} mutations, {len(trials.survived)} survived", *trials.survived, sep="\n  ")
    return 1 if trials.survived else 0


class Trials:
    """What came of each mutation. What was killed is written down at once."""

    def __init__(self, chosen: list[Mutation], killed: dict[str, str]) -> None:
        self.chosen, self.killed = chosen, killed
        self.tried = 0
        self.survived: list[str] = []

    def report(self, mutation: Mutation, problem: str, killer: str, took: float) -> None:
        self.tried += 1
        if problem:
            self.survived.append(mutation.name)
            self.killed.pop(mutation.name, None)
        else:
            self.killed[mutation.name] = mutation.fingerprint()
        state = f"SURVIVED {problem}" if problem else f"killed by {killer}"
        say(f"{self.tried}/{len(self.chosen)} {took:5.1f} s  {mutation.name}: {state}")
        KILLED.write_text(json.dumps(self.killed, indent=1))


def _all_tried_in_place(chosen: list[Mutation], trials: "Trials") -> bool:
    """Whether a process that loads the copy of the checkout once tried all of them."""
    waiting = {mutation.name: mutation for mutation in chosen}
    command = [".venv/bin/python", "-m", "tests.mutation.in_place", *waiting]
    if chosen:
        with subprocess.Popen(
            command, cwd=TREE, env=_environment(), text=True, stdout=subprocess.PIPE
        ) as run:
            for line in run.stdout or ():
                if line.startswith("["):
                    name, problem, killer, took = json.loads(line)
                    trials.report(waiting.pop(name), problem, killer, took)
                elif line.strip(" .\n"):
                    say(line.rstrip())
    return not waiting


def _groups(chosen: list[Mutation]) -> list[list[Mutation]]:
    """What is tried in one run of pytest, since starting Python again costs most."""
    groups: dict[str, list[Mutation]] = {}
    for mutation in chosen:
        groups.setdefault(mutation.together or mutation.name, []).append(mutation)
    return list(groups.values())


def say(*lines: object, sep: str = " ") -> None:
    sys.stdout.write(sep.join(map(str, lines)) + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/mutate", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--row", action="append", default=[])
    parser.add_argument("--changed", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--unproven", action="store_true", help="do not run the tests unchanged")
    return parser.parse_args()


def _is_chosen(mutation: Mutation, options: argparse.Namespace) -> bool:
    named = not options.only or any(fnmatch(mutation.name, name) for name in options.only)
    return named and (not options.row or not set(options.row).isdisjoint(mutation.rows))


def _copy_checkout() -> None:
    """The files of the checkout as they are now; what is only compiled or reused stays."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout
    wanted = {Path(os.fsdecode(name)) for name in names.split(b"\0") if name}
    for old in TREE.rglob("*.py"):
        if old.relative_to(TREE) not in wanted and ".venv" not in old.parts:
            old.unlink()
    for name in wanted:
        if not (ROOT / name).is_file():
            continue
        (TREE / name).parent.mkdir(parents=True, exist_ok=True)
        if not _is_same(ROOT / name, TREE / name):
            shutil.copy2(ROOT / name, TREE / name)
    for catalogue in ROOT.glob("locale/**/LC_MESSAGES/*.mo"):
        shutil.copy2(catalogue, TREE / catalogue.relative_to(ROOT))
    if not (TREE / ".venv").is_symlink():
        (TREE / ".venv").symlink_to((ROOT / ".venv").resolve())


def _is_same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def _passes_unchanged(chosen: list[Mutation]) -> bool:
    """Whether the tests hold with every control in place: only then does their failing tell."""
    tests = list(dict.fromkeys(test for mutation in chosen for test in mutation.tests))
    started = time.monotonic()
    code, output = _run(tests, [], {}, longest=LONGEST_TOGETHER) if tests else (_PASSED, "")
    say(f"{len(tests)} tests or files with nothing changed: {time.monotonic() - started:.0f} s")
    if code != _PASSED:
        say(output, "These fail by themselves; nothing was mutated.", sep="\n")
    return code == _PASSED


def _try(group: list[Mutation]) -> tuple[dict[str, str], str]:
    """What is wrong with which mutation, and the first test that noticed."""
    sources = {TREE / mutation.file: (TREE / mutation.file).read_text() for mutation in group}
    try:
        for mutation in group:
            file = TREE / mutation.file
            _write(file, mutation.applied_to(file.read_text()))
        code, output = _run_for(group)
    finally:
        for file, source in sources.items():
            _write(file, source)
    if code not in {_FAILED, _PASSED}:
        return dict.fromkeys(_names(group), f"(its tests did not run)\n{output}"), ""
    ends = [line.partition(" ") for line in output.splitlines() if " tests/" in line]
    failed = [
        test.partition(" - ")[0] for state, _space, test in ends if state in {"FAILED", "ERROR"}
    ]
    if group[0].together:
        blind = {m.name: sorted(set(m.tests).difference(failed)) for m in group}
        problems = {
            name: "in\n    " + "\n    ".join(tests) for name, tests in blind.items() if tests
        }
        return problems, "each of its tests"
    if code == _PASSED:
        return dict.fromkeys(_names(group), "all its tests"), ""
    return {}, failed[0] if failed else output


def _names(group: list[Mutation]) -> list[str]:
    return [mutation.name for mutation in group]


def _run_for(group: list[Mutation]) -> tuple[int, str]:
    tests = list(dict.fromkeys(test for mutation in group for test in mutation.tests))
    first = group[0]
    if first.together:
        return _run(tests, [], {}, longest=LONGEST_TOGETHER)
    if not first.new_database:
        return _run(tests, ["-x"], {})
    new_database = {"TEST_DATABASE": str(SCRATCH / "new.sqlite3")}
    return _run(tests, ["-x", "--create-db"], new_database)


def _write(file: Path, text: str) -> None:
    file.write_text(text)
    now = next(_written)
    os.utime(file, (now, now))


def _environment() -> dict[str, str]:
    own = {
        "DEBUG": "1",
        "DATABASE_URL": f"sqlite:///{SCRATCH}/unused.sqlite3",
        "MEDIA_ROOT": str(SCRATCH / "media"),
    }
    return {**os.environ, **own}


def _run(
    tests: list[str], arguments: list[str], environment: dict[str, str], *, longest: int = LONGEST
) -> tuple[int, str]:
    command = [".venv/bin/python", "-m", "pytest", "-q", "-rpfE", "--tb=line", "--reuse-db"]
    command += ["-p", "no:cacheprovider", "-m", "not full", *arguments, *tests]
    reused = {"TEST_DATABASE": str(SCRATCH / "test.sqlite3")}
    try:
        run = subprocess.run(
            command,
            check=False,
            cwd=TREE,
            env={**_environment(), **reused, **environment},
            timeout=longest,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired:
        return _FAILED, "took too long"
    return run.returncode, run.stdout


if __name__ == "__main__":
    sys.exit(main())
