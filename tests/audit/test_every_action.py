"""Every service that carries ``@audited`` leaves exactly one entry when it is the outermost action.

The actions are found by walking the apps. Each is performed here on the small programme of
``things``; where that takes a longer run-up, ELSEWHERE names the test that performs it.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction

from accounts import services as accounts
from accounts.models import AddressChange, User
from accounts.services import (
    addresses,
    invitations,
    roles,
    saved_filters,
    second_factor,
    single_sign_on,
)
from agencies import services as agencies
from audit.models import AuditEntry
from audit.services.exports import export_audit_log
from certificates.models import Certificate, CertificateDesign, IssuingTerms
from certificates.services import (
    batches,
    corrections,
    designs,
    holders,
    keys,
    notifications,
    register_export,
    share_links,
)
from certificates.services.terms import set_terms
from common import clock
from courses import services as courses
from courses.models import Material
from courses.services import catalogue, teaching, timetables
from enrollment.choices import Evidence, Mark
from enrollment.message_kinds import ENROLLED, REMINDER
from enrollment.models import Enrollment
from enrollment.services import (
    agency_kinds,
    attendance,
    calendar_addresses,
    check_in,
    class_documents,
    class_messages,
    completion,
    conference,
    details,
    enrollments,
    nomination_undo,
    nominations,
    outside,
    results,
    run_changes,
    seat_shares,
)
from jobs import services as jobs
from jobs.models import JobState
from notices.models import Notice, OutboxPause, UndeliverableAddress
from notices.services import mail_choices, outbox, texts
from notices.services import reminders as message_reminders
from people.models import Letter, Merge, Trainee, TransferRequest
from people.services import (
    bulk,
    data_requests,
    guess_limit,
    holidays,
    merges,
    privacy,
    registration,
    split_assignments,
    transfer_requests,
)
from people.services.accounts import letters_for, open_accounts
from people.services.corrections import correct, reveal_number, transfer
from people.services.letters import print_letters
from people.services.own_data import copy_own_data, take_own_data
from rosters.exporting import export_requests
from rosters.exporting import lists as roster_exporting
from rosters.importing import staging
from rosters.importing.rejects import rejects_file
from targets.models import AgencyTask, IndicatorValue, PeriodReport, Quota, Target
from targets.services import (
    duties,
    nightly_reconciliation,
    quotas,
    reminders,
    reports,
    tasks,
    values,
)
from targets.services import targets as promised
from tests.architecture.world import make_world
from tests.audit.learning_actions import LEARNING
from tests.audit.sample_programme import ANNA, FUTURE, NOON, Things
from tests.audit.test_words import actions_in_the_code
from tests.factories import make_agency, make_succession


def at_the_door(t: Things) -> object:
    with clock.set_to(t.session.starts_at):
        return check_in.check_in(session=t.session, enrollment=t.place("enrolled"), by=ANNA)


def assign_successors(t: Things) -> object:
    split = make_succession(t.world.agency, t.other, make_agency(), on=clock.today(), kind="split")
    return split_assignments.assign_people(
        succession=split, agency=t.other, people=[t.person], by=ANNA
    )


def asked_for(t: Things) -> TransferRequest:
    return TransferRequest.objects.create(trainee=t.person, to_agency=t.other, asked_by="x")


def guess_wrong(t: Things) -> object:
    limit = guess_limit.GuessLimit(t.other, ANNA.id)
    limit.count("0" * 64)
    return guess_limit.record_guesses(limit=limit, by=ANNA)


CALLS: dict[str, Callable[[Things], object]] = {
    # accounts, audit
    "second_factor_created": lambda t: accounts.create_second_factor(user=t.trainer, by=ANNA),
    "second_factor_reset": lambda t: second_factor.reset_second_factor(
        user=t.auditor, reason="Mất điện thoại", by=ANNA
    ),
    "sign_on_remembered": lambda t: single_sign_on.remember_identity(
        user=t.trainer, assertion=t.assertion, by=ANNA
    ),
    "sign_on_refused": lambda t: single_sign_on.report_other_subject(
        user=t.trainer, assertion=t.assertion, by=ANNA
    ),
    "sign_on_forgotten": lambda t: single_sign_on.forget_identity(
        user=t.known_at_the_provider(), by=ANNA
    ),
    "staff_number_set": lambda t: single_sign_on.set_staff_number(
        user=t.trainer, number="BKH-12", by=ANNA
    ),
    "office_invited": lambda t: invitations.invite_office(email="b@x.vn", by=ANNA),
    "api_token_created": lambda t: accounts.create_token(user=t.trainer, by=ANNA),
    "api_tokens_withdrawn": lambda t: accounts.withdraw_tokens(user=t.trainer, by=ANNA),
    "account_invited": lambda t: invitations.invite(
        email="a@x.vn", full_name="Lê An", roles={"trainer": None, "trainee": None}, by=ANNA
    ),
    "invitation_sent": lambda t: invitations.send_link(user=t.trainer, by=ANNA),
    "account_claimed": lambda t: invitations.claim_account(
        invitation=t.invitation(), password="x", by=ANNA
    ),
    "role_granted": lambda t: roles.grant_role(user=t.trainer, role="trainee", by=ANNA),
    "role_ended": lambda t: roles.end_role(user=t.trainer, role="trainer", by=ANNA),
    "address_change_asked": lambda t: addresses.ask_for_address(
        user=t.trainer, email="moi@x.vn", by=ANNA
    ),
    "address_changed": lambda t: addresses.change_address(
        change=AddressChange.objects.create(
            user=t.trainer, email="moi@x.vn", expires_at=clock.now() + dt.timedelta(days=1)
        ),
        by=ANNA,
    ),
    "sessions_ended": lambda t: roles.end_sessions(user=t.trainer, by=ANNA),
    "account_closed": lambda t: roles.close_account(user=t.trainer, by=ANNA),
    "account_reopened": lambda t: roles.reopen_account(user=t.trainer, by=ANNA),
    "audit_exported": lambda t: export_audit_log(
        entries=AuditEntry.objects.all(), asked={}, form="csv", by=ANNA
    ),
    # agencies, jobs
    "agency_entered": lambda t: agencies.enter_agency(
        slug="moi", name_vi="Mới", kind="ministry", by=ANNA
    ),
    "agency_corrected": lambda t: agencies.correct_agency(agency=t.other, short_name="BK", by=ANNA),
    "coordinator_appointed": lambda t: agencies.appoint_coordinator(
        agency=t.other, email="a@x.vn", full_name="Lê An", by=ANNA
    ),
    "coordinator_term_ended": lambda t: agencies.end_term(term=t.term, on=FUTURE, by=ANNA),
    "coordinator_handed_over": lambda t: agencies.hand_over(
        term=t.term, on=FUTURE, email="a@x.vn", full_name="Lê An", by=ANNA
    ),
    "succession_recorded": lambda t: agencies.record_succession(
        kind="renaming", on=FUTURE, predecessors=[t.world.agency], successors=[t.other], by=ANNA
    ),
    "succession_voided": lambda t: agencies.void_succession(
        succession=t.world.succession, reason="Nhầm", by=ANNA
    ),
    "successions_imported": lambda t: agencies.import_successions(rows=[], by=ANNA),
    "job_cancelled": lambda t: jobs.cancel(job=t.job(JobState.QUEUED), by=ANNA),
    "job_retried": lambda t: jobs.retry(job=t.job(JobState.FAILED), by=ANNA),
    # courses
    "run_opened": lambda t: courses.open_run(
        course=t.past.course, code="NEW", starts_on=FUTURE, ends_on=FUTURE, capacity=9, by=ANNA
    ),
    "run_changed": lambda t: courses.change_run(run=t.run(), venue="Hà Nội", by=ANNA),
    "course_entered": lambda t: catalogue.enter_course(
        code="NEW", title_vi="Khóa", periods=16, delivery="in_person", by=ANNA
    ),
    "course_changed": lambda t: catalogue.change_course(course=t.past.course, periods=8, by=ANNA),
    "trainer_added": lambda t: teaching.add_trainer(run=t.run(), guest_name="Lê An", by=ANNA),
    "trainer_removed": lambda t: teaching.remove_trainer(trainer=t.past.trainers.get(), by=ANNA),
    "run_announced": lambda t: teaching.announce(run=t.run("DRAFT"), by=ANNA),
    "runs_begun": lambda _: teaching.start_runs(by=ANNA),
    "run_copied": lambda t: teaching.copy_run(run=t.past, code="COPY", starts_on=FUTURE, by=ANNA),
    "decision_recorded": lambda t: teaching.record_decision(
        run=t.run(), kind="class_opening", number="1/QĐ", dated=dt.date(2026, 3, 1), by=ANNA
    ),
    "material_added": lambda t: teaching.add_material(
        run=t.run(), title="Bài 1", file=ContentFile(b"%PDF-1.7", "bai-1.pdf"), by=ANNA
    ),
    "material_removed": lambda t: teaching.remove_material(
        material=Material.objects.create(
            run=t.run(), title="Bài 1", file=ContentFile(b"%PDF-1.7", "bai-1.pdf")
        ),
        by=ANNA,
    ),
    **LEARNING,
    "session_added": lambda t: timetables.add_session(
        run=t.run(), starts_at=NOON, ends_at=NOON + dt.timedelta(hours=2), by=ANNA
    ),
    "session_changed": lambda t: timetables.change_session(session=t.session, topic="Mới", by=ANNA),
    "session_removed": lambda t: timetables.remove_session(session=t.session, by=ANNA),
    "run_rescheduled": lambda t: timetables.reschedule(
        run=t.run(), starts_on=FUTURE + dt.timedelta(days=7), by=ANNA
    ),
    # enrollment
    "attendance_marked": lambda t: attendance.mark_one(
        enrollments=Enrollment.objects.all(), enrollment_id=t.done.pk,
        session_id=t.past.sessions.earliest("pk").pk, mark=Mark.PRESENT, by=ANNA,
    ),
    "attendance_recorded": lambda t: attendance.record_attendance(
        run=t.past, marks=[], evidence=Evidence.SIGNED_SHEET, by=ANNA
    ),
    "run_cancelled": lambda t: run_changes.cancel_run(run=t.run(), reason="Hoãn", by=ANNA),
    "session_cancelled": lambda t: run_changes.cancel_session(session=t.session, by=ANNA),
    "run_moved": lambda t: run_changes.move_run(
        run=t.run(), starts_on=FUTURE + dt.timedelta(days=7), by=ANNA
    ),
    "session_rescheduled": lambda t: run_changes.reschedule_session(
        session=t.session, starts_at=NOON, ends_at=NOON + dt.timedelta(hours=2), by=ANNA
    ),
    "checked_in": lambda t: at_the_door(t),
    "run_closed": lambda t: completion.close_run(run=t.past, by=ANNA),
    "class_document_exported": lambda t: class_documents.export_class_document(
        run=t.past, document="attendance", by=ANNA
    ),
    "class_message_sent": lambda t: class_messages.send_class_message(
        sender=t.trainer, run=t.past, enrollments=Enrollment.objects.all(), key=uuid.uuid4(),
        draft=class_messages.Draft("Tài liệu", "Xin đọc."),
        agreed_recipients=t.past.enrollments.count(), by=ANNA,
    ),
    "completion_recorded_from_paper": lambda t: completion.record_from_paper(
        run=t.past, trainee=t.person, sending_agency=t.world.agency,
        completed_on=dt.date(2026, 3, 11), by=ANNA,
    ),
    "completion_voided": lambda t: completion.void_completion(
        completion=t.result, reason="Nhầm", by=ANNA
    ),
    "conference_log_recorded": lambda t: conference.record_conference_log(
        session=t.session, stays=[], minutes=60, by=ANNA
    ),
    "nomination_letter_recorded": lambda t: nominations.record_letter(
        run=t.run(), agency=t.world.agency, number="1", dated=dt.date(2026, 3, 1), by=ANNA
    ),
    "exception_granted": lambda t: results.grant_exception(
        enrollment=t.place("enrolled"), reason="Ốm", by=ANNA
    ),
    "closing_proposed": lambda t: results.propose_closing(run=t.past, by=ANNA),
    "results_recognised": lambda t: results.recognise(
        run=t.past, number="1/QĐ", dated=dt.date(2026, 4, 1), by=ANNA
    ),
    "evidence_scanned": lambda t: results.record_scan(
        run=t.past, content=b"%PDF-1.7", name="scan.pdf", by=ANNA
    ),
    "scores_recorded": lambda t: results.record_scores(run=t.run(), scores={}, by=ANNA),
    "completion_corrected": lambda t: results.correct_completion(
        completion=t.result, reason="Nhầm", completed_on=dt.date(2026, 3, 10), by=ANNA
    ),
    "results_moved_to_agency_kind": lambda t: agency_kinds.move_results_to_agency_kind(
        agency=t.world.agency, reason="Nhầm", by=ANNA
    ),
    "enrollment_approved": lambda t: enrollments.approve(enrollment=t.place("nominated"), by=ANNA),
    "enrollment_rejected": lambda t: enrollments.reject(enrollment=t.place("nominated"), by=ANNA),
    "enrollment_withdrawn": lambda t: enrollments.withdraw(
        enrollment=t.place("nominated"), by=ANNA
    ),
    "outside_course_matched": lambda t: outside.match_outside_course(
        platform="Coursera", title="AI", course=t.past.course, by=ANNA
    ),
    "outside_course_rematched": lambda t: outside.rematch_outside_course(
        run=t.world.outside_run, course=t.past.course, by=ANNA
    ),
    "outside_results_recorded": lambda t: outside.record_outside_results(
        sending_agency=t.world.agency, results=[], by=ANNA
    ),
    "people_withdrawn": lambda t: enrollments.withdraw_several(
        run=t.run(), reasons={t.place("nominated").pk: "Nghỉ ốm"}, by=ANNA
    ),
    "capacity_changed": lambda t: seat_shares.change_capacity(run=t.run(), capacity=50, by=ANNA),
    "free_seats_filled": lambda t: seat_shares.fill_seats(run=t.run(), by=ANNA),
    "seat_shares_released": lambda t: seat_shares.release_shares(run=t.run(), by=ANNA),
    "seat_share_set": lambda t: seat_shares.set_share(
        run=t.run(), agency=t.world.agency, seats=3, by=ANNA
    ),
    "enrollments_updated": lambda t: details.save_details(
        run=t.run(),
        updates=[details.update_details(t.place("enrolled"), {"remarks": "Mới"})],
        by=ANNA,
    ),
    "enrollments_restored": lambda t: details.restore_details(run=t.run(), changes={}, by=ANNA),
    "nomination_undone": lambda t: nomination_undo.undo_nomination(
        run=t.run(), trainee_ids=[t.person.pk], reason="Nhầm", by=ANNA
    ),
    # people
    "people_assigned_after_split": assign_successors,
    "person_entered": lambda t: registration.enter_person(
        agency=t.other,
        person=bulk.PersonData("Lê Văn Mới"),
        seen=Trainee.objects.all(),
        by=ANNA,
    ),
    "walk_in_not_found": lambda t: enrollments.record_unknown_walk_in(
        run=t.run(), search_key="An", by=ANNA
    ),
    "people_entered": lambda t: bulk.enter_people(agency=t.other, people=[], by=ANNA),
    "people_updated": lambda t: bulk.save_amended(amended=[], by=ANNA),
    "people_restored": lambda t: bulk.restore(before={}, by=ANNA),
    "person_corrected": lambda t: correct(
        trainee=t.person, seen=t.person.edition, values={"unit": "Vụ A"}, by=ANNA
    ),
    "person_transferred": lambda t: transfer(
        trainee=t.person, agency=t.other, on=clock.today(), by=ANNA
    ),
    "transfers_asked": lambda t: transfer_requests.ask_for_transfers(
        agency=t.other, names={t.person.pk: "Lê An"}, by=ANNA
    ),
    "transfer_accepted": lambda t: transfer_requests.accept_transfer(request=asked_for(t), by=ANNA),
    "transfer_declined": lambda t: transfer_requests.decline_transfer(
        request=asked_for(t), reason="Vẫn công tác tại đây", by=ANNA
    ),
    "transfers_withdrawn": lambda t: transfer_requests.withdraw_transfers(
        ids=[asked_for(t).pk], by=ANNA
    ),
    "matches_refused": guess_wrong,
    "number_revealed": lambda t: reveal_number(trainee=t.person, reason="Hỏi", by=ANNA),
    "candidates_listed": lambda t: merges.list_candidates(pairs=[], by=ANNA),
    "people_merged": lambda t: merges.merge(
        survivor=t.done.trainee, absorbed=t.person, reason="Một người", by=ANNA
    ),
    "merge_undone": lambda t: merges.undo_merge(merge=Merge.objects.get(), by=ANNA),
    "candidate_settled": lambda t: merges.settle_pair(
        one=t.world.pair.first, other=t.world.pair.second, state="different", by=ANNA
    ),
    "holidays_entered": lambda t: holidays.enter_holidays(
        first=clock.today(), last=clock.today(), name="Tết", by=ANNA
    ),
    "holiday_removed": lambda t: holidays.remove_holiday(holiday=t.world.holiday, by=ANNA),
    "data_request_received": lambda t: data_requests.ask(trainee=t.person, kind="access", by=ANNA),
    "data_request_answered": lambda t: data_requests.answer(
        request=t.world.data_request, state="replied", text="Đã nhận", by=ANNA
    ),
    "own_data_exported": lambda t: take_own_data(trainee=t.person, form="json", by=ANNA),
    "own_data_copied": lambda t: copy_own_data(request=t.world.data_request, by=ANNA),
    "erasure_begun": lambda t: privacy.begin_erasure(trainee=t.person, by=ANNA),
    "unmailed_letters_printed": lambda t: print_letters(letters=Letter.objects.all(), by=ANNA),
    "letters_printed": lambda t: letters_for(trainees=[t.person], by=ANNA),
    "accounts_opened": lambda t: open_accounts(trainees=[t.person], by=ANNA),
    # rosters
    "roster_uploaded": lambda t: staging.stage(
        user=t.coordinator, run=t.run(), agency=t.world.agency, file_name="a.csv",
        content="Họ và tên,Ngày sinh\nLê An,12/03/1980\n".encode(), by=ANNA,
    ),
    "roster_confirmed": lambda t: staging.confirm(user=t.coordinator, upload=t.upload, by=ANNA),
    "roster_discarded": lambda t: staging.discard(upload=t.upload, by=ANNA),
    "rejected_rows_downloaded": lambda t: rejects_file(upload=t.upload, by=ANNA),
    "roster_exported": lambda t: roster_exporting.export_roster(
        run=t.past, enrollments=Enrollment.objects.all(), form="csv", by=ANNA
    ),
    "people_exported": lambda t: roster_exporting.export_people(
        people=Trainee.objects.all(), form="csv", by=ANNA
    ),
    "training_matrix_exported": lambda t: roster_exporting.export_matrix(
        people=Trainee.objects.all(), form="csv", by=ANNA
    ),
    "roster_view_saved": lambda t: export_requests.save_view(
        user=t.coordinator, name="Của tôi", fields=["full_name"], by=ANNA
    ),
    "roster_view_renamed": lambda t: export_requests.rename_view(
        view=t.world.view, name="Ngắn", by=ANNA
    ),
    "filter_saved": lambda t: saved_filters.save_filter(
        user=t.coordinator, page="runs", name="Của tôi", asked={"state": ["open"]}, by=ANNA
    ),
    "filter_renamed": lambda t: saved_filters.rename_filter(
        saved=t.world.saved_filter, name="Ngắn", by=ANNA
    ),
    "filter_removed": lambda t: saved_filters.remove_filter(saved=t.world.saved_filter, by=ANNA),
    "roster_view_removed": lambda t: export_requests.remove_view(view=t.world.view, by=ANNA),
    # certificates
    "certificate_batch_started": lambda t: batches.start_batch(run=t.run(), owner=None, by=ANNA),
    "certificate_batch_paused": lambda t: batches.pause_batch(batch=t.batch, by=ANNA),
    "certificate_batch_cancelled": lambda t: batches.cancel_batch(batch=t.batch, by=ANNA),
    "certificate_design_chosen": lambda t: designs.make_default(
        design=CertificateDesign.objects.get(), by=ANNA
    ),
    "register_exported": lambda t: register_export.export_register(
        certificates=Certificate.objects.all(), asked={}, form="xlsx", by=ANNA
    ),
    "certificate_revoked": lambda t: corrections.revoke(
        certificate=t.certificate, reason="Nhầm", by=ANNA
    ),
    "certificate_key_added": lambda t: keys.add_credential_key(name="moi", by=ANNA),
    "mail_choices_changed": lambda t: mail_choices.change_mail_choices(
        reader=User.objects.earliest("pk"), mailed=(), daily_digest=False, by=ANNA
    ),
    "mail_kind_muted": lambda t: mail_choices.mute(notice=Notice.objects.latest("pk"), by=ANNA),
    "mail_kind_unmuted": lambda t: mail_choices.unmute(notice=Notice.objects.latest("pk"), by=ANNA),
    "message_text_changed": lambda t: texts.change_text(
        kind=ENROLLED, language="vi", subject="Lớp {class_code}", body="Kính gửi", by=ANNA
    ),
    "message_text_reset": lambda t: texts.reset_text(kind=ENROLLED, language="vi", by=ANNA),
    "messages_sent_again": lambda t: outbox.send_again(by=ANNA),
    "outbox_paused": lambda t: outbox.pause(reason="Sai nội dung", by=ANNA),
    "outbox_resumed": lambda t: (
        OutboxPause.objects.create(paused_by="ANNA", reason="Sai nội dung"),
        outbox.resume(by=ANNA),
    ),
    "address_tried_again": lambda t: outbox.try_address_again(
        marked=UndeliverableAddress.objects.get(), by=ANNA
    ),
    "reminder_days_changed": lambda t: message_reminders.change_days(
        kind=REMINDER, days=5, by=ANNA
    ),
    "certificate_holders_notified": lambda t: notifications.notify_holders(
        run=t.past, confirmed=1, by=ANNA
    ),
    "printed_name_confirmed": lambda t: holders.confirm_name(trainee=t.person, by=ANNA),
    "paper_blank_recorded": lambda t: corrections.record_blank(
        certificate=t.certificate, number="P-001", by=ANNA
    ),
    "calendar_address_created": lambda t: calendar_addresses.create_address(
        user=t.trainer, scope="taught", by=ANNA
    ),
    "calendar_address_revoked": lambda t: calendar_addresses.revoke_address(
        address=t.trainer.calendar_addresses.create(scope="taught", digest="0" * 64), by=ANNA
    ),
    "certificate_shared": lambda t: share_links.share(certificate=t.certificate, days=7, by=ANNA),
    "certificate_link_withdrawn": lambda t: share_links.withdraw_link(link=t.link(), by=ANNA),
    # targets
    "target_set": lambda t: promised.set_target(
        indicator=t.world.value.indicator, due_on=FUTURE, minimum=9, legal_basis="QĐ 1", by=ANNA
    ),
    "target_withdrawn": lambda t: promised.withdraw_target(
        target=t.world.value.indicator.targets.create(due_on=FUTURE, minimum=8), reason="Nhầm",
        by=ANNA,
    ),
    "quota_set": lambda t: quotas.set_quota(
        target=Target.objects.latest("due_on"), agency=t.other, minimum=3, by=ANNA
    ),
    "quota_removed": lambda t: quotas.remove_quota(
        quota=Quota.objects.get(), by=ANNA, reason="Giao lại"
    ),
    "task_set": lambda t: tasks.set_task(
        indicator=t.world.value.indicator, agency=t.other, title="Mở lớp", due_on=FUTURE,
        responsible_unit="Vụ A", by=ANNA,
    ),
    "task_done": lambda t: tasks.finish_task(task=AgencyTask.objects.get(), by=ANNA),
    "task_reopened": lambda t: tasks.reopen_task(
        task=t.finished_task(), by=ANNA
    ),
    "task_progress_reported": lambda t: tasks.report_progress(
        task=AgencyTask.objects.get(), day=clock.today(), text="Đã làm", by=ANNA
    ),
    "task_progress_decided": lambda t: tasks.decide_progress(
        report=t.task_report(), accept=True, by=ANNA
    ),
    "task_answered": lambda t: tasks.answer_task(
        unit=t.cooperating_unit(), answer="accepted", by=ANNA
    ),
    "task_removed": lambda t: tasks.remove_task(
        task=AgencyTask.objects.get(), by=ANNA, reason="Hủy"
    ),
    "indicator_value_reported": lambda t: values.report_value(
        indicator=t.world.value.indicator, agency=t.other, numerator=1, denominator=2,
        measured_on=clock.today(), evidence=("a.pdf", b"%PDF-1.7"), by=ANNA,
    ),
    "indicator_value_decided": lambda t: values.decide_value(
        value=IndicatorValue.objects.get(), accept=True, by=ANNA
    ),
    "reporting_duty_set": lambda t: duties.set_duty(
        indicator=t.world.value.indicator, since=clock.today(), kinds=["ministry"],
        reason="Công văn 1", by=ANNA,
    ),
    "issuing_terms_set": lambda t: set_terms(
        by=ANNA, terms=IssuingTerms(run=t.past, names_must_be_confirmed=True)
    ),
    "deadlines_reminded": lambda t: reminders.remind_of_deadlines(by=ANNA),
    "reconciled": lambda t: nightly_reconciliation.reconcile_and_notify(by=ANNA),
    "period_reopened": lambda t: reports.reopen(
        report=PeriodReport.objects.get(), reason="Nhầm", by=ANNA
    ),
}  # fmt: skip

_EVALUATIONS = "tests/evaluations/test_results.py"
_FRAMEWORKS = "tests/competencies/factories.py"
_FOLLOW_UPS = "tests/evaluations/test_follow_ups.py"
_OUTSIDE_SIGNATURES = "tests/certificates/test_outside_signatures.py"
_ATTENDANCE = "tests/certificates/test_attendance_confirmations.py"
_RETENTION = "tests/retention/test_packages.py"
_MONTHLY = "tests/rosters/exporting/test_monthly_lists.py"
# Actions that need more than a few lines to get to, and the test that performs them.
ELSEWHERE = {
    "archive_package_downloaded": (_RETENTION, "download"),
    "archive_package_file_removed": (_RETENTION, "remove_file"),
    "archive_package_handed_over": (_RETENTION, "hand_over"),
    "archive_package_made": (_RETENTION, "archive_package_made"),
    "archive_package_requested": (_RETENTION, "request_package"),
    "archive_package_withdrawn": (_RETENTION, "withdraw"),
    "due_records_listed": (_RETENTION, "list_due_records"),
    "record_deletion_approved": (_RETENTION, "approve_deletion"),
    "records_deleted": (_RETENTION, "records_deleted"),
    "retention_rule_set": (_RETENTION, "set_rule"),
    "audit_head_sent": ("tests/accounts/test_daily_audit_heads.py", "send_daily_head"),
    "audit_heads_set_aside": ("tests/audit/test_signed_heads.py", "accept_restored_log"),
    "backup_restored": ("tests/lms/backups/test_backup.py", "restore"),
    "register_continued": ("tests/lms/backups/test_backup.py", "continue_register"),
    "list_scheduled": (_MONTHLY, "schedule_list"),
    "list_schedule_changed": (_MONTHLY, "list_schedule_changed"),
    "list_schedule_paused": (_MONTHLY, "list_schedule_paused"),
    "list_schedule_resumed": (_MONTHLY, "list_schedule_resumed"),
    "list_schedule_removed": (_MONTHLY, "list_schedule_removed"),
    "attendance_confirmation_replaced": (_ATTENDANCE, "replace_confirmation"),
    "attendance_confirmation_revoked": (_ATTENDANCE, "revoke_confirmation"),
    "attendance_confirmations_issued": (_ATTENDANCE, "register_confirmations"),
    "certificate_duplicated": ("tests/certificates/test_duplicates.py", "issue_duplicate"),
    "certificate_bundle_requested": ("tests/certificates/test_bundles.py", "request_bundle"),
    "certificates_bundled": ("tests/certificates/test_bundles.py", "certificates_bundled"),
    "certificate_batch_resumed": ("tests/certificates/test_batch.py", "resume_batch"),
    "certificate_claimed": ("tests/certificates/test_pages.py", "claim"),
    "certificate_design_saved": ("tests/certificates/test_designs.py", "save_design"),
    "certificate_key_retired": ("tests/certificates/test_keys.py", "retire_key"),
    "certificate_reissued": ("tests/certificates/test_register.py", "reissue"),
    "certificates_issued": ("tests/certificates/test_issue.py", "issue_for_run"),
    "completions_assigned_after_split": (
        "tests/enrollment/test_report_over_time.py", "assign_completions",
    ),
    "counting_rule_adopted": ("tests/counting/actions.py", "adopt_rule"),
    "erased_in_app": ("tests/people/test_erasure.py", "erase_in"),
    "evaluation_closed": (_EVALUATIONS, "close_evaluation"),
    "evaluation_form_published": ("tests/evaluations/factories.py", "publish_form"),
    "evaluation_planned": ("tests/evaluations/factories.py", "plan_evaluation"),
    "evaluation_text_held_back": (_EVALUATIONS, "hold_back_text"),
    "evaluation_text_released": (_EVALUATIONS, "release_text"),
    "paper_evaluations_discarded": (_EVALUATIONS, "discard_paper_forms"),
    "paper_evaluations_entered": (_EVALUATIONS, "enter_paper_forms"),
    "audience_changed": ("tests/competencies/test_audiences.py", "change_audience"),
    "audience_entered": (_FRAMEWORKS, "enter_audience"),
    "audiences_imported": ("tests/competencies/test_import_audiences.py", "import_audiences"),
    "course_competency_removed": (
        "tests/competencies/test_frameworks.py", "remove_course_competency",
    ),
    "course_competency_set": (_FRAMEWORKS, "set_course_competency"),
    "framework_adopted": (_FRAMEWORKS, "adopt_framework"),
    "framework_published": (_FRAMEWORKS, "publish_framework"),
    "example_decided": (_FOLLOW_UPS, "decide_example"),
    "follow_up_answered": (_FOLLOW_UPS, "answer"),
    "follow_up_rule_set": (_FOLLOW_UPS, "set_rule"),
    "line_manager_named": (_FOLLOW_UPS, "name_manager"),
    "field_keys_rotated": ("tests/lms/test_rotate_field_keys.py", "rotate_field_keys"),
    "annex_exported": ("tests/targets/test_sign_off.py", "export_annex"),
    "evidence_pack_exported": ("tests/targets/test_sign_off.py", "evidence_pack"),
    "issuing_body_saved": ("tests/certificates/test_issuers.py", "save_body"),
    "people_moved": ("tests/enrollment/test_class_roster.py", "move_people"),
    "seat_taken_back": ("tests/enrollment/test_taking_back.py", "take_back"),
    "nominee_replaced": ("tests/enrollment/test_nominees.py", "replace_nominee"),
    "paper_results_backfilled": ("tests/enrollment/test_results.py", "backfill"),
    "people_nominated": ("tests/enrollment/test_nominees.py", "nominate"),
    "people_removed": ("tests/rosters/importing/test_undo.py", "remove_people"),
    "indicator_value_replaced": ("tests/targets/test_reporting_base.py", "replace_value"),
    "indicator_value_withdrawn": ("tests/targets/test_reporting_base.py", "withdraw_value"),
    "silent_agencies_reminded": ("tests/targets/test_reporting_base.py", "remind_silent"),
    "period_signed": ("tests/targets/test_set_target.py", "sign_off"),
    "report_signed_digitally": ("tests/targets/test_report_signature.py", "sign_file"),
    "enrollment_requested": ("tests/enrollment/test_nominees.py", "request_enrollment"),
    "reference.loaded": ("tests/lms/test_load_reference.py", "load_reference"),
    "resit_recorded": ("tests/enrollment/test_results.py", "record_resit"),
    "roster_backfilled": ("tests/contract/test_backfill_roster.py", "backfill_results"),
    "roster_characters_dropped": (
        "tests/rosters/exporting/test_exports.py",
        "roster_characters_dropped",
    ),
    "roster_columns_mapped": ("tests/rosters/importing/test_row_editing.py", "map_columns"),
    "roster_export_requested": ("tests/rosters/exporting/test_exports.py", "request_export"),
    "roster_imported": ("tests/contract/test_main_path.py", "import_roster"),
    "outside_results_imported": (
        "tests/rosters/importing/test_outside.py",
        "outside_results",
    ),
    "roster_rest_staged": ("tests/rosters/importing/test_rest.py", "stage_rest"),
    "roster_row_edited": ("tests/rosters/importing/test_row_editing.py", "edit_row"),
    "roster_undone": ("tests/rosters/importing/test_undo.py", "undo"),
    "seal_image_set": ("tests/certificates/steps.py", "store_seal"),
    "signature_image_set": ("tests/certificates/steps.py", "store_signature"),
    "signed_certificate_accepted": (_OUTSIDE_SIGNATURES, "accept_signed_file"),
    "signer_certificate_ended": (_OUTSIDE_SIGNATURES, "end_certificate"),
    "signer_certificate_entered": ("tests/certificates/forgeries.py", "enter_certificate"),
    "signer_saved": ("tests/certificates/test_issuers.py", "save_signer"),
    "timetable_generated": ("tests/courses/test_timetable.py", "generate_timetable"),
    "timetable_replaced": ("tests/enrollment/test_changes.py", "replace_timetable"),
    "walk_in_entered": ("tests/enrollment/test_nominees.py", "enroll_walk_in"),
}  # fmt: skip


def entries_of(call: Callable[[Things], object], things: Things) -> list[str]:
    """The actions that one call has audited, or why it could not be done; then undone."""
    with transaction.atomic():
        last = AuditEntry.objects.latest("pk").pk
        try:
            with transaction.atomic():
                call(things)
            found = list(AuditEntry.objects.filter(pk__gt=last).values_list("action", flat=True))
        except Exception as error:  # noqa: BLE001  # whatever went wrong belongs into the table
            found = [f"{type(error).__name__}: {error}"]
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_each_action_writes_exactly_one_entry():
    things = Things(make_world())
    found = {action: entries_of(call, things) for action, call in CALLS.items()}
    wrong = [f"{action}: {rows}" for action, rows in found.items() if rows != [action]]
    assert "\n".join(wrong) == ""


def test_every_action_is_performed():
    assert actions_in_the_code() - set(CALLS) - set(ELSEWHERE) == set(), "perform these in CALLS"
    assert not set(CALLS) & set(ELSEWHERE)


def test_the_tests_named_perform_the_action():
    root = Path(settings.BASE_DIR)
    texts = {path: (root / path).read_text() for path, _function in ELSEWHERE.values()}
    assert [
        (path, name)
        for path, name in ELSEWHERE.values()
        if not re.search(rf"\b{name}\b", texts[path])
    ] == []
