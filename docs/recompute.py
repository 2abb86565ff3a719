"""Recompute a signed figure from its evidence pack: python3 recompute.py PACK.zip (exit 1: differs)"""

import csv
import json
import sys
import zipfile
from hashlib import sha256

pack = zipfile.ZipFile(sys.argv[1])
for line in pack.read("SHA256SUMS").decode().splitlines():
    assert sha256(pack.read(line[66:])).hexdigest() == line[:64], line[66:]
signed, rule = json.loads(pack.read("report.json")), json.loads(pack.read("rule.json"))
rows = list(csv.DictReader(pack.read("completions.csv").decode().splitlines()))
people = list(csv.DictReader(pack.read("people.csv").decode().splitlines()))
days = {c["code"]: (c["counts_from"], c["counts_to"] or "9999") for c in rule["courses"]}
lists = (("sectors", "sector"), ("kinds", "kind"), ("evidence_kinds", "evidence"))
counted, first = [], {}
for row in sorted(rows, key=lambda row: (row["completed_on"], row["recorded_at"])):
    since, until = days.get(row["course"], ("9999", ""))
    if (
        since <= row["completed_on"] <= min(until, signed["ends_on"])
        and row["sector"]
        and all(not rule[allowed] or row[field] in rule[allowed] for allowed, field in lists)
        and int(row["periods"]) >= rule["minimum_periods"]
        and row["agency"] not in rule["agencies_left_out"]
    ):
        counted.append(row)
        first.setdefault(row["person"], row)
for one in people:  # listed by the first completion; a name in clear must fit its commitment
    listed = [first[one["number"]][key] for key in ("completed_on", "course", "agency")]
    assert listed == [one["since"], one["course"], one["agency"]], one["number"]
    name = "|".join(one.get(key, "") for key in ("salt", "code", "full_name", "birth")).encode()
    assert "salt" not in one or sha256(name).hexdigest() == one["commitment"], one["full_name"]
lines = ["|".join(list(one.values())[:5]) for one in people]
found = {"persons": len(first), "completions": len(counted)}
found["by_sector"] = {s: sum(r["sector"] == s for r in first.values()) for s in signed["by_sector"]}
found["names_sha256"] = sha256("\n".join(lines).encode()).hexdigest()
for key, value in found.items():
    print(f"{key}: signed {signed[key]}, recomputed {value}")
sys.exit(any(signed[key] != value for key, value in found.items()))
