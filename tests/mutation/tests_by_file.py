"""Which tests must notice a generated mutation, by kind and file; the quickest stand first."""

# A stranger walks over every page, file and list of the API: the tests that ask most at once.
STRANGERS = ("tests/security/test_other_agencies.py",)

ROWS_BY_VISITOR = ("tests/architecture/test_visible_rows.py",)

LIMITS = ("tests/security/test_used_up_limits.py", "tests/security/test_limits.py")
_NO_LIMIT = {
    "accounts/api.py": ("tests/api/test_tokens.py",),
    "accounts/address_views.py": ("tests/accounts/test_changing_sign_in.py",),
    "accounts/reauthentication.py": ("tests/accounts/test_changing_sign_in.py",),
    "accounts/services/single_sign_on.py": ("tests/accounts/test_single_sign_on.py",),
    "accounts/single_sign_on.py": ("tests/accounts/test_single_sign_on.py",),
    "accounts/views.py": ("tests/accounts/test_invitations.py",),
    "audit/views.py": ("tests/audit/test_reading.py",),
    "certificates/views/verifying.py": ("tests/certificates/test_pages.py",),
    "enrollment/views/check_in.py": ("tests/enrollment/test_check_in.py",),
    "lms/views/own_data.py": ("tests/people/test_own_data.py",),
    "lms/views/person.py": ("tests/people/test_person_page.py",),
    "people/api.py": ("tests/security/test_no_oracle.py",),
}

# The first beginning that fits. Rows of the access tables come before, for the views of the file.
_TESTS: dict[str, tuple[str, ...]] = {
    "accounts/": ("tests/accounts", "tests/api/test_tokens.py"),
    "agencies/": ("tests/agencies", "tests/enrollment/test_who_may_act.py"),
    "audit/": ("tests/audit/test_reading.py",),
    "certificates/services/batches": ("tests/certificates/test_batch.py",),
    "certificates/": ("tests/certificates/test_pages.py", "tests/certificates/test_register.py"),
    "courses/": ("tests/courses", "tests/api/test_runs.py"),
    "enrollment/api": ("tests/api/test_enrollments.py", "tests/api/test_progress.py"),
    "enrollment/": ("tests/enrollment",),
    "jobs/": ("tests/jobs/test_jobs.py",),
    "lms/": ("tests/people", "tests/lms/test_trainee_pages.py", "tests/lms/test_pages.py"),
    "people/": ("tests/people", "tests/api/test_trainees.py"),
    "rosters/": ("tests/rosters/test_giving_out.py", "tests/rosters/test_giving_people.py"),
    "targets/": ("tests/targets/test_measures.py", "tests/targets/test_promises.py"),
}


def tests_for(kind: str, file: str, rows: list[str]) -> tuple[str, ...]:
    """Rows of the access tables where a view is near, then a stranger's walk, then the app's."""
    if kind == "every row":
        return ROWS_BY_VISITOR
    if kind == "no limit":
        return (*LIMITS, *_NO_LIMIT.get(file, ()))
    of_app = next((tests for start, tests in _TESTS.items() if file.startswith(start)), ())
    return (*rows, *STRANGERS, *of_app)
