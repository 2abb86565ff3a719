"""Check a signed figure against its evidence pack: what was signed, and that it follows.

    python3 recompute.py PACK.zip --printed HASH
    python3 recompute.py PACK.zip [--pdf REPORT.pdf] --signer FINGERPRINT [--signer ...]

HASH is the pack's SHA-256 as the report prints it, typed from the paper. Else it is taken from
the signed PDF (the one in the pack, where none is named), once pdfsig has verified its signatures:
each must be by a certificate whose SHA-256 fingerprint is named with --signer, in hexadecimal or
as a file (PEM or DER). Ask the office for it: a pack cannot vouch for its own signer.

Standard library and poppler-utils. Exit 0: all holds; 1: refused, with why; 2: wrong arguments.
"""

import argparse
import base64
import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter, defaultdict
from datetime import datetime
from hashlib import sha256
from pathlib import Path

SIGNED = {
    "README.txt", "report.json", "rule.json", "completions.csv", "people.csv", "agencies.csv",
    "adjustments.csv", "completion-changes.csv",
}  # fmt: skip
WHERE_THERE_IS_ONE = {"previous.csv", "audit-head.json"}
BESIDE = {"SHA256SUMS", "names.csv", "report.pdf"}
HASH = re.compile(r"[0-9a-f]{64}")
PRINTED = re.compile(r"(?:gói|bộ) minh chứng:?\s+((?:[0-9a-f]{4}\s+){15}[0-9a-f]{4})(?![0-9a-f])")


class RefusedError(Exception):
    pass


def require(holds, message):
    if not holds:
        raise RefusedError(message)


def same(what, signed, found):
    require(signed == found, f"{what}: signed {signed}, recomputed {found}")


def read_pack(path):
    try:
        pack = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise RefusedError(f"{path}: {error}") from None
    names = pack.namelist()
    twice = [name for name, count in Counter(names).items() if count > 1]
    require(not twice, f"in the pack more than once: {', '.join(twice)}")
    strange = set(names) - SIGNED - WHERE_THERE_IS_ONE - BESIDE
    require(not strange, f"not part of a pack: {', '.join(sorted(strange))}")
    missing = (SIGNED | {"SHA256SUMS"}) - set(names)
    require(not missing, f"missing from the pack: {', '.join(sorted(missing))}")
    require(sum(one.file_size for one in pack.infolist()) < 1e9, "the pack is too large")
    return {name: pack.read(name) for name in names}


def check_sums(files):
    lines = files["SHA256SUMS"].decode("utf-8").splitlines()
    listed = {}
    for line in lines:
        found = re.fullmatch(r"([0-9a-f]{64})  ([A-Za-z0-9.-]+)", line)
        require(found, f"SHA256SUMS: not a checksum: {line[:80]!r}")
        require(found[2] not in listed, f"SHA256SUMS lists {found[2]} twice")
        listed[found[2]] = found[1]
    covered = set(files) - BESIDE
    require(set(listed) == covered, f"SHA256SUMS must list exactly {', '.join(sorted(covered))}")
    for name, expected in listed.items():
        require(sha256(files[name]).hexdigest() == expected, f"{name} is not what was signed")
    return sha256(files["SHA256SUMS"]).hexdigest()


def table(files, name):
    rows = list(csv.DictReader(io.StringIO(files[name].decode("utf-8"), newline=""), strict=True))
    require(all(None not in row and None not in row.values() for row in rows), f"{name}: torn rows")
    return rows


def run(*command, **options):
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=120, **options)
        return done.stdout.decode("utf-8", "replace")
    except FileNotFoundError:
        raise RefusedError(f"{command[0]} is missing: install poppler-utils") from None


def printed_in(pdf, signers):
    """The hash printed in a PDF whose every signature pdfsig finds valid, by one of the signers."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "report.pdf")
        path.write_bytes(pdf)
        seen = run("pdfsig", "-nocert", str(path))
        count = len(re.findall(r"^Signature #\d+:", seen, re.MULTILINE))
        require(count, "report.pdf is not signed")
        valid = seen.count("- Signature Validation: Signature is Valid.")
        require(valid == count, f"report.pdf: pdfsig finds {count - valid} signature(s) not valid")
        last = seen[seen.rindex("Signature #") :]
        require("Total document signed" in last, "report.pdf was changed after it was signed")
        run("pdfsig", "-nocert", "-dump", str(path), cwd=folder)
        found = [signer_of(Path(folder, f"report.pdf.sig{n}").read_bytes()) for n in range(count)]
        text = run("pdftotext", str(path), "-")
    for fingerprint, common_name in zip(found, re.findall(r"Common Name: (.*)", seen), strict=True):
        print(f"signed by {common_name}, certificate {fingerprint}")
        wrong = f"report.pdf is signed by {common_name}, who is not the signer that you named"
        require(signers is None or fingerprint in signers, wrong)
    hashes = {re.sub(r"\s", "", one) for one in PRINTED.findall(text)}
    require(len(hashes) == 1, "report.pdf does not print one hash of an evidence pack")
    return hashes.pop()


def parts(der):
    """(tag, content, whole) of each value in a run of DER."""
    while der:
        length, start = der[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(der[2:start], "big")
        require(0 < length + start <= len(der), "report.pdf: the signature is damaged")
        yield der[0], der[start : start + length], der[: start + length]
        der = der[start + length :]


def signer_of(signature):
    """The fingerprint of the certificate by which a signature (CMS, RFC 5652) was made."""
    try:
        content = list(parts(next(parts(signature))[1]))[1][1]
        signed = list(parts(next(parts(content))[1]))
        certificates = [
            whole for tag, body, _ in signed if tag == 0xA0 for _, _, whole in parts(body)
        ]
        (signer_info,) = parts(signed[-1][1])
        wanted = list(parts(signer_info[1]))[1][1]  # issuer, serial number
    except (IndexError, StopIteration, ValueError):
        raise RefusedError("report.pdf: the signature cannot be read") from None
    made_it = [one for one in certificates if issuer_and_serial(one) == wanted]
    require(len(made_it) == 1, "report.pdf: not one certificate of the signer in the signature")
    return sha256(made_it[0]).hexdigest()


def issuer_and_serial(certificate):
    to_be_signed = list(parts(next(parts(next(parts(certificate))[1]))[1]))
    first = 1 if to_be_signed[0][0] == 0xA0 else 0  # a version, which may be left out
    return to_be_signed[first + 2][2] + to_be_signed[first][2]


def fingerprint(given):
    plain = re.sub(r"[\s:]", "", given).lower()
    if HASH.fullmatch(plain):
        return plain
    try:
        der = Path(given).read_bytes()
    except OSError:
        raise RefusedError(f"--signer: neither a SHA-256 fingerprint nor a file: {given}") from None
    pem = re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END", der, re.DOTALL)
    require(len(pem) <= 1, f"--signer: {given} holds several certificates, name one")
    return sha256(base64.b64decode(pem[0]) if pem else der).hexdigest()


def signed_hash(files, options):
    pdf = Path(options.pdf).read_bytes() if options.pdf else files.get("report.pdf")
    require(pdf or not options.signer, "there is no signed PDF: name it with --pdf")
    signers = {fingerprint(one) for one in options.signer} if options.signer else None
    printed = printed_in(pdf, signers) if pdf else None
    if not options.printed:
        return printed
    typed = re.sub(r"\s", "", options.printed).lower()
    require(HASH.fullmatch(typed), "--printed: a hash has 64 digits and letters from a to f")
    require(printed in (None, typed), f"report.pdf prints {printed}, which is not what you typed")
    return typed


def check_completions(rows, rule, signed):
    """Every row counts by the rule; the first one of each person, in order."""
    days = {c["code"]: (c["counts_from"], c["counts_to"] or "9999") for c in rule["courses"]}
    lists = (("sectors", "sector"), ("kinds", "kind"), ("evidence_kinds", "evidence"))
    known, first = datetime.fromisoformat(signed["known_as_of"]), {}
    for row in sorted(rows, key=lambda row: (row["completed_on"], instant(row))):
        since, until = days.get(row["course"], ("9999", ""))
        counts = (
            since <= row["completed_on"] <= min(until, signed["ends_on"])
            and instant(row) <= known
            and row["sector"]
            and all(not rule[allowed] or row[field] in rule[allowed] for allowed, field in lists)
            and int(row["periods"]) >= rule["minimum_periods"]
            and row["agency"] not in rule["agencies_left_out"]
        )
        require(counts, f"a completion of person {row['person']} does not count by rule.json")
        first.setdefault(row["person"], row)
    return first


def check_people(people, first, signed):
    same("people in people.csv and in completions.csv", set_of(people, "number"), set(first))
    numbers = [str(n) for n in range(1, len(people) + 1)]
    same("numbers of the list", [one["number"] for one in people], numbers)
    for one in people:
        listed = [first[one["number"]][key] for key in ("completed_on", "course", "agency")]
        same(f"person {one['number']}", [one["since"], one["course"], one["agency"]], listed)
    same("names_sha256", signed["names_sha256"], hash_of_list(people))


def instant(row):
    return datetime.fromisoformat(row["recorded_at"])


def set_of(rows, key):
    found = {row[key] for row in rows}
    require(len(found) == len(rows), f"somebody is listed twice ({key})")
    return found


def hash_of_list(people):
    columns = ("number", "since", "course", "agency", "commitment")
    lines = ("|".join(one[key] for key in columns) for one in people)
    return sha256("\n".join(lines).encode()).hexdigest()


def check_totals(rows, first, signed):
    """Totals, parts and targets of report.json."""
    printed, start = signed["printed"], signed["starts_on"]
    new = [row for row in first.values() if row["completed_on"] >= start]
    same("persons", signed["persons"], len(first))
    same("completions", signed["completions"], len(rows))
    same("new_persons", signed["new_persons"], len(new))
    sectors = Counter(row["sector"] for row in first.values())
    same("by_sector", without_zeros(signed["by_sector"]), dict(sectors))
    for part, field in (("sectors", "sector"), ("kinds", "kind"), ("by_agency", "agency")):
        of = [Counter(row[field] for row in some) for some in (first.values(), new, rows)]
        found = {key: [one[key] for one in of] for key in of[2]}
        listed = {
            one["key"]: [one["persons"], one["new"], one["completions"]] for one in printed[part]
        }
        require(len(listed) == len(printed[part]), f"{part}: listed twice")
        same(part, listed, found)
    months = Counter(row["completed_on"][:7] for row in first.values())
    same(
        "months",
        without_zeros({one["key"]: one["persons"] for one in printed["months"]}),
        dict(months),
    )
    check_targets(printed["targets"], sorted(row["completed_on"] for row in first.values()))
    for one in printed.get("percentages", ()):  # since release 1.1
        check_percentage(one)


def without_zeros(figures):
    return {key: value for key, value in figures.items() if value}


def check_targets(targets, days):
    for target in targets:
        what, due = f"target of {target['due_on']}", target["due_on"]
        met_on = days[target["minimum"] - 1] if len(days) >= target["minimum"] else ""
        same(what, target["persons"], sum(day <= due for day in days))
        same(f"{what}, met on", target["met_on"], met_on)
        same(f"{what}, met", target["met"], bool(met_on) and met_on <= due)


def check_percentage(one):
    """A reported indicator: the sums of its values, who has to report, its shares."""
    what, values, base = one["indicator"], one["values"], one["base"]
    numerator, denominator = (
        sum(value[name] for value in values) for name in ("numerator", "denominator")
    )
    same(f"{what}, numerator", one["numerator"], numerator)
    same(f"{what}, denominator", one["denominator"], denominator)
    share = 100 * numerator / denominator if denominator else None
    same(f"{what}, share", one["percent"], share)
    reporting = [value["agency"] for value in values]
    require(len(set(reporting)) == len(reporting), f"{what}: an agency counts twice")
    of_all = None
    if base:
        states = {row["agency"]: row["state"] for row in one["states"]}
        found = Counter(states.values())
        same(f"{what}, who has to report", base["expected"], len(one["states"]))
        for state in ("reported", "waiting", "silent"):
            same(f"{what}, {state}", base[state], found[state])
        further = [agency for agency in reporting if states.get(agency) != "reported"]
        same(f"{what}, further agencies", base["further"], len(further))
        same(f"{what}, agencies", len(reporting), found["reported"] + len(further))
        whole = len(states) + len(further)
        if denominator:
            of_all = 100 * numerator * len(reporting) / (denominator * whole)
    same(f"{what}, share of all", one["percent_of_all"], of_all)


def check_opening(files, people, rows, first, signed):
    opening = signed["printed"]["opening"]
    before, start = opening["previous"], signed["starts_on"]
    adjusted, changed = table(files, "adjustments.csv"), table(files, "completion-changes.csv")
    ends_on = before["ends_on"] if before else ""
    require(ends_on < start, "the report signed before ends after this period begins")
    same("previous.csv", "previous.csv" in files, bool(before))
    previous = table(files, "previous.csv") if before else []
    if before:
        same("the list signed before", before["names_sha256"], hash_of_list(previous))
        same("people signed before", before["persons"], len(previous))
    check_adjusted(adjusted, people, previous, ends_on)
    for name, some, signed_before, changes in (
        ("persons", list(first.values()), before and before["persons"], adjusted),
        ("completions", rows, before and before["completions"], changed),
    ):
        days = [row["completed_on"] for row in some]
        bridge = {
            "opening": signed_before or 0,
            "adjusted": sum(int(one[name]) for one in changes),
            "between": sum(ends_on < day < start for day in days),
            "new": sum(day >= start for day in days),
            "closing": len(days),
        }
        same(f"the bridge of {name}", opening[name], bridge)
        total = bridge["opening"] + bridge["adjusted"] + bridge["between"] + bridge["new"]
        same(f"the sum of the bridge of {name}", total, bridge["closing"])
    check_kinds(opening["kinds"], adjusted, changed)
    recorded = [(instant(row).date().isoformat(), row["completed_on"]) for row in first.values()]
    found = sum(start <= day <= signed["ends_on"] for day, _ in recorded)
    same("newly recorded", opening["newly_recorded"], found)
    after = sum(day >= start and at > signed["ends_on"] for at, day in recorded)
    same("recorded after the period", opening["recorded_after"], after)


def check_adjusted(adjusted, people, previous, ends_on):
    """Who left and who came up to the last signed day follows from the two lists."""
    then = {one["number"]: one for one in previous}
    still, came, moved = set(), set(), set()
    for one in people:
        own = one["previous"].split()
        require(set(own) <= set(then), f"person {one['number']} is not in the list signed before")
        if one["since"] > ends_on:
            continue
        if not own:
            came.add(one["number"])
        else:
            still.update(own)
            listed = [[then[n][key] for key in ("since", "course", "agency")] for n in own]
            if [one["since"], one["course"], one["agency"]] not in listed:
                moved.add(one["number"])
    named = Counter(number for one in people for number in one["previous"].split())
    require(set(named.values()) <= {1}, "one person signed before is two in this list")
    of = defaultdict(list)
    for one in adjusted:
        of[one["persons"]].append(one)
    require(set(of) <= {"1", "0", "-1"}, "adjustments.csv: persons is 1, 0 or -1")
    same("people adjusted in", came, set_of(of["1"], "number"))
    require(moved <= set_of(of["0"], "number"), "somebody is credited differently, unnamed")
    gone = set_of(of["-1"], "previous")
    require(set(then) - still <= gone <= set(then), "somebody signed before is gone, unnamed")
    merged = sum(
        max(len(one["previous"].split()) - 1, 0) for one in people if one["since"] <= ends_on
    )
    same("people adjusted out", len(gone), len(set(then) - still) + merged)
    for one in adjusted:
        if one["previous"]:
            listed = [one[f"before_{key}"] for key in ("since", "agency")]
            signed = [then[one["previous"]][key] for key in ("since", "agency")]
            same(f"adjustment of {one['previous']}", listed, signed)


def check_kinds(kinds, adjusted, changed):
    found = defaultdict(lambda: [0, 0, 0])
    for one in adjusted:
        found[one["kind"]][0] += 1
        found[one["kind"]][1] += int(one["persons"])
    for one in changed:
        found[one["kind"]][2] += int(one["completions"])
    words = ("people", "persons", "completions")
    listed = {one["kind"]: [one[word] for word in words] for one in kinds}
    same("kinds of adjustments", listed, dict(found))


def check_names(files, people):
    """Everybody listed or adjusted, and each name fits its commitment in the signed lists."""
    names = table(files, "names.csv")
    for one in names:
        line = "|".join(one[key] for key in ("salt", "code", "full_name", "birth"))
        fits = sha256(line.encode()).hexdigest() == one["commitment"]
        require(fits, f"names.csv: {one['full_name']} is not who was signed")
    before = table(files, "previous.csv") if "previous.csv" in files else []
    changes = table(files, "adjustments.csv") + table(files, "completion-changes.csv")
    adjusted = {one["previous"] for one in changes}
    wanted = [*people, *(one for one in before if one["number"] in adjusted)]
    wanted = {one["commitment"] for one in wanted}
    require(set_of(names, "commitment") == wanted, "names.csv does not name those in the lists")


def check(options):
    files = read_pack(options.pack)
    expected, found = signed_hash(files, options), check_sums(files)
    require(found == expected, f"the pack's hash is {found}, the report prints {expected}")
    signed, rule = json.loads(files["report.json"]), json.loads(files["rule.json"])
    rows, people = table(files, "completions.csv"), table(files, "people.csv")
    same("the version of the rule", signed["rule"], rule["version"])
    first = check_completions(rows, rule, signed)
    check_people(people, first, signed)
    agencies = set_of(table(files, "agencies.csv"), "slug")
    same("agencies", agencies, {row["agency"] for row in rows})
    check_totals(rows, first, signed)
    check_opening(files, people, rows, first, signed)
    if "names.csv" in files:
        check_names(files, people)
    for what, value in (("persons", len(first)), ("completions", len(rows))):
        print(f"{what}: signed {signed[what]}, recomputed {value}")
    print(f"everything holds, pack {found}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pack")
    parser.add_argument("--printed", help="the hash on the paper")
    parser.add_argument("--pdf", help="the signed report, where it is not in the pack")
    parser.add_argument("--signer", action="append", help="fingerprint or certificate to trust")
    options = parser.parse_args()
    if not options.printed and not options.signer:
        parser.error("nothing vouches for the pack: pass --printed HASH or --signer FINGERPRINT")
    try:
        check(options)
    except RefusedError as refusal:
        sys.exit(f"REFUSED: {refusal}")
    except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile, csv.Error) as error:
        sys.exit(f"REFUSED: the pack cannot be read: {error!r}")


main()
