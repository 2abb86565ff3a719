"""Every column with text about people is declared, shown to them, and erased or explained.

Each declared column of one person is filled with a mark, which must appear in their own copy and,
after the erasure, in no table and no file.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection, models, transaction
from knox.models import AuthToken

from accounts.choices import Role
from accounts.models import (
    AddressChange,
    Invitation,
    RememberedAnswer,
    SignOnIdentity,
    TokenState,
    User,
)
from audit.services import PROGRAMME_OFFICE as OFFICE
from certificates.models import Batch, Certificate, Duplicate, NameConfirmation, ShareLink
from common import append_only, clock
from common.encryption import EncryptedTextField
from common.personal_data import personal_data_handlers
from common.personal_fields import (
    Erased,
    Impersonal,
    Personal,
    PersonalModel,
    declared,
    personal_fields,
)
from courses.models import CalendarAddress
from enrollment.models import (
    Attendance,
    ClassMessage,
    Completion,
    CompletionException,
    CompletionSplitAssignment,
    Enrollment,
    ScoreEntry,
    SeatMove,
)
from evaluations.models import FollowUp, LineManager
from jobs.models import Job, StoredResult
from learning.models import Attempt, AttemptAnswer, CourseTest, Question
from notices.models import MutedKind, Notice, UndeliverableAddress
from people.models import (
    CandidatePair,
    DataRequest,
    Erasure,
    Letter,
    Merge,
    SplitAssignment,
    Trainee,
    Transfer,
    TransferRequest,
)
from people.services.privacy import begin_erasure, carry_on, everything_about
from tests.architecture.world import make_certificate, make_confirmation
from tests.factories import (
    make_agency,
    make_completion,
    make_enrollment,
    make_run,
    make_saved_filter,
    make_succession,
    make_trainee,
    make_user,
)
from tests.people import dumping

NAME, EMAIL, NUMBER, ADDRESS = "Zebra Okapi", "okapi@example.gov.vn", "001085012345", "203.0.113.77"
WANTED = "zebra.moi@example.gov.vn"  # asked for as sign-in, and written to
TEXTS = (models.CharField, models.TextField, models.JSONField, models.FileField)
OTHERS = (models.BinaryField, models.GenericIPAddressField)
# Files and rows that only their own app can write: test_erasure.py, tests/rosters and
# tests/certificates fill them.
OF_MANY = {
    "rosters.RosterImport",
    "rosters.StagedPart",
    "rosters.RosterExport",
    "certificates.Bundle",
}
# Rows of those who act in office: nothing there is a trainee's.
IN_OFFICE = {
    "rosters.RosterView", "rosters.ListSchedule", "courses.RunTrainer",
    "evaluations.EvaluatedTrainer",
}  # fmt: skip
# Made by the erasure itself.
AT_ERASURE = {"people.Erasure"}
NOT_MADE = OF_MANY | IN_OFFICE | AT_ERASURE


def text_fields(model: type[models.Model]) -> set[str]:
    """Columns for free text; a column with choices is none."""
    fields = model._meta.local_concrete_fields
    return {
        field.name
        for field in fields
        if isinstance(field, TEXTS + OTHERS) and not field.choices and not field.is_relation
    }


def reaches_a_person(model: type[models.Model], seen: frozenset[Any] = frozenset()) -> bool:
    """Whether the row's own foreign keys lead to a trainee or an account."""
    if model in {Trainee, User}:
        return True
    related = {
        field.related_model
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.ForeignKey)
    } - seen
    return any(reaches_a_person(one, seen | {model}) for one in related if one is not model)


# Declared ---------------------------------------------------------------------------------


def by_model(kind: type[Any]) -> dict[str, Any]:
    return {
        one.model: one
        for _name, declarations in personal_fields
        for one in declarations
        if isinstance(one, kind)
    }


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_every_text_column_is_declared(model):
    label = model._meta.label
    personal, impersonal = by_model(PersonalModel).get(label), by_model(Impersonal).get(label)
    said = {one.field for one in personal.fields} if personal else set()
    if impersonal:
        said |= set(impersonal.fields) or text_fields(model)
        assert impersonal.why
        whole = not impersonal.fields and not personal
        assert not (whole and reaches_a_person(model)), f"declare the columns of {label} one by one"
    assert text_fields(model) - said == set(), (
        f"declare them in {model._meta.app_label}/personal.py"
    )
    real = {field.name for field in model._meta.concrete_fields}
    assert said <= real, f"{label} has no such columns any more"


@pytest.mark.parametrize("declaration", list(declared()), ids=lambda one: one.model)
def test_a_column_that_is_not_shown_or_not_erased_has_a_reason(declaration):
    silent = [
        one.field
        for one in declaration.fields
        if not one.why and (one.erased is Erased.STAYS or not (one.shown or one.in_table))
    ]
    assert silent == []
    assert declaration.trainee or declaration.user or declaration.email


def test_what_is_erased_is_declared_where_an_app_erases():
    erasing = {name for name, handler in personal_data_handlers if handler.erase}
    for name, declarations in personal_fields:
        kinds = {
            column.erased
            for one in declarations
            if isinstance(one, PersonalModel)
            for column in one.fields
        }
        assert name in erasing or kinds <= {Erased.STAYS}, name


def test_a_new_text_column_of_a_trainee_would_be_noticed(monkeypatch):
    """The rule itself, on a declaration with one column less."""
    declarations = [
        PersonalModel(one.model, one.title, one.fields[1:], one.trainee)
        if isinstance(one, PersonalModel) and one.model == "people.DataRequest"
        else one
        for one in personal_fields["people"]
    ]
    monkeypatch.setitem(personal_fields._entries, "people", declarations)
    with pytest.raises(AssertionError, match=r"declare them in people/personal\.py"):
        test_every_text_column_is_declared(DataRequest)


# Filled -----------------------------------------------------------------------------------


@dataclass
class Known:
    """Rows of every kind about one person."""

    user: User
    person: Trainee

    @cached_property
    def run(self) -> Any:
        return make_run(code="AI-1", state="closed")

    @cached_property
    def enrollment(self) -> Enrollment:
        return make_enrollment(self.run, self.person, state="completed")

    @cached_property
    def class_message(self) -> ClassMessage:
        message: ClassMessage = self.run.messages.create(key=uuid.uuid4(), people=1)
        message.recipients.create(enrollment=self.enrollment)
        return message

    @cached_property
    def completion(self) -> Completion:
        return make_completion(self.person, self.run, enrollment=self.enrollment)

    @cached_property
    def certificate(self) -> Certificate:
        return make_certificate(self.completion)

    @cached_property
    def other(self) -> Trainee:
        return make_trainee(self.person.agency, full_name="Lê Hòa")

    @cached_property
    def split(self) -> Any:
        namesakes = make_agency(), make_agency()
        return make_succession(self.person.agency, *namesakes, on=clock.today(), kind="split")

    @cached_property
    def address(self) -> EmailAddress:
        return EmailAddress.objects.create(user=self.user, email=EMAIL)

    @cached_property
    def token(self) -> AuthToken:
        token: AuthToken = AuthToken.objects.create(user=self.user)[0]
        return token


def make_answer(enrollment: Enrollment) -> AttemptAnswer:
    course = enrollment.run.course
    test = CourseTest.objects.create(course=course, title_vi="Kiểm tra")
    attempt = Attempt.objects.create(
        enrollment=enrollment, test=test, stage="after", number=1, due_at=clock.now(),
        finished_at=clock.now(), score=5,
    )  # fmt: skip
    question = Question.objects.create(
        course=course, kind="short_text", text_vi="Thủ đô?", answers={"accepted": ["Hà Nội"]}
    )
    return attempt.answers.create(question=question, position=1, given="x")


MADE: dict[str, Callable[[Known], models.Model]] = {
    "accounts.User": lambda k: k.user,
    "usersessions.UserSession": lambda k: UserSession.objects.create(
        user=k.user, ip=ADDRESS, session_key="k" * 32, user_agent="x"
    ),
    "account.EmailAddress": lambda k: k.address,
    "account.EmailConfirmation": lambda k: EmailConfirmation.create(k.address),
    "accounts.AddressChange": lambda k: AddressChange.objects.create(
        user=k.user, email=WANTED, expires_at=clock.now()
    ),
    "accounts.SignOnIdentity": lambda k: SignOnIdentity.objects.create(user=k.user),
    "mfa.Authenticator": lambda k: Authenticator.objects.create(user=k.user, type="totp", data={}),
    "accounts.SavedFilter": lambda k: make_saved_filter(k.user, "runs", "x"),
    "accounts.RememberedAnswer": lambda k: RememberedAnswer.objects.create(user=k.user),
    "accounts.Invitation": lambda k: Invitation.objects.create(user=k.user, expires_at=clock.now()),
    "knox.AuthToken": lambda k: k.token,
    "accounts.TokenState": lambda k: TokenState.objects.get(token=k.token),
    "admin.LogEntry": lambda k: LogEntry.objects.create(user=k.user, action_flag=1),
    "people.Trainee": lambda k: k.person,
    "people.DataRequest": lambda k: DataRequest.objects.create(
        trainee=k.person, kind="access", reply_by=clock.today()
    ),
    "people.TransferRequest": lambda k: TransferRequest.objects.create(
        trainee=k.person, to_agency=make_agency()
    ),
    "people.Merge": lambda k: Merge.objects.create(
        survivor=k.person, absorbed=k.other, undone_at=clock.now()
    ),
    "people.Letter": lambda k: Letter.objects.create(trainee=k.person),
    "people.CandidatePair": lambda k: CandidatePair.objects.create(first=k.person, second=k.other),
    "people.SplitAssignment": lambda k: SplitAssignment.objects.create(
        trainee=k.person, succession=k.split, agency=make_agency()
    ),
    "people.Transfer": lambda k: Transfer.objects.create(
        trainee=k.person,
        from_agency=make_agency(),
        to_agency=k.person.agency,
        moved_on=clock.today(),
    ),
    "enrollment.Enrollment": lambda k: k.enrollment,
    "enrollment.ClassMessage": lambda k: k.class_message,
    "enrollment.ClassMessageFile": lambda k: k.class_message.files.create(name="x"),
    "enrollment.SeatMove": lambda k: SeatMove.objects.create(
        run=k.run, enrollment=k.enrollment, seats=0, reason="skipped"
    ),
    "enrollment.Attendance": lambda k: Attendance.objects.create(
        enrollment=k.enrollment, session=k.run.sessions.first(), mark="present"
    ),
    "enrollment.ScoreEntry": lambda k: ScoreEntry.objects.create(enrollment=k.enrollment, score=1),
    "enrollment.CompletionException": lambda k: CompletionException.objects.create(
        enrollment=k.enrollment, reason="x"
    ),
    "enrollment.Completion": lambda k: k.completion,
    "evaluations.FollowUp": lambda k: FollowUp.objects.create(
        completion=k.completion, months=3, respondent="trainee", closes_on=dt.date(2030, 1, 1)
    ),
    "evaluations.LineManager": lambda k: LineManager.objects.create(trainee=k.person),
    "learning.AttemptAnswer": lambda k: make_answer(k.enrollment),
    "enrollment.CompletionSplitAssignment": lambda k: CompletionSplitAssignment.objects.create(
        completion=k.completion, succession=k.split, agency=make_agency()
    ),
    "certificates.Certificate": lambda k: k.certificate,
    "certificates.AttendanceConfirmation": lambda k: make_confirmation(
        k.certificate.completion.enrollment, k.certificate.signer
    ),
    "certificates.Duplicate": lambda k: Duplicate.objects.create(
        certificate=k.certificate, number=1, reason="Mất", issued_by="x", sha256="0" * 64
    ),
    "certificates.NameConfirmation": lambda k: NameConfirmation.objects.create(trainee=k.person),
    "certificates.ShareLink": lambda k: ShareLink.objects.create(
        certificate=k.certificate, expires_at=clock.now() + dt.timedelta(days=1)
    ),
    "certificates.Batch": lambda k: Batch.objects.create(run=k.run, started_by=k.user),
    "courses.CalendarAddress": lambda k: CalendarAddress.objects.create(
        user=k.user, scope="own", digest="0" * 64
    ),
    "notices.UndeliverableAddress": lambda k: UndeliverableAddress.objects.create(
        address=EMAIL, reason="550 5.1.1", cleared_by="x"
    ),
    "notices.Notice": lambda k: Notice.objects.create(recipient=EMAIL, state="sent"),
    "notices.MutedKind": lambda k: MutedKind.objects.create(address=EMAIL, kind="class_reminder"),
    "jobs.StoredResult": lambda k: StoredResult.objects.create(
        kind="x", job=Job.objects.create(kind="y", owner=k.user, state="done")
    ),
    "jobs.Job": lambda k: Job.objects.create(kind="x", owner=k.user, state="done"),
}


@pytest.fixture
def known(db, settings) -> Known:
    settings.EMAIL_BACKEND = "notices.backends.OutboxBackend"
    user = make_user(Role.TRAINEE, email=EMAIL, full_name=NAME)
    person = make_trainee(
        user=user,
        full_name=NAME,
        email=EMAIL,
        phone="0912345678",
        personal_number=NUMBER,
        birth_date=dt.date(1985, 3, 12),
    )
    found = Known(user, person)
    Notice.objects.create(recipient=WANTED, body="Liên kết", state="sent")
    append_only.remove(connection)
    for declaration in declared():
        if declaration.model not in NOT_MADE:
            fill(MADE[declaration.model](found), declaration)
    return found


def mark(column: Personal) -> str:
    return f"{NAME} {column.field}"


def fill(row: models.Model, declaration: PersonalModel) -> None:
    for column in declaration.fields:
        is_key = column.field == declaration.email
        if column.erased is not Erased.STAYS and not is_key and is_free_text(row, column.field):
            write(row, column)


def is_free_text(row: models.Model, name: str) -> bool:
    """Not a key, and not a digest that no text can be written into."""
    field: Any = row._meta.get_field(name)
    whole = not isinstance(field, models.CharField) or (field.max_length or 999) > 30
    known_by = {"email", "recipient", "ip", "session_key", "phone", "personal_number", "code"}
    return whole and name not in known_by and not name.endswith(("_key", "digest", "sha256"))


def write(row: models.Model, column: Personal) -> None:
    field: Any = row._meta.get_field(column.field)
    value: Any = mark(column)
    if isinstance(field, models.FileField):
        getattr(row, column.field).save("zebra.pdf", ContentFile(value.encode()), save=True)
        return
    if column.field == "printed":
        value = {"full_name": value}
    elif column.field == "earlier":
        value = [{"reason": value}]
    elif column.field in {"held_back", "warnings"}:
        value = [f"{Trainee.objects.get(full_name=NAME).code} {value}"]
    elif isinstance(field, models.JSONField) or "JSON" in type(field).__name__:
        value = {"said": value}
    if isinstance(row, Trainee) and column.field == "full_name":
        value = NAME
    type(row)._default_manager.filter(pk=row.pk).update(**{column.field: value})
    setattr(row, column.field, value)


def test_every_declared_model_has_a_row_in_this_test():
    assert {one.model for one in declared()} == set(MADE) | NOT_MADE


def test_the_copy_of_ones_own_data_has_every_column_that_is_shown(known):
    told = json.dumps(
        [kind.rows for kind in everything_about(known.person, in_clear=True)],
        ensure_ascii=False,
        default=str,
    )
    missing = [
        f"{one.model}.{column.field}"
        for one in declared()
        if one.model in MADE
        for column in one.fields
        if (column.shown or column.in_table)
        and column.erased is not Erased.STAYS
        and column.field != one.email
        and is_free_text(MADE_MODEL[one.model], column.field)
        and (NAME if column.field == "full_name" else mark(column)) not in told
    ]
    assert missing == []
    assert all(value in told for value in (EMAIL, NUMBER, ADDRESS, "0912345678"))


MADE_MODEL: dict[str, Any] = {label: apps.get_model(label) for label in MADE}


def everything_at_rest(media: Any) -> str:
    """Tables with encrypted values decrypted, and files."""
    opened = []
    for model in apps.get_models():
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, EncryptedTextField)
        ]
        rows = model._default_manager.values_list(*names) if names else ()
        opened += [json.dumps(row, ensure_ascii=False, default=str) for row in rows]
    return "\n".join([dumping.database(), dumping.media(media), *opened])


def test_nothing_of_an_erased_person_is_left_in_any_table_or_file(known, settings):
    assert NAME in everything_at_rest(settings.MEDIA_ROOT)
    erasure = carry_on(begin_erasure(by=OFFICE, trainee=known.person), by=OFFICE)
    assert Erasure.objects.get(pk=erasure.pk).subject is None
    left = everything_at_rest(settings.MEDIA_ROOT)
    lines = [line for line in left.splitlines() if "ebra" in line.casefold() or EMAIL in line]
    assert lines == []
    for value in (NUMBER, ADDRESS, WANTED, "0912345678", "1985-03-12"):
        assert value not in left


def test_others_are_left_as_they_are(known):
    carry_on(begin_erasure(by=OFFICE, trainee=known.person), by=OFFICE)
    known.other.refresh_from_db()
    assert known.other.full_name == "Lê Hòa"
    assert not known.other.erased_at


@pytest.mark.parametrize("model", ["SeatMove", "Completion", "Certificate"])
def test_words_that_stay_are_those_that_are_listed(model):
    stays = {
        f"{one.model}.{column.field}"
        for one in declared()
        if one.model.endswith(f".{model}")
        for column in one.fields
        if column.erased is Erased.STAYS and column.shown
    }
    assert stays == set()


@pytest.mark.both_engines
@pytest.mark.django_db
@pytest.mark.parametrize("model", [SeatMove, Completion])
def test_words_in_a_frozen_row_go_once_and_in_no_other_way(model):
    enrollment = make_enrollment(make_run(), make_trainee())
    make_completion(enrollment.trainee, enrollment.run, enrollment=enrollment, remark="x")
    SeatMove.objects.create(
        run=enrollment.run, enrollment=enrollment, seats=0, reason="skipped", remark="x"
    )
    rows = model.objects.all()
    for changed in ({"remark": ""}, {"remark": "", "erased_at": None}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            rows.update(**changed)
    rows.update(remark="", erased_at=clock.now())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(remark="y", erased_at=clock.now())
