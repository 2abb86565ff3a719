"""Which tests must notice a generated mutation, by kind and file; the quickest stand first."""

# Opened to everybody signed in, these answer as before: behind the mark the view refuses whoever
# may only look, or asks whether the run is theirs to change ("no refusal" takes that away). For
# pages the rows for GET of the same view notice the mark. A method of the API has one row, so
# nothing but a visitor who is not signed in notices its mark.
REFUSED_INSIDE = {
    "POST run_certificates", "POST certificate_design", "POST new_design", "POST issuing_body",
    "POST new_issuing_body", "POST new_signer", "POST signer", "POST signer_certificates",
    "POST holidays", "POST attendance/", "POST sessions/", "PATCH sessions/{open_run}/1/",
    "POST sessions/{open_run}/1/remove/", "PATCH runs/{open_run}/", "POST runs/{open_run}/cancel/",
    "POST runs/{run}/close/",
}  # fmt: skip

# A stranger walks over every page, file and list of the API: the tests that ask most at once.
STRANGERS = ("tests/security/test_other_agencies.py",)

ROWS_BY_VISITOR = ("tests/architecture/test_visible_rows.py",)

USED_UP, LIMITS = "tests/security/test_used_up_limits.py", "tests/security/test_limits.py"
NO_ORACLE, API_TABLE = (
    "tests/security/test_no_oracle.py",
    "tests/architecture/test_api_access.py",
)
_NO_LIMIT = {
    "accounts/api/throttling.py": ("tests/api/test_tokens.py",),
    "accounts/address_views.py": ("tests/accounts/test_changing_sign_in.py",),
    "accounts/reauthentication.py": ("tests/accounts/test_changing_sign_in.py",),
    "accounts/services/single_sign_on.py": ("tests/accounts/test_single_sign_on.py",),
    "accounts/single_sign_on.py": ("tests/accounts/test_single_sign_on.py",),
    "accounts/views.py": ("tests/accounts/test_invitations.py",),
    "audit/views.py": ("tests/audit/test_reading.py",),
    "certificates/views/verification.py": ("tests/certificates/test_pages.py",),
    "enrollment/views/attendance.py": (NO_ORACLE,),
    "enrollment/views/check_in.py": ("tests/enrollment/test_check_in.py",),
    "profiles/views/own_data.py": ("tests/profiles/test_own_data.py",),
    "profiles/views/person.py": ("tests/profiles/test_person.py",),
    "people/api.py": (NO_ORACLE,),
}

# Files whose rows are no people, or on no page: a stranger's walk would meet nothing there.
_GIVERS = "test_a_shared_certificate_closes_when_it_is_no_longer_its_givers"
_OF_FILE: dict[str, tuple[str, ...]] = {
    "certificates/limits.py": (LIMITS,),
    "certificates/services/batches.py": ("tests/certificates/test_batch.py",),
    "lms/views/my.py": ("tests/lms/test_my.py",),
    "common/access.py": (
        "tests/security/test_reading_changes_nothing.py",
        "tests/architecture/test_access.py",
    ),
    "jobs/views.py": ("tests/jobs/test_jobs.py",),
    "targets/views/indicators.py": ("tests/targets/test_reported_values.py",),
    "targets/views/overview.py": ("tests/targets/test_quotas_and_tasks.py",),
    "targets/views/target_forms.py": ("tests/targets/test_quotas_and_tasks.py",),
    "targets/api/targets.py": ("tests/api/test_promises.py",),
    "certificates/services/share_links.py": (f"tests/accounts/test_invalidation.py::{_GIVERS}",),
}

# The first beginning that fits. Rows of the access tables come before, for the views of the file.
_TESTS: dict[str, tuple[str, ...]] = {
    "accounts/api": ("tests/api/test_tokens.py",),
    "accounts/views": ("tests/accounts/test_invitations.py", USED_UP, "tests/accounts"),
    "accounts/": ("tests/accounts", "tests/api/test_tokens.py"),
    "agencies/": ("tests/agencies", "tests/enrollment/test_who_may_act.py"),
    "audit/": ("tests/audit/test_reading.py",),
    "certificates/": ("tests/certificates/test_pages.py", "tests/certificates/test_register.py"),
    "courses/api": ("tests/courses/test_catalogue.py", "tests/api/test_runs.py", API_TABLE),
    "courses/": ("tests/courses/test_catalogue.py", "tests/courses", "tests/api/test_runs.py"),
    "enrollment/api": ("tests/api/test_enrollments.py", NO_ORACLE, "tests/api/test_progress.py"),
    "enrollment/services/people": (
        "tests/enrollment/test_choosing_people.py",
        "tests/profiles/test_people.py",
        "tests/enrollment",
    ),
    "enrollment/views/attendance": (
        "tests/enrollment/test_attendance_page.py",
        NO_ORACLE,
        "tests/enrollment",
    ),
    "enrollment/views/check_in": (USED_UP, LIMITS),
    "enrollment/": (
        "tests/enrollment/test_who_may_act.py",
        "tests/enrollment/test_pages.py",
        "tests/enrollment",
    ),
    "jobs/": ("tests/jobs/test_jobs.py",),
    "lms/": ("tests/lms/test_pages.py",),
    "people/": ("tests/api/test_trainees.py", NO_ORACLE, API_TABLE, "tests/people"),
    "profiles/views/transfers": ("tests/profiles/test_transfers.py",),
    "profiles/views/own_record": ("tests/profiles/test_own_record.py",),
    "profiles/views/person": ("tests/profiles/test_person.py", NO_ORACLE),
    "profiles/": ("tests/profiles",),
    "rosters/api/": (API_TABLE, "tests/api/test_rosters.py"),
    "rosters/exporting": ("tests/rosters/exporting/test_exports.py",),
    "rosters/importing": ("tests/security/test_rosters_about_others.py",),
    "rosters/views/row_display": ("tests/security/test_rosters_about_others.py",),
    "rosters/": (
        "tests/rosters/importing/test_read_only_visitors.py",
        "tests/rosters/exporting/test_exports.py",
        "tests/rosters/exporting/test_export_page.py",
        "tests/rosters/exporting/test_people_export.py",
    ),
    "targets/progress/": ("tests/targets/test_road_map.py",),
    "targets/": ("tests/targets/test_reported_values.py", "tests/targets/test_quotas_and_tasks.py"),
}


def tests_for(kind: str, file: str, rows: list[str]) -> tuple[str, ...]:
    """Rows of the access tables where a view is near, files, a stranger's walk, folders."""
    if kind == "every row":
        return ROWS_BY_VISITOR
    if kind == "no limit":
        return (USED_UP, *_NO_LIMIT.get(file, ()), LIMITS)
    if file in _OF_FILE:
        return (*rows, *_OF_FILE[file])
    of_app = next((tests for start, tests in _TESTS.items() if file.startswith(start)), ())
    files = (test for test in of_app if test.endswith(".py"))
    return tuple(dict.fromkeys((*rows, *files, *STRANGERS, *of_app)))
