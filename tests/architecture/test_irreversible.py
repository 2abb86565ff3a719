"""What cannot be taken back asks once, and says what follows and for whom.

An audited action whose name says that something ends or goes out stands in one of two tables:
ASKED names the address and the template that asks, EXCUSED why nobody has to be asked.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings

from audit.choices import ACTIONS
from tests.audit.test_words import actions_in_the_code

TEMPLATES = Path(settings.BASE_DIR) / "templates"
FINAL = re.compile(
    r"(adopted|again|announced|answered|begun|cancelled|closed|decided|declined|deleted|discarded"
    r"|ended|erased|finalised|forgotten|granted|handed_in|issued|notified|over|published|recognised|rejected"
    r"|reissued|removed|reminded|reopened|replaced|reset|retired|revoked|sent|settled|signed"
    r"|signed_digitally|started|submitted|undone|voided|withdrawn)$"
)
# action: its address, then the file that asks and how: ``ask`` opens a dialog, ``follows`` or a
# sentence stands on a page of its own.
ASKED = {
    "account_closed": ("act_on_account", "accounts/account.html", 'ask "close"'),
    "api_tokens_withdrawn": ("end_token", "accounts/tokens.html", 'ask "revoke"'),
    "attendance_confirmation_replaced": (
        "attendance_confirmation",
        "certificates/correct_or_revoke.html",
        'ask "correct"',
    ),
    "attendance_confirmation_revoked": (
        "attendance_confirmation",
        "certificates/correct_or_revoke.html",
        'ask "revoke"',
    ),
    "attendance_confirmations_issued": (
        "run_confirmations",
        "certificates/run_confirmations.html",
        'ask "confirmations"',
    ),
    "archive_package_file_removed": (
        "remove_package_file",
        "retention/package.html",
        'ask "remove"',
    ),
    "archive_package_handed_over": (
        "hand_over_package",
        "retention/package.html",
        'asks_id="hand-over"',
    ),
    "archive_package_withdrawn": (
        "withdraw_package",
        "retention/package.html",
        'asks_id="withdraw"',
    ),
    "records_deleted": ("approve_record_deletion", "retention/package.html", 'asks_id="approve"'),
    "calendar_address_revoked": ("revoke_calendar", "enrollment/calendars.html", 'ask "revoke"'),
    "candidate_settled": ("pair", "profiles/pair.html", 'ask "different"'),
    "certificate_batch_cancelled": ("certificate_batch", "certificates/batch.html", 'ask "cancel"'),
    "certificate_batch_started": ("run_certificates", "certificates/run.html", 'ask "issue"'),
    "certificate_duplicated": (
        "certificate",
        "certificates/certificate.html",
        'ask "duplicate"',
    ),
    "certificate_holders_notified": ("run_certificates", "certificates/run.html", 'ask "notify"'),
    "certificate_link_withdrawn": ("certificate", "certificates/certificate.html", 'ask "link"'),
    "certificate_reissued": ("certificate", "certificates/correct_or_revoke.html", 'ask "correct"'),
    "certificate_revoked": ("certificate", "certificates/correct_or_revoke.html", 'ask "revoke"'),
    "certificates_issued": ("run_certificates", "certificates/run.html", 'ask "issue"'),
    "class_message_sent": ("", "enrollment/confirm_message.html", "cannot be recalled"),
    "completion_corrected": (
        "correct_result",
        "enrollment/views/corrections.py",
        "is voided for good",
    ),
    "completion_voided": ("void_result", "enrollment/views/corrections.py", "shows as revoked"),
    "coordinator_handed_over": ("hand_over", "agencies/hand_over.html", "follows"),
    "counting_rule_adopted": ("new_rule", "counting/new_rule.html", 'ask "adopt"'),
    "data_request_answered": ("data_request", "profiles/request.html", "asks=question"),
    "enrollment_rejected": ("", "enrollment/views/enrollments.py", "notified with the reason"),
    "enrollment_withdrawn": ("withdraw_enrollment", "enrollment/leave.html", 'ask "leave"'),
    "erasure_begun": ("data_request", "profiles/request.html", "asks=question"),
    "exception_granted": (
        "completion_exception",
        "enrollment/views/results.py",
        "exception cannot be",
    ),
    "evaluation_closed": ("close_evaluation", "evaluations/run.html", 'ask "close"'),
    "evaluation_form_published": ("", "evaluations/new_form.html", "never changes"),
    "paper_evaluations_discarded": ("", "evaluations/run.html", 'asks_id="discard"'),
    "framework_adopted": ("adopt_framework", "competencies/framework.html", 'ask "adopt"'),
    "framework_published": ("", "competencies/new_framework.html", "never changes"),
    "course_competency_removed": ("", "competencies/course_competency.html", 'ask "remove"'),
    "indicator_value_decided": ("decide_value", "targets/views/values.py", "value is published"),
    "indicator_value_replaced": ("replace_value", "targets/views/values.py", "shows the new value"),
    "indicator_value_withdrawn": (
        "withdraw_value",
        "targets/views/values.py",
        "goes on without it",
    ),
    "list_schedule_removed": ("", "rosters/schedules.html", 'ask "delete"'),
    "material_removed": ("delete_material", "enrollment/run.html", 'ask "material"'),
    "merge_undone": ("undo_merge", "profiles/merges.html", 'ask "undo"'),
    "message_text_reset": ("reset_message_text", "notices/text.html", 'ask "reset"'),
    "nominee_replaced": ("replace_enrollment", "enrollment/choose.html", "follows"),
    "period_reopened": ("reopen_report", "targets/report.html", "asks=question"),
    "period_signed": ("new_report", "targets/sign_off.html", "asks=question"),
    "question_withdrawn": ("remove_question", "learning/questions.html", 'ask "question"'),
    "quota_removed": ("remove_quota", "targets/target_form.html", "with asks=removal.asks"),
    "report_signed_digitally": ("report_signature", "targets/report.html", 'ask "sign"'),
    "results_recognised": ("close_run", "enrollment/results.html", 'ask "close"'),
    "role_ended": ("end_role", "accounts/account.html", 'ask "end"'),
    "roster_discarded": ("discard_roster", "rosters/roster.html", 'ask "discard"'),
    "roster_undone": ("undo_roster", "rosters/roster.html", 'ask "undo"'),
    "filter_removed": ("remove_saved_filter", "lms/saved_filter.html", 'ask "remove"'),
    "roster_view_removed": ("remove_columns", "rosters/view.html", 'ask "remove"'),
    "run_announced": ("", "enrollment/planning.html", 'ask "announce"'),
    "run_cancelled": ("", "enrollment/planning.html", 'asks_id="cancel"'),
    "run_closed": ("close_run", "enrollment/results.html", 'ask "close"'),
    "second_factor_reset": ("reset_second_factor", "accounts/account.html", "asks=question"),
    "session_cancelled": ("", "enrollment/planning.html", 'ask "remove"'),
    "session_removed": ("", "enrollment/planning.html", 'ask "remove"'),
    "sessions_ended": ("act_on_account", "accounts/account.html", 'ask "sign-out"'),
    "sign_on_forgotten": ("act_on_account", "accounts/account.html", 'ask "forget"'),
    "signer_certificate_ended": ("", "certificates/signer_certificate_end.html", "follows"),
    "silent_agencies_reminded": ("remind_silent", "targets/remind.html", "cannot be recalled"),
    "succession_voided": ("void_succession", "agencies/void.html", "follows"),
    "target_withdrawn": ("withdraw_target", "targets/target_form.html", "with asks=removal.asks"),
    "task_progress_decided": ("decide_progress", "targets/decide_progress.html", "follows"),
    "task_removed": ("remove_task", "targets/target_form.html", "with asks=removal.asks"),
    "test_handed_in": ("", "learning/attempt.html", 'ask "hand-in"'),
    "test_started": ("run_test", "learning/run_test.html", 'ask "begin"'),
    "test_withdrawn": ("remove_test", "learning/questions.html", 'ask "test"'),
    "timetable_replaced": ("", "enrollment/planning.html", 'asks_id="pattern"'),
    "transfer_accepted": ("accept_transfer", "profiles/accept_transfer.html", 'ask "accept"'),
    "transfer_declined": ("decline_transfer", "profiles/decline_transfer.html", "will see your"),
    "unit_withdrawn": ("", "learning/course_units.html", 'ask "withdraw"'),
    "transfers_withdrawn": ("withdraw_transfer", "profiles/transfers.html", 'ask "withdraw"'),
}
_ELSEWHERE = "no page does this"
_PART = "part of an action that asks"
EXCUSED = {
    "account_reopened": "it is closed again",
    "address_tried_again": "one more try of an address",
    "certificate_key_retired": _ELSEWHERE,
    "coordinator_term_ended": _PART,
    "deadlines_reminded": _ELSEWHERE,
    "erased_in_app": _PART,
    "example_decided": "decided on a page of its own, again where it was wrong",
    "follow_up_answered": "what somebody hands in of their own",
    "holiday_removed": "entered again",
    "invitation_sent": "a new link replaces it",
    "job_cancelled": "started again",
    "messages_sent_again": "what was meant to be sent already",
    "nomination_undone": _PART,
    "people_removed": _PART,
    "people_withdrawn": _PART,
    "role_granted": "ended again",
    "runs_begun": _ELSEWHERE,
    "task_answered": "answered again",
    "task_reopened": "done again",
    "trainer_removed": "added again",
}


def final_actions() -> set[str]:
    return {name for name in {*ACTIONS, *actions_in_the_code()} if FINAL.search(name)}


def test_each_final_action_asks_first_or_is_excused() -> None:
    known = {*ASKED, *EXCUSED}
    assert final_actions() & {*actions_in_the_code()} - known == set(), "give it an ``ask``"
    assert known - {*ACTIONS, *actions_in_the_code()} == set()


@pytest.mark.parametrize("action", ASKED)
def test_what_cannot_be_taken_back_says_what_follows(action: str) -> None:
    _address, name, words = ASKED[action]
    place = Path(settings.BASE_DIR) if name.endswith(".py") else TEMPLATES
    assert words in (place / name).read_text()


def test_no_form_passes_the_question_by() -> None:
    """A form of its own may post to such an address only from inside of the dialog."""
    addresses = "|".join(sorted({address for address, *_rest in ASKED.values() if address}))
    passed = re.compile(rf"<form[^>]*{{% url ['\"]({addresses})['\"]")
    found = {
        (str(template.relative_to(TEMPLATES)), match[1])
        for template in TEMPLATES.rglob("*.html")
        for match in passed.finditer(template.read_text())
    }
    assert found <= {
        # These addresses do several things; the forms named here do the harmless ones.
        ("accounts/account.html", "act_on_account"),  # a new link, reopening
        ("certificates/batch.html", "certificate_batch"),  # pause, resume
        ("certificates/certificate.html", "certificate"),  # a link to share, a blank's number
        ("enrollment/results.html", "close_run"),  # the dialog stands inside, after its fields
        ("certificates/run.html", "run_certificates"),  # files, choices
        ("certificates/run_confirmations.html", "run_confirmations"),  # files
    }
