"""Recompute a signed figure from its evidence pack: python3 recompute.py PACK.zip (exit 1: differs)"""

import csv
import hashlib
import json
import sys
import zipfile

pack = zipfile.ZipFile(sys.argv[1])
signed, rule = json.loads(pack.read("report.json")), json.loads(pack.read("rule.json"))
rows = list(csv.DictReader(pack.read("completions.csv").decode().splitlines()))
people = list(csv.DictReader(pack.read("people.csv").decode().splitlines()))
days = {c["code"]: (c["counts_from"], c["counts_to"] or "9999") for c in rule["courses"]}


def counts(row):
    first, last = days.get(row["course"], ("9999", ""))
    lists = (("sectors", "sector"), ("kinds", "kind"), ("evidence_kinds", "evidence"))
    return (
        first <= row["completed_on"] <= min(last, signed["ends_on"])
        and row["sector"]
        and all(not rule[allowed] or row[field] in rule[allowed] for allowed, field in lists)
        and int(row["periods"]) >= rule["minimum_periods"]
        and row["agency"] not in rule["agencies_left_out"]
    )


kept = sorted(filter(counts, rows), key=lambda row: (row["completed_on"], row["recorded_at"]))
first = {row["person"]: row for row in reversed(kept)}
lines = ["|".join(list(person.values())[:5]) for person in people]
assert set(first) == {person["number"] for person in people}, "people.csv names others"
found = {"persons": len(first), "completions": len(kept)}
found["by_sector"] = {s: sum(r["sector"] == s for r in first.values()) for s in signed["by_sector"]}
found["names_sha256"] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
for line in pack.read("SHA256SUMS").decode().splitlines():
    assert hashlib.sha256(pack.read(line[66:])).hexdigest() == line[:64], line[66:]
for key, value in found.items():
    print(f"{key}: signed {signed[key]}, recomputed {value}")
sys.exit(any(signed[key] != value for key, value in found.items()))
