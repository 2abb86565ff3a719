"""A programme of the size asked for: people, classes, results, certificates, the audit log.

Inserted by statements inside the database, so that a million people take minutes. What cannot be
made there (encrypted numbers, keys of names) is made in Python once and joined by number. On
PostgreSQL the account must be a superuser: triggers and foreign keys are off while rows come, and
the cached totals are rebuilt afterwards. ``reconcile`` finds nothing to complain of.
"""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.progress_world import AGENCIES, NUMBERS, execute, make_agencies, make_table

SEATS = 40  # of each class
DAYS = 2_000
MERGED_EVERY, VOID_EVERY, CERTIFIED_EVERY = 100, 50, 3
COURSE = "AI-101"
_CODE = "substr('0000000000000000' || {0}, length({0}) + 1, 16)"
_TABLES = (
    "people_trainee", "enrollment_enrollment", "enrollment_attendance", "enrollment_completion",
    "certificates_certificate",
)  # fmt: skip
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s)
AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
_PEOPLE = f"""
INSERT INTO people_trainee (
    code, full_name, birth_date, birth_year, sex, agency_id, unit, position, email, phone,
    personal_number, personal_number_digest, personal_number_tail, claimed_number_digest,
    sort_key, search_key, match_key, likeness_key, recorded_at
)
SELECT p.code, p.full_name, p.born, p.year, p.sex, a.id, 'Vụ ' || CAST(p.n %% 40 AS text),
    'Chuyên viên', '', '', p.number, p.digest, p.tail, '',
    p.sort_key, p.search_key, p.match_key, p.likeness_key, %s
FROM bench_person p JOIN bench_agency a ON a.n = p.n %% {AGENCIES}
ORDER BY p.n
"""  # noqa: S608  # of literals
_RUNS = f"""
INSERT INTO courses_courserun (
    course_id, code, state, starts_on, ends_on, venue, link, capacity, seats_taken, seats_shared,
    waiting_numbers, closing_proposed_by, cancelled_because
)
{NUMBERS}
SELECT %s, 'Q-' || CAST(number AS text), 'closed', d.day, d.day, '', '', {SEATS}, 0, 0, 0, '', ''
FROM numbers JOIN bench_day d ON d.n = number %% {DAYS}
ORDER BY number
"""  # noqa: S608  # of literals
_SESSIONS = """
INSERT INTO courses_session (run_id, number, starts_at, ends_at, topic, is_mandatory)
SELECT r.id, 1, d.starts_at, d.ends_at, '', FALSE
FROM courses_courserun r JOIN bench_day d ON d.day = r.starts_on WHERE r.code LIKE 'Q-%%'
ORDER BY r.id
"""
# Person 7919 n: neighbours in a class are none in the list; each round of all people is a shuffle.
_ENROLLMENTS = f"""
INSERT INTO enrollment_enrollment (
    run_id, trainee_id, sending_agency_id, state, announced_state, state_since, unit, position,
    remarks, withdrawal_reason, agency_approved_by, skipped_because, recorded_at
)
{NUMBERS}
SELECT r.id, t.id, t.agency_id, s.state, s.state, d.ends_at, '', '', '', '', '', '', d.starts_at
FROM numbers
JOIN courses_courserun r ON r.id = %s + number / {SEATS}
JOIN people_trainee t ON t.id = %s + number * 7919 %% %s
JOIN bench_day d ON d.day = r.starts_on
JOIN bench_state s ON s.is_void = (number %% {VOID_EVERY} = 0)
"""  # noqa: S608  # of literals
_SEATS_TAKEN = """
UPDATE courses_courserun SET seats_taken = held.seats
FROM (SELECT run_id, COUNT(*) AS seats FROM enrollment_enrollment GROUP BY run_id) held
WHERE held.run_id = courses_courserun.id
"""
_MARKS = """
INSERT INTO enrollment_attendance (
    enrollment_id, session_id, mark, evidence, recorded_at, recorded_by, earlier
)
SELECT e.id, s.id, 'present', 'signed_sheet', s.ends_at, 'bench', '[]'
FROM enrollment_enrollment e JOIN courses_session s ON s.run_id = e.run_id
"""
_COMPLETIONS = """
INSERT INTO enrollment_completion (
    trainee_id, run_id, enrollment_id, course_code, periods, completed_on, grade,
    attendance_percent, rule_met, remark, evidence, sending_agency_id, agency_kind, sector,
    recorded_at, recorded_by, voided_at, void_reason
)
SELECT e.trainee_id, e.run_id, e.id, %s, 16, r.ends_on, 'passed', 100, 'attendance>=80', '',
    'signed_sheet', a.id, a.kind, a.sector, e.state_since, 'bench',
    CASE WHEN e.state = 'completed' THEN NULL ELSE e.state_since END,
    CASE WHEN e.state = 'completed' THEN '' ELSE 'entered by mistake' END
FROM enrollment_enrollment e
JOIN courses_courserun r ON r.id = e.run_id
JOIN bench_agency a ON a.id = e.sending_agency_id
"""
_CERTIFICATES = f"""
INSERT INTO certificates_certificate (
    completion_id, register, year, register_number, serial_number, blank_number,
    verification_code, design_id, signer_id, printed, signed_by, outside_signer,
    unsigned_sha256, unsigned_size, file, sha256, state, issued_at, correction_reason,
    revocation_reason
)
SELECT id, 'AI', year, number, 'AI' || CAST(year AS text) || '-' || CAST(number AS text), '',
    substr(code, 1, 4) || '-' || substr(code, 5, 4) || '-' || substr(code, 9, 4) || '-'
        || substr(code, 13, 4),
    %s, %s,
    CAST(replace(replace(replace(%s, '@NAME@', full_name), '@CODE@', code),
        '@NUMBER@', CAST(number AS text)) AS {{json}}),
    'own', '', '', 0, 'certificate.pdf', '{"0" * 48}' || code, 'issued', recorded_at, '', ''
FROM (
    SELECT c.id, d.year, t.full_name, c.recorded_at,
        ROW_NUMBER() OVER (PARTITION BY d.year ORDER BY c.id) AS number,
        {_CODE.format("CAST(c.id * 48271 %% 2147483647 AS text)")} AS code
    FROM enrollment_completion c
    JOIN people_trainee t ON t.id = c.trainee_id
    JOIN bench_day d ON d.day = c.completed_on
    WHERE c.id %% {CERTIFIED_EVERY} = 0 AND c.voided_at IS NULL
) drawn
"""  # noqa: S608  # of literals
_REGISTER = """
INSERT INTO certificates_registeryear (register, year, last_number, is_held)
SELECT 'AI', year, MAX(register_number), FALSE FROM certificates_certificate GROUP BY year
"""
_MERGES = f"""
INSERT INTO people_merge (survivor_id, absorbed_id, reason, recorded_at, recorded_by, undone_by)
{NUMBERS}
SELECT %s + number, %s + number + 1, '', %s, 'bench', '' FROM numbers
WHERE number %% {MERGED_EVERY} = 0
"""  # noqa: S608  # of literals
_ENTRIES = """
INSERT INTO audit_auditentry (at, actor_label, action, details)
SELECT d.ends_at, 'bench', 'attendance_recorded', CAST('{{"run": "' || r.code || '"}}' AS {json})
FROM courses_courserun r JOIN bench_day d ON d.day = r.starts_on WHERE r.code LIKE 'Q-%%'
ORDER BY r.id
"""


def fill(people: int, completions: int) -> None:
    """Into a database that is migrated and empty."""
    from audit.services import SYSTEM
    from audit.services.seals import seal_pending
    from counting.cache import rebuild_cache
    from lms.reference import load_reference

    load_reference(by=SYSTEM)
    with _bare_tables():
        _tables(people)
        _insert(people, completions)
    while seal_pending():
        pass
    rebuild_cache()


@contextmanager
def _bare_tables() -> Iterator[None]:
    """PostgreSQL without triggers, foreign keys and the indexes that need no constraint."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(_INDEXES, [list(_TABLES)])
        indexes = dict(cursor.fetchall())
        for name in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for definition in indexes.values():
            cursor.execute(definition)
        cursor.execute("SET session_replication_role = origin")


def _tables(people: int) -> None:
    from common import clock

    make_table("agency", "id bigint, kind text, sector text", make_agencies())
    noon = [
        dt.datetime.combine(clock.today() - dt.timedelta(days=n + 2), dt.time(5), tzinfo=dt.UTC)
        for n in range(DAYS)
    ]
    make_table(
        "day",
        "day date UNIQUE, year integer, starts_at timestamp with time zone, "
        "ends_at timestamp with time zone",
        ((at.date(), at.year, at, at + dt.timedelta(hours=3)) for at in noon),
    )
    make_table(
        "state", "is_void boolean, state text", [(False, "completed"), (True, "not_completed")]
    )
    make_table(
        "person",
        "code text, full_name text, born date, year integer, sex text, number text, digest text, "
        "tail text, sort_key text, search_key text, match_key text, likeness_key text",
        _persons(people),
    )
    execute("ANALYZE", [])


def _persons(people: int) -> Iterator[tuple[Any, ...]]:
    from bench.rosters_shared import person_of
    from common.encryption import box
    from people.models import likeness_key, name_keys, new_trainee_codes, number_digest

    encrypt = box().encrypt
    codes: set[str] = set()
    for n in range(people):
        who = person_of(n)
        name, born = who["full_name"], who["birth_date"]
        number = f"{n // 1_000_000:03d}{who['personal_number'][3:]}"
        (code,) = new_trainee_codes(1)
        while code in codes:
            (code,) = new_trainee_codes(1)
        codes.add(code)
        sort, search, match, _words = name_keys(name)
        yield (
            code, name, born, born.year, who["sex"], encrypt(number.encode()).decode(),
            number_digest(number), number[-3:], sort, search, match,
            likeness_key(name, born.year),
        )  # fmt: skip


def _insert(people: int, completions: int) -> None:
    from django.db import connection

    from common import clock
    from courses.models import Course, CourseRun
    from people.models import Trainee

    json_type = "jsonb" if connection.vendor == "postgresql" else "text"
    course = Course.objects.get(code=COURSE)
    _step(_PEOPLE, clock.now())
    _step(_RUNS, 0, -(-completions // SEATS), course.pk)
    _step(_SESSIONS)
    first = Trainee.objects.earliest("pk").pk
    first_run = CourseRun.objects.filter(code__startswith="Q-").earliest("pk").pk
    _step(_ENROLLMENTS, 0, completions, first_run, first, people)
    _step(_SEATS_TAKEN)
    _step(_MARKS)
    _step(_COMPLETIONS, course.code)
    _step(_CERTIFICATES.format(json=json_type), *_paper())
    _step(_REGISTER)
    _step(_MERGES, 0, people - 1, first, first, clock.now())
    _step(_ENTRIES.format(json=json_type))


def _step(statement: str, *values: Any) -> None:
    execute(statement, list(values))
    execute("ANALYZE", [])  # the next one reads these rows


def _paper() -> list[Any]:
    from certificates.models import CertificateDesign, IssuingBody, Signer
    from certificates.pdf import CertificateFields

    body = IssuingBody.objects.earliest("pk")
    signer = Signer.objects.create(body=body, name="Trần Quốc Hải", title="CỤC TRƯỞNG")
    printed = CertificateFields(
        issuing_body=body.name, full_name="@NAME@", course_title="Trí tuệ nhân tạo ứng dụng",
        register_number="@NUMBER@", issued_on=dt.date(2026, 3, 12), signer_name=signer.name,
        birth=1985, verification_code="@CODE@",
        verification_url="https://training.example.gov.vn/verify/@CODE@",
    ).to_json()  # fmt: skip
    return [CertificateDesign.objects.earliest("pk").pk, signer.pk, json.dumps(printed)]
