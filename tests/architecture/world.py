"""A small programme with one of everything, and the nine kinds of visitor who look at it."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile

from accounts.choices import Role
from accounts.invalidation import Secret, state_of
from accounts.models import SavedFilter, User
from accounts.services import create_second_factor
from agencies.models import Agency, Succession
from audit.models import AuditEntry
from audit.services import SYSTEM
from certificates.models import (
    AttendanceConfirmation,
    Batch,
    Certificate,
    CertificateDesign,
    IssuingBody,
    Signer,
    SignerCertificate,
)
from common import clock
from common.encryption import box
from competencies.models import CourseCompetency
from counting.models import CountingRule, Indicator
from counting.replay import TRAINED_OFFICIALS
from courses.choices import CalendarScope
from courses.models import CalendarAddress, Course, CourseRun
from enrollment.choices import EnrollmentState
from enrollment.models import ClassMessage, Completion, Enrollment
from enrollment.services.outside import match_outside_course
from evaluations.models import Evaluation, EvaluationForm, FollowUp
from evaluations.services.evaluations import lay_out
from evaluations.services.follow_ups import answer
from jobs.models import Job
from learning.models import Attempt, Question, UnitDone
from learning.services.course_tests import save_test
from learning.services.units import add_unit
from notices.models import MessageText, Notice, ReminderDays, UndeliverableAddress
from notices.services.mail_choices import link_to_stop
from people.models import CandidatePair, DataRequest, Holiday, Letter, Merge, TransferRequest
from retention.models import ArchivePackage
from rosters.choices import Outcome
from rosters.importing.report import ImportReport, RowResult
from rosters.importing.row_plan import batched
from rosters.importing.rows import RosterRow, RosterValues
from rosters.importing.staged_rows import new_parts
from rosters.models import ListSchedule, RosterExport, RosterImport, RosterView
from targets.models import AgencyTask, IndicatorValue, PeriodReport, Quota, Target
from targets.services.duties import set_duty
from targets.services.quotas import set_quota
from targets.services.reports import letter_of, sign_off
from targets.services.tasks import report_progress, set_task
from targets.services.values import report_value
from tests.competencies.factories import make_audience, teach
from tests.evaluations.factories import make_form
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_enrollment,
    make_run,
    make_saved_filter,
    make_succession,
    make_trainee,
    make_trainer,
    make_user,
)

PRINTED = {
    "issuing_body": "Cục Chuyển đổi số quốc gia",
    "full_name": "Đặng Thị Ngọc Ánh",
    "birth": "1985-03-12",
    "course_title": "Tổng quan trí tuệ nhân tạo",
    "register_number": "0001/2026/AI",
    "issued_on": "2026-03-20",
    "signer_name": "Trần Quốc Hải",
    "verification_code": "7K3M-9QXB-TFW2-HD8P",
    "verification_url": "https://lms.example/verify/7K3M-9QXB-TFW2-HD8P",
}


RUN_ROUTES = (
    "run_calendar", "new_material", "run_seats", "run_capacity", "run_share", "request_enrollment",
    "nominate", "run_attendance", "mark_attendance", "conference_log", "walk_in", "sheet_file",
    "mark_rest", "take_attendance",
    "run_results", "run_scores", "close_run", "run_plan", "change_run", "add_session",
    "run_units", "new_class_unit",
    "class_messages", "new_class_message", "score_sheet", "take_scores", "add_scan", "opening_list",
    "act_on_selection",
)  # fmt: skip
EVALUATION_ROUTES = (
    "run_evaluation", "plan_evaluation", "close_evaluation", "evaluation_paper", "evaluation_sheet",
    "take_evaluations", "type_evaluation", "discard_evaluations", "evaluation_results",
)  # fmt: skip
COURSE_ROUTES = (
    "course_units",
    "new_course_competency",
    "new_unit",
    "question_bank",
    "new_question",
    "import_questions",
    "new_test",
)
FRAMEWORK_ROUTES = ("framework", "adopt_framework", "framework_file")
REPORT_ROUTES = (
    "report", "compare_again", "reopen_report", "report_signature", "report_pdf", "annex",
    "annex_adjustments", "evidence_pack",
)  # fmt: skip
PERSON_ROUTES = (
    "explain", "person", "correct_person", "transfer_person", "reveal_number", "record_request",
)  # fmt: skip
PACKAGE_ROUTES = (
    "archive_package", "archive_package_file", "hand_over_package", "approve_record_deletion",
    "withdraw_package", "remove_package_file",
)  # fmt: skip
TRANSFER_ROUTES = ("accept_transfer", "decline_transfer", "withdraw_transfer")


@dataclass
class World:
    """The standing people and things; ``visitors`` in the order of the table of rights."""

    agency: Agency
    run: CourseRun
    certificate: Certificate
    roster: RosterImport
    outside_run: CourseRun
    schedule: ListSchedule
    export: RosterExport
    view: RosterView
    saved_filter: SavedFilter
    job: Job
    batch: Batch
    succession: Succession
    report: PeriodReport
    pair: CandidatePair
    merge: Merge
    transfer: TransferRequest
    quota: Quota
    task: AgencyTask
    value: IndicatorValue
    data_request: DataRequest
    holiday: Holiday
    visitors: dict[str, User | None] = field(default_factory=dict)

    @property
    def signer_certificate(self) -> SignerCertificate:
        entry, _new = SignerCertificate.objects.get_or_create(
            body=self.certificate.signer.body,
            fingerprint="ab" * 32,
            defaults={
                "subject": "CN=Trần Quốc Hải",
                "der": b"",
                "valid_from": clock.now(),
                "valid_to": clock.now(),
            },
        )
        return entry

    @property
    def confirmation(self) -> AttendanceConfirmation:
        return AttendanceConfirmation.objects.get()

    @property
    def reminder_token(self) -> str:
        return link_to_stop(Notice.objects.earliest("pk")).split("/")[-2]

    @property
    def calendar_address(self) -> CalendarAddress:
        address, _new = CalendarAddress.objects.get_or_create(
            user=self.visitors["trainee"], scope=CalendarScope.OWN, defaults={"digest": "0" * 64}
        )
        return address

    @property
    def example(self) -> FollowUp:
        """An answer with an example that waits for the office."""
        return FollowUp.objects.examples().earliest("pk")

    @property
    def taught(self) -> CourseCompetency:
        return CourseCompetency.objects.earliest("pk")

    @property
    def package(self) -> ArchivePackage:
        return ArchivePackage.objects.get()

    @property
    def class_message(self) -> ClassMessage:
        return ClassMessage.objects.earliest("pk")

    @property
    def kwargs(self) -> dict[str, dict[str, Any]]:
        """What the addresses need, by the name of the route."""
        place = self.certificate.completion.enrollment_id
        trainer = (self.visitors["trainer"] or User()).pk
        auditor = {"pk": (self.visitors["auditor"] or User()).pk}  # who has a second factor to lose
        certificate = {"code": self.certificate.verification_code}
        confirmation = {"code": self.confirmation.verification_code}
        person = {"code": self.certificate.completion.trainee.code}
        run, roster, job = {"code": self.run.code}, {"pk": self.roster.pk}, {"job_id": self.job.pk}
        unit, question = self.run.course.units.get(), self.run.course.questions.get()
        test = self.run.course.tests.get()
        report, indicator = {"code": self.report.code}, {"slug": self.value.indicator.slug}
        quota, task, value = {"pk": self.quota.pk}, {"pk": self.task.pk}, {"pk": self.value.pk}
        message = {"kind": "enrollment_enrolled", "language": "vi"}
        return {
            "target": {"pk": self.quota.target_id},
            "withdraw_target": {"pk": self.quota.target_id},
            "quota": quota,
            "remove_quota": quota,
            "task": task,
            "finish_task": task,
            "reopen_task": task,
            "remove_task": task,
            "task_progress": task,
            "answer_task": {"pk": self.task.units.get().pk},
            "decide_progress": {"pk": self.task.reports.get().pk},
            "task_proof": {"pk": self.task.reports.get().pk},
            "indicator": indicator,
            "report_value": indicator,
            **dict.fromkeys(("decide_value", "withdraw_value", "replace_value"), value),
            **dict.fromkeys(("silent", "remind_silent", "reporting_duty"), indicator),
            "silent_file": indicator | {"form": "csv"},
            "value_evidence": value,
            **dict.fromkeys(REPORT_ROUTES, report),
            "course": {"code": self.run.course.code},
            "run": run,
            **dict.fromkeys(RUN_ROUTES, run),
            "decide_enrollment": run | {"enrollment_id": place, "action": "approve"},
            "withdraw_enrollment": run | {"enrollment_id": place},
            "take_seat_back": run | {"enrollment_id": place},
            "enrollment_details": run | {"enrollment_id": place},
            "letter_file": run | {"letter": self.run.letters.get().pk},
            "replace_enrollment": run | {"enrollment_id": place},
            "completion_exception": run | {"enrollment_id": place},
            "class_message": run | {"pk": self.class_message.pk},
            "class_message_file": run
            | {"pk": self.class_message.pk, "file": self.class_message.files.get().pk},
            "void_result": run | {"result": self.certificate.completion.pk},
            **{key: {"code": self.run.course.code} for key in COURSE_ROUTES},
            "export_questions": {"code": self.run.course.code, "form": "gift"},
            "unit": {"pk": unit.pk},
            "unit_action": {"pk": unit.pk, "action": "down"},
            **dict.fromkeys(("run_unit", "fit_unit"), run | {"pk": unit.pk}),
            "unit_file": {"version": unit.versions.get().pk},
            **{key: {"pk": question.pk} for key in ("question", "remove_question")},
            **{key: {"pk": test.pk} for key in ("test", "remove_test")},
            **dict.fromkeys(("run_test", "test_window", "paper_scores"), run | {"pk": test.pk}),
            **{key: {"pk": test.taken.get().pk} for key in ("attempt", "save_attempt")},
            "material_file": run | {"material": self.run.materials.get().pk},
            "delete_material": run | {"material": self.run.materials.get().pk},
            "correct_result": run | {"result": self.certificate.completion.pk},
            "resit": run | {"enrollment_id": place},
            "scan_file": run | {"scan": 1},
            "check_in_code": run | {"number": 1},
            "save_session": run | {"number": 1},
            "change_session": run | {"number": 1},
            "run_decision": run | {"kind": "recognition"},
            "decision_file": run | {"kind": "recognition"},
            "change_course": {"code": self.run.course.code},
            "check_in_scan": {"token": "no-code-of-ours"},
            "plan_run": run | {"action": "announce"},
            **dict.fromkeys(PERSON_ROUTES, person),
            "reconcile_names": {"step": "attended", "reason": "nothing"},
            "rule_draft": {"digest": "none"},
            "pair": {"pk": self.pair.pk},
            "undo_merge": {"pk": self.merge.pk},
            **{route: {"pk": self.transfer.pk} for route in TRANSFER_ROUTES},
            "data_request": {"pk": self.data_request.pk},
            "request_copy": {"pk": self.data_request.pk},
            "remove_holiday": {"pk": self.holiday.pk},
            "my_data_file": {"form": "json"},
            "agency": {"slug": self.agency.slug},
            "correct_agency": {"slug": self.agency.slug},
            "agency_kind": {"slug": self.agency.slug},
            "rematch_course": {"code": self.outside_run.code},
            "split_assignments": {"pk": self.succession.pk},
            "coordinators": {"slug": self.agency.slug},
            "appoint_coordinator": {"slug": self.agency.slug},
            "hand_over": {
                "slug": self.agency.slug,
                "pk": self.agency.coordinators.earliest("pk").pk,
            },
            "void_succession": {"pk": self.succession.pk},
            "roster_file": run | {"form": "csv"},
            "roster": roster,
            "confirm_roster": roster,
            "discard_roster": roster,
            "rejected_rows": roster,
            "export_file": {"pk": self.export.pk},
            "saved_columns": {"pk": self.view.pk},
            "remove_columns": {"pk": self.view.pk},
            "saved_filter": {"pk": self.saved_filter.pk},
            "remove_saved_filter": {"pk": self.saved_filter.pk},
            "roster_columns": roster,
            "roster_row": roster | {"number": 2},
            "undo_roster": roster,
            "stage_rest": roster,
            "roster_sample": run,
            "certificate_file": certificate,
            "verify_code": certificate,
            "certificate": certificate,
            "duplicate_file": certificate | {"number": 1},
            "attendance_confirmation": confirmation,
            "attendance_confirmation_file": confirmation,
            "run_confirmations": run,
            "register_file": {"form": "xlsx"},
            "issuing_sample": run,
            "run_certificates": run,
            "run_certificates_file": run | {"kind": "zip"},
            "certificate_design": {"slug": "plain", "version": 1},
            "design_preview": {"slug": "plain", "version": 1, "sample": "longest"},
            "issuing_body": {"pk": self.certificate.signer.body_id},
            "new_signer": {"pk": self.certificate.signer.body_id},
            "signer_certificates": {"pk": self.certificate.signer.body_id},
            "end_signer_certificate": {"pk": self.signer_certificate.pk},
            "signer": {"pk": self.certificate.signer_id},
            "baked_image": {"sha256": "0" * 64},
            "shared_certificate": {"token": "nobody-has-this"},
            "name_by_link": {"token": "nobody-has-this"},
            "agency_options": {"scope": "listed"},
            "calendar_feed": {"token": "nobody-has-this"},
            "revoke_calendar": {"pk": self.calendar_address.pk},
            **dict.fromkeys(EVALUATION_ROUTES, run),
            "evaluation_report": run | {"form": "pdf"},
            "evaluation_form": {"pk": self.run.evaluation.form_id},
            "evaluation_form_file": {"pk": self.run.evaluation.form_id},
            "evaluation_text": {"pk": uuid.UUID(int=0)},
            "answer_evaluation": {"token": "nobody-has-this"},
            "follow_up": {"token": "nobody-has-this"},
            "effect_example": {"pk": self.example.pk},
            "example_file": {"pk": self.example.pk},
            "answer_follow_up": {"pk": FollowUp.objects.filter(answered_at=None).earliest("pk").pk},
            **{key: {"pk": self.taught.competency.framework_id} for key in FRAMEWORK_ROUTES},
            **{key: {"slug": "group"} for key in ("audience", "change_audience")},
            "course_competency": {"pk": self.taught.pk},
            "remove_course_competency": {"pk": self.taught.pk},
            "status_list": {"register": "AI", "year": 2026},
            "superseded_list": {"register": "AI", "year": 2026},
            "verify_credential": certificate,
            "certificate_credential": certificate | {"kind": "json"},
            "achievement": {"code": "AI-101", "version": 9, "language": "vi"},
            "badge": {"code": "AI-101", "version": 9, "kind": "png"},
            "certificate_batch": {"batch_id": self.batch.pk},
            "unsubscribe": {"token": self.reminder_token},
            "message_text": message,
            "reset_message_text": message,
            "change_reminder_days": {"kind": "class_reminder"},
            "take_bounce": {"secret": "nobody-has-this"},
            "certificate_bundle_file": {"bundle_id": uuid.UUID(int=0), "kind": "archive"},
            "schedule": {"pk": self.schedule.pk},
            "act_on_schedule": {"pk": self.schedule.pk, "action": "pause"},
            "job": job,
            "account": auditor,
            "grant_role": {"pk": trainer},
            "end_role": {"pk": trainer, "role": "trainer"},
            "staff_number": {"pk": trainer},
            "reset_second_factor": auditor,
            "act_on_account": {"pk": trainer, "action": "sign-out"},
            "end_token": {"digest": "0" * 128},
            "claim_by_link": {"token": "nobody-has-this"},
            "confirm_address": {"token": "nobody-has-this"},
            "account_confirm_email": {"key": "nobody-has-this"},
            "account_reset_password_from_key": {"uidb36": "1", "key": "nobody-has-this"},
            "mfa_remove_webauthn": {"pk": 1},
            "mfa_edit_webauthn": {"pk": 1},
            "admin:app_list": {"app_label": "jobs"},
            "admin:jobs_job_change": {"object_id": self.job.pk},
            "admin:notices_notice_change": {"object_id": 999_999},
            "admin:jobs_timedtaskrun_change": {"object_id": 999_999},
            "admin:jobs_workerheartbeat_change": {"object_id": 999_999},
            "audit_entry": {"pk": AuditEntry.objects.earliest("pk").pk},
            "audit_file": {"form": "csv"},
            "retention_kind": {"kind": "letters"},
            **{key: {"pk": self.package.pk} for key in PACKAGE_ROUTES},
            "cancel_job": job,
            "retry_job": job,
        }


def make_certificate(completion: Any, number: int = 1, **fields: Any) -> Certificate:
    """A certificate with a file, as a row; its bytes are no real PDF."""
    body, _new = IssuingBody.objects.get_or_create(
        name="Cục Chuyển đổi số quốc gia", place="Hà Nội"
    )
    signer, _new = Signer.objects.get_or_create(body=body, name="Trần Quốc Hải", title="CỤC TRƯỞNG")
    design, _new = CertificateDesign.objects.get_or_create(
        slug="plain", html="<p></p>", css="", defaults={"name": "Mẫu thường"}
    )
    certificate = Certificate(
        completion=completion,
        register="AI",
        year=2026,
        register_number=number,
        serial_number=f"AI26{number:06d}",
        design=design,
        signer=signer,
        sha256=f"{number:064d}",
        **({"printed": PRINTED} | fields),
    )
    certificate.file.save("certificate.pdf", ContentFile(b"%PDF-1.7"), save=False)
    certificate.save()
    return certificate


def make_confirmation(enrollment: Any, signer: Signer) -> AttendanceConfirmation:
    """A confirmation of attendance with a file, as a row; its bytes are no real PDF."""
    confirmation = AttendanceConfirmation(
        enrollment=enrollment,
        register="XN",
        year=2026,
        register_number=900,
        signer=signer,
        sha256="f" * 64,
        printed={
            "full_name": "Nguyễn Văn An", "position": "", "workplace": "Bộ A", "birth": None,
            "course_title": "AI căn bản", "run_code": enrollment.run.code, "days": "10/03/2026",
            "attended": 1, "sessions_held": 2, "hours_attended": "3", "hours_held": "6",
            "sessions": [{"number": 1, "day": "10/03/2026", "hours": "", "topic": ""}],
            "register_number": "0900/2026/XN", "parent_body": "", "issuing_body": "BỘ A",
            "authority": [], "signer_name": "Trần Quốc Hải",
        },
    )  # fmt: skip
    confirmation.file.save("confirmation.pdf", ContentFile(b"%PDF-1.7"), save=False)
    confirmation.save()
    return confirmation


NOTHING: Any = {}
A_LIST: Any = {"form": "xlsx"}
NOBODY: Any = []


def make_roster(run: CourseRun, agency: Agency, user: User | None, **fields: Any) -> RosterImport:
    """A checked upload, ready to be confirmed."""
    headings = {"0": "Họ và tên", "1": "Ngày sinh"}
    defaults = {
        "file_name": "roster.csv",
        "file_sha256": "0" * 64,
        "content": box().encrypt("Họ và tên,Ngày sinh\nNguyễn Văn An,12/03/1980\n".encode()),
        "report": ImportReport([]).summary(),
        "table": {
            "sheet": "roster",
            "sheets": ["roster"],
            "header_row": 1,
            "columns": {"full_name": 0, "birth": 1},
            "headings": headings,
            "notes": [],
        },
        "expires_at": clock.now() + dt.timedelta(days=30),
    }
    upload = RosterImport.objects.create(
        run=run, agency=agency, uploaded_by=user, **(defaults | fields)
    )
    stage_rows(upload, 1)
    return upload


def make_outside_run(course: Course, title: str) -> CourseRun:
    return match_outside_course(by=SYSTEM, platform="Coursera", title=title, course=course)


def stage_rows(upload: RosterImport, rows: int) -> None:
    """Rows of new people, from the sheet's second on."""
    numbers = range(2, 2 + rows)
    read = [RosterRow(n, RosterValues(full_name="Nguyễn Văn An")) for n in numbers]
    for part in new_parts(upload, batched(read)):
        part.keep([RowResult(row.number, Outcome.CREATED, "An") for row in part.rows])


def adopt_rule(run: CourseRun) -> None:
    """An indicator with two targets and a rule that counts the run's course."""
    indicator = Indicator.objects.create(
        slug=TRAINED_OFFICIALS, unit="persons", title_vi="Số người"
    )
    for year, minimum in ((2024, 5), (2030, 1000)):
        indicator.targets.create(due_on=dt.date(year, 12, 31), minimum=minimum)
    rule = CountingRule.objects.create(
        indicator=indicator,
        version=1,
        adopted_on=dt.date(2024, 5, 3),
        sentence_vi="Mỗi người tính một lần.",
        sentence_en="Everybody counts once.",
    )
    rule.courses.create(course=run.course)


def make_report() -> PeriodReport:
    """The first quarter of 2026, signed."""
    signer = Signer.objects.select_related("body").latest("pk")
    day = dt.date(2026, 4, 2)
    letter = letter_of(signer, number="01/BC", dated=day)
    first, last = dt.date(2026, 1, 1), dt.date(2026, 3, 31)
    return sign_off(by=SYSTEM, starts_on=first, ends_on=last, letter=letter)


def make_package() -> ArchivePackage:
    """A copy of the log of jobs, ready for hand-over; its bytes are no real package."""
    line = {"kind": "jobs", "until": "2026-01-01", "records": 3, "deletable": False, "years": None}
    package = ArchivePackage(
        lines=[line], purpose="Nộp lưu", asked_by="office", sha256="0" * 64, made_at=clock.now()
    )
    package.file.save("archives/package.zip", ContentFile(b"PK"), save=False)
    package.save()
    return package


def make_quota(agency: Agency) -> Quota:
    return set_quota(by=SYSTEM, target=Target.objects.latest("due_on"), agency=agency, minimum=5)


def make_task(agency: Agency) -> AgencyTask:
    indicator = Indicator.objects.get(slug=TRAINED_OFFICIALS)
    task = set_task(
        by=SYSTEM,
        indicator=indicator,
        agency=agency,
        title="Cử học viên",
        due_on=dt.date(2030, 6, 30),
        responsible_unit="Vụ Tổ chức cán bộ",
        cooperating_units=[make_agency()],
    )
    report_progress(
        by=SYSTEM, task=task, day=clock.today(), text="Đã lập", proof=("a.pdf", b"%PDF-1.7")
    )
    return task


def make_value(agency: Agency) -> IndicatorValue:
    """An agency's part of a percentage, which waits for the office."""
    indicator, _new = Indicator.objects.get_or_create(
        slug="open_data_agencies", defaults={"unit": "percent", "title_vi": "Dữ liệu mở"}
    )
    kinds, since = ["ministry"], dt.date(2024, 5, 3)
    set_duty(by=SYSTEM, indicator=indicator, since=since, kinds=kinds, reason="Công văn 1")
    return report_value(
        by=SYSTEM,
        indicator=indicator,
        agency=agency,
        numerator=1,
        denominator=2,
        measured_on=dt.date(2026, 3, 31),
        evidence=("minh-chung.xlsx", b"content"),
    )


def make_class_message(run: CourseRun, enrollment: Enrollment) -> None:
    """To one person without an address, with a file."""
    message = ClassMessage.objects.create(
        run=run, key=uuid.uuid4(), subject="Tài liệu", body="Xin đọc", sent_as="trainer", people=1
    )
    message.files.create(name="slides.pdf", file=ContentFile(b"%PDF-1.7", "slides.pdf"))
    letter = Letter.objects.create(
        trainee=enrollment.trainee, language="vi", subject="Tài liệu", body="Xin đọc"
    )
    message.recipients.create(enrollment=enrollment, letter=letter)


def make_open_evaluation(run: CourseRun) -> None:
    form = EvaluationForm.objects.first() or make_form()
    days = {"opens_on": run.ends_on, "closes_on": dt.date(2090, 1, 1)}
    lay_out(Evaluation.objects.create(run=run, form=form, **days))


def make_follow_ups(completion: Completion) -> None:
    """One answered with an example, one to be answered."""
    closes_on = dt.date(2090, 1, 1)
    for months in (3, 6):
        FollowUp.objects.create(
            completion=completion, months=months, respondent="trainee", closes_on=closes_on
        )
    first = FollowUp.objects.get(completion=completion, months=3)
    answer(
        by=SYSTEM, follow_up=first, use="regularly", example="Soạn thảo",
        file=("vi-du.pdf", b"%PDF-1.7"), may_publish=True,
    )  # fmt: skip


def make_learning(enrollment: Enrollment) -> None:
    """A unit with a file, a question and a test, which the person has taken."""
    run = enrollment.run
    with clock.set_to(run.starts_on):
        file = ContentFile(b"%PDF-1.7", "unit.pdf")
        unit = add_unit(by=SYSTEM, course=run.course, kind="file", title_vi="Bài 1", file=file)
        question = Question.objects.create(
            course=run.course, kind="true_false", text_vi="AI không sai?", answers={"right": False}
        )
        draws = [{"part": "", "difficulty": question.difficulty, "count": 1}]
        test = save_test(by=SYSTEM, course=run.course, draws=draws, title_vi="Cuối khóa")
        attempt = Attempt.objects.create(
            enrollment=enrollment, test=test, stage="after", number=1, due_at=clock.now(),
            finished_at=clock.now(), score=10,
        )  # fmt: skip
        attempt.answers.create(question=question, position=1, given="false", points=1)
        UnitDone.objects.create(
            enrollment=enrollment, unit=unit, version=unit.versions.get(), done_at=clock.now()
        )


def make_world() -> World:
    """One run with one trainee who completed it, seen by everybody who might look."""
    agency, run = make_agency("bo-a"), make_run(code="AI-101-1")
    adopt_rule(run)
    person = make_user(Role.TRAINEE)
    trainee = make_trainee(agency, user=person)
    enrollment = make_enrollment(run, trainee, state=EnrollmentState.COMPLETED)
    completion = make_completion(trainee, run, enrollment=enrollment)
    letter = run.letters.create(agency=agency, number="12/CV-TCCB", dated=dt.date(2026, 3, 1))
    letter.file.save("letter.pdf", ContentFile(b"%PDF-1.7"))
    make_learning(enrollment)
    run.materials.create(title="Bài giảng", file=ContentFile(b"%PDF-1.7", "slides.pdf"))
    coordinator = make_coordinator(agency)
    office, auditor = make_user(Role.PROGRAMME_OFFICE), make_user(Role.AUDITOR)
    for user in (office, auditor):
        create_second_factor(by=SYSTEM, user=user)
    other = make_agency("bo-b")
    twin, double = make_trainee(agency), make_trainee(agency)
    MessageText.objects.create(
        kind="enrollment_enrolled", language="vi", subject="Lớp", body="Kính gửi", changed_by="test"
    )
    Notice.objects.create(
        recipient="an@bo-a.example", subject="s", body="b", state="failed", kind="class_reminder"
    )
    UndeliverableAddress.objects.create(address="an@bo-a.example", reason="5.1.1 no such user")
    ReminderDays.objects.create(kind="class_reminder", days=5, changed_by="test")
    make_package()
    world = World(
        agency=agency,
        run=run,
        certificate=make_certificate(completion, verification_code=PRINTED["verification_code"]),
        roster=make_roster(run, agency, coordinator),
        outside_run=make_outside_run(run.course, "AI For Everyone"),
        export=RosterExport.objects.create(
            owner=coordinator,
            wanted=NOTHING,
            file_name="roster.csv",
            content=box().encrypt(b"x"),
            row_ids=NOBODY,
            expires_at=clock.now() + dt.timedelta(days=7),
        ),
        schedule=ListSchedule.objects.create(owner=coordinator, name="Hằng tháng", wanted=A_LIST),
        view=RosterView.objects.create(owner=coordinator, name="Gọn", fields=["full_name"]),
        saved_filter=make_saved_filter(coordinator, "people", "Chưa bồi dưỡng", status="not_yet"),
        job=Job.objects.create(
            kind="check_roster",
            owner=coordinator,
            owner_state=state_of(coordinator, Secret.JOB),
            actor_label="test",
        ),
        batch=Batch.objects.create(run=run),
        succession=make_succession(
            make_agency("bo-cu"), make_agency("bo-moi"), on=dt.date(2025, 3, 1)
        ),
        report=make_report(),
        pair=CandidatePair.objects.create(first=twin, second=double),
        data_request=DataRequest.objects.create(
            trainee=trainee, kind="access", reply_by=clock.today()
        ),
        holiday=Holiday.objects.create(day=dt.date(2027, 2, 5), name="Tết Nguyên đán"),
        merge=Merge.objects.create(
            survivor=make_trainee(agency), absorbed=make_trainee(agency), recorded_by="test"
        ),
        transfer=TransferRequest.objects.create(
            trainee=trainee, to_agency=other, name_as_sent="Người được cử", asked_by="test"
        ),
        quota=make_quota(agency),
        task=make_task(agency),
        value=make_value(agency),
    )
    make_confirmation(enrollment, world.certificate.signer)
    make_class_message(run, enrollment)
    make_follow_ups(completion)
    world.visitors = {
        "nobody": None,
        "trainee": person,
        "trainer": make_trainer(run),
        "other_trainer": make_trainer(make_run()),
        "coordinator": coordinator,
        "other_coord": make_coordinator(other),
        "office": office,
        "office_no_2f": make_user(Role.PROGRAMME_OFFICE),
        "auditor": auditor,
    }
    make_open_evaluation(run)
    teach(run.course)
    make_audience()
    return world
