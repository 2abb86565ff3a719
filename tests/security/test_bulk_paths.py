"""A bulk path asks what the single path asks: bulk path × another agency's person × field.

Each path is tried by somebody who has no rights over the person, with the person's own name,
code or number and another value of one field. Nothing of the person may change, and nothing of
the person that was not sent may be in the answer. Paths are found by what their code takes: files,
lists, several rows; one that is missing here fails.
"""

import datetime as dt
import inspect
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command, get_commands, load_command_class
from django.forms import FileField, ModelMultipleChoiceField, MultipleChoiceField
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.models import Invitation, User
from agencies.models import Agency
from audit.services import PROGRAMME_OFFICE
from courses.models import CourseRun
from enrollment.models import Attendance, ClassMessageRecipient, Completion, Enrollment
from enrollment.services.outside import match_outside_course
from learning.models import Attempt, CourseTest
from people.models import Letter, Trainee
from rosters.importing import row_editing
from rosters.models import RosterImport
from tests.api.conftest import Visitor
from tests.architecture.test_access import ours
from tests.architecture.test_api_access import endpoints, visitors_of
from tests.common.workbooks import workbook
from tests.factories import (
    make_agency,
    make_coordinator,
    make_course,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
)

pytestmark = pytest.mark.django_db

STRANGER: dict[str, Any] = {
    "full_name": "Quách Thị Bí Mật",
    "birth_date": dt.date(1985, 3, 2),
    "sex": "female",
    "personal_number": "001185012345",
    "email": "bi.mat@bo-a.example",
    "phone": "0912345678",
    "unit": "Phòng Rất Kín",
    "position": "Chuyên viên Mật",
}
# What is sent instead of what is stored.
OTHER: dict[str, str] = {
    "full_name": "Quach Thi Bi Mat",
    "birth_date": "1985-03-02",
    "sex": "male",
    "email": "ke.gian@x.example",
    "phone": "0987654321",
    "unit": "Phòng Khác",
    "position": "Vụ trưởng",
    "personal_number": "001185099999",
    "agency": "own",
}
HIDDEN = ("full_name", "personal_number", "email", "phone", "unit", "position")
HEADINGS = {
    "trainee_code": "Mã học viên",
    "full_name": "Họ và tên",
    "birth_date": "Ngày sinh",
    "sex": "Giới tính",
    "personal_number": "Số CCCD",
    "email": "Email",
    "phone": "Điện thoại",
    "unit": "Đơn vị",
    "position": "Chức vụ",
}


@dataclass
class World:
    own: Agency
    coordinator: User
    trainer: User
    stranger: Trainee
    foreign_place: Enrollment
    open_run: CourseRun
    past_run: CourseRun
    own_place: Enrollment
    at_once: Callable[[], Any]
    folder: Path

    def client(self, user: User) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client


@pytest.fixture
def world(tmp_path: Path, settings: Any, django_capture_on_commit_callbacks: Any) -> World:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    own = make_agency("own")
    stranger = make_trainee(make_agency("other"), **STRANGER)
    open_run = make_run(
        make_course(approval="agency"),
        code="OPEN",
        starts_on=dt.date(2099, 1, 1),
        ends_on=dt.date(2099, 1, 2),
    )
    past_run = make_run(make_course(walk_ins_allowed=True), code="PAST")
    return World(
        own=own,
        coordinator=make_coordinator(own),
        trainer=make_trainer(past_run),
        stranger=stranger,
        foreign_place=make_enrollment(make_run(code="ELSEWHERE"), stranger),
        open_run=open_run,
        past_run=past_run,
        own_place=make_enrollment(open_run, make_trainee(own), state="nominated"),
        at_once=lambda: django_capture_on_commit_callbacks(execute=True),
        folder=tmp_path,
    )


# ── Ways to name the person ───────────────────────────────────────────────────────────


def by_number(stranger: Trainee) -> dict[str, str]:
    return {
        "full_name": stranger.full_name,
        "birth_date": "1985-03-02",
        "personal_number": STRANGER["personal_number"],
    }


def by_code(stranger: Trainee) -> dict[str, str]:
    return {"full_name": stranger.full_name, "trainee_code": stranger.code}


def by_code_and_birth(stranger: Trainee) -> dict[str, str]:
    return by_code(stranger) | {"birth_date": "1985-03-02"}


def by_name(stranger: Trainee) -> dict[str, str]:
    return {"full_name": stranger.full_name, "birth_date": "1985-03-02"}


NAMINGS = (by_number, by_code, by_code_and_birth, by_name)
Values = dict[str, str]


# ── The paths ─────────────────────────────────────────────────────────────────────────


def sheet(values: Values) -> bytes:
    columns = {field: text for field, text in values.items() if field in HEADINGS}
    return workbook([HEADINGS[field] for field in columns], list(columns.values()))


def _file(content: bytes, name: str = "a.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def _roster(world: World, content: bytes) -> tuple[Client, RosterImport, list[Any]]:
    client = world.client(world.coordinator)
    form = {"run": "OPEN", "agency": "own", "file": _file(content)}
    with world.at_once():
        answers = [client.post(reverse("new_roster"), form, follow=True)]
    return client, RosterImport.objects.get(), answers


def _confirmed(world: World, client: Client, upload: RosterImport) -> list[Any]:
    with world.at_once():
        client.post(reverse("confirm_roster", args=[upload.pk]), {"partial": "on"})
    return [
        client.get(reverse("roster", args=[upload.pk])),
        client.get(reverse("people")),
        client.get(reverse("export_people"), {"format": "csv"}),
    ]


def roster(world: World, values: Values) -> list[Any]:
    client, upload, answers = _roster(world, sheet(values))
    return answers + _confirmed(world, client, upload)


def mended_row(world: World, values: Values) -> list[Any]:
    wrong = {"full_name": "Lê Văn 1", "birth_date": "1/1/1980"}
    client, upload, answers = _roster(world, sheet(dict.fromkeys(HEADINGS, "") | wrong))
    cells = row_editing.cells_of(upload, 2) | {"full_name": values["full_name"]}
    cells |= {"birth": values.get("birth_date", "")}
    cells |= {name: text for name, text in values.items() if name in cells}
    answers.append(client.post(reverse("roster_row", args=[upload.pk, 2]), cells, follow=True))
    return answers + _confirmed(world, client, upload)


def sent_again(world: World, values: Values) -> list[Any]:
    """A person of one's own who has moved away since, on the roster that is sent once more."""
    answers = roster(world, {"full_name": "Lê Văn Thường", "birth_date": "1980-01-01"})
    RosterImport.objects.all().update(file_sha256="")
    client = world.client(world.coordinator)
    form = {"run": "OPEN", "agency": "own", "file": _file(sheet(values))}
    with world.at_once():
        answers.append(client.post(reverse("new_roster"), form, follow=True))
    return answers + _confirmed(world, client, RosterImport.objects.latest("pk"))


def backfill(world: World, values: Values) -> list[Any]:
    """The command speaks for the office, and changes nobody of another agency either."""
    path, scan = world.folder / "a.xlsx", world.folder / "a.pdf"
    path.write_bytes(sheet(values))
    scan.write_bytes(b"%PDF-1.7 scan")
    options = {"run": "PAST", "agency": "own", "scan": scan, "json": True}
    _command("backfill_results", path, **options)
    return []


def from_elsewhere(world: World, values: Values) -> list[Any]:
    stated = {"Nền tảng": "Coursera", "Khóa học": "AI", "Ngày hoàn thành": "05/03/2024"}
    match_outside_course(
        by=PROGRAMME_OFFICE, platform="Coursera", title="AI", course=world.past_run.course
    )
    path, named = world.folder / "a.xlsx", {HEADINGS[name]: text for name, text in values.items()}
    row = named | stated | {"Minh chứng": "ABC-1"}
    path.write_bytes(workbook(list(row), list(row.values())))
    _command("outside_results", path, agency="own", json=True)
    return []


def command(world: World, values: Values) -> list[Any]:
    path = world.folder / "a.xlsx"
    path.write_bytes(sheet(values))
    _command("import_roster", str(path), run="OPEN", agency="own", json=True)
    return []


def _command(name: str, *arguments: Any, **options: Any) -> None:
    try:
        call_command(name, *arguments, **options)
    except SystemExit:
        return  # a rejected row


def api_enter(world: World, values: Values) -> list[Any]:
    sent = {name: text for name, text in values.items() if name != "trainee_code"}
    return [Visitor(world.coordinator).post("trainees/", sent | {"agency": "own"})]


def api_change(world: World, values: Values) -> list[Any]:
    sent = {name: values[name] for name in REACHED_BY_API if name in values}
    api = Visitor(world.coordinator)
    code = world.stranger.code
    return [
        api.patch(f"trainees/{code}/", sent, If_Match="*"),
        api.patch(f"trainees/{code}/", {"agency": "own"}, If_Match="*"),
    ]


def api_nominate(world: World, values: Values) -> list[Any]:
    sent = {name: text for name, text in values.items() if name in ("unit", "position")}
    who = {"run": "OPEN", "trainee": world.stranger.code, "sending_agency": "own"}
    api = Visitor(world.coordinator)
    return [api.post("enrollments/", who | sent), api.get("enrollments/")]


def api_step(step: str) -> Callable[[World, Values], list[Any]]:
    def send(world: World, values: Values) -> list[Any]:
        address = f"enrollments/{world.foreign_place.run.code}/{world.stranger.code}/{step}/"
        return [Visitor(world.coordinator).post(address)]

    return send


def api_marks(world: World, values: Values) -> list[Any]:
    mark = {"session": 1, "trainee": world.stranger.code, "mark": "present"}
    sent = {"evidence": "trainers_mark", "marks": [mark]}
    return [
        Visitor(user).post("attendance/", sent | {"run": run})
        for user in (world.trainer, world.coordinator)
        for run in ("PAST", "ELSEWHERE")
    ]


def api_results(world: World, values: Values) -> list[Any]:
    sent = {
        "run": "PAST",
        "trainee": world.stranger.code,
        "sending_agency": "own",
        "completed_on": "2026-03-11",
    }
    return [Visitor(user).post("completions/", sent) for user in (world.trainer, world.coordinator)]


def nominate(world: World, values: Values) -> list[Any]:
    form = {"people": [world.stranger.code], "agency": "own", "number": "1", "dated": "2026-03-01"}
    return [world.client(world.coordinator).post(reverse("nominate", args=["OPEN"]), form)]


def replace(world: World, values: Values) -> list[Any]:
    address = reverse("replace_enrollment", args=["OPEN", world.own_place.pk])
    return [world.client(world.coordinator).post(address, {"trainee": world.stranger.code})]


def correct(world: World, values: Values) -> list[Any]:
    address = reverse("correct_person", args=[world.stranger.code])
    form = values | {"seen": world.stranger.edition, "birth": "02/03/1985"}
    return [world.client(world.coordinator).post(address, form)]


def links(world: World, values: Values) -> list[Any]:
    client = world.client(world.coordinator)
    return [client.post(reverse("invite_people"), {"code": [world.stranger.code]}, follow=True)]


def letters(world: World, values: Values) -> list[Any]:
    client = world.client(world.coordinator)
    return [client.post(reverse("print_letters"), {"code": [world.stranger.code]}, follow=True)]


def class_message(world: World, values: Values) -> list[Any]:
    """A message to the person, who works elsewhere, in another class and in this one."""
    here = make_enrollment(
        world.open_run, world.stranger, state="withdrawn", sending_agency=world.own
    )
    client, address = world.client(world.coordinator), reverse("new_class_message", args=["OPEN"])
    form = {"subject": "a", "body": "{full_name}", "key": "0" * 32, "agreed": 1, "send": 1}
    return [
        client.post(address, form | {"people": [place.pk]}, follow=True)
        for place in (here, world.foreign_place)
    ]


def unmailed_letters(world: World, values: Values) -> list[Any]:
    letter = Letter.objects.create(trainee=world.stranger, subject="Thư", body=STRANGER["unit"])
    client = world.client(world.coordinator)
    forms: list[dict[str, Any]] = [{}, {"agency": "other"}, {"letter": [letter.pk], "chosen": 1}]
    answers = [client.post(reverse("print_unmailed_letters"), one, follow=True) for one in forms]
    return [*answers, client.get(reverse("unmailed_letters") + "?agency=other")]


def export(world: World, values: Values) -> list[Any]:
    """All that a sender may read of whom it nominated."""
    client, answers = world.client(world.coordinator), roster(world, values)
    place = Enrollment.objects.filter(run=world.open_run, trainee=world.stranger).first()
    assert place, [answer.content.decode() for answer in answers]
    api = Visitor(world.coordinator)
    return [
        *answers,
        client.get(reverse("run", args=["OPEN"])),
        client.get(reverse("roster_file", args=["OPEN", "csv"])),
        client.get(reverse("person", args=[world.stranger.code])),
        client.get(reverse("transfer_requests")),
        api.get("enrollments/"),
        api.get(f"enrollments/OPEN/{world.stranger.code}/"),
        api.get(f"enrollments/?search={OTHER['unit']}"),
        api.get("attendance/"),
        api.get("completions/"),
        api.get(f"trainees/{world.stranger.code}/"),
        api.get(f"explain/{world.stranger.code}/"),
    ]


def selection(world: World, values: Values) -> list[Any]:
    """Everything that can be done about selected rows of a class."""
    client, place = world.client(world.coordinator), world.foreign_place
    address = reverse("act_on_selection", args=[place.run.code])
    form = {"who": [place.pk], "agreed": 1, "reason": "a"}
    actions = ("message", "export", "move", "approve", "withdraw")
    return [client.post(address, form | {"action": one}, follow=True) for one in actions]


def chosen_rows(world: World, values: Values) -> list[Any]:
    place = world.foreign_place
    address = reverse("roster_file", args=[place.run.code, "csv"])
    return [world.client(world.coordinator).get(address, {"who": [place.pk]})]


def scores(world: World, values: Values) -> list[Any]:
    client = world.client(world.trainer)
    rows = (["Mã học viên", "Họ và tên", "Điểm"],
            [world.stranger.code, world.stranger.full_name, 9])  # fmt: skip
    return [
        client.post(reverse("take_scores", args=["PAST"]), {"file": _file(workbook(*rows))}),
        client.post(reverse("run_scores", args=["PAST"]), {f"score-{world.foreign_place.pk}": "9"}),
        client.get(reverse("run_results", args=["PAST"])),
    ]


def paper_scores(world: World, values: Values) -> list[Any]:
    client = world.client(world.trainer)
    run = CourseRun.objects.get(code="PAST")
    test, _new = CourseTest.objects.get_or_create(
        course=run.course, title_vi="Giấy", is_asked_before=True
    )
    row = [world.stranger.code, world.stranger.full_name, 9]
    file = _file(workbook(["Mã học viên", "Họ và tên", "Điểm"], row))
    address = reverse("paper_scores", args=["PAST", test.pk])
    sent = {"file": file, "stage": "before"}
    return [client.post(address, sent), client.get(reverse("run_test", args=["PAST", test.pk]))]


def marks(world: World, values: Values) -> list[Any]:
    client = world.client(world.trainer)
    rows = ["Mã học viên", "Họ và tên", "1"], [world.stranger.code, world.stranger.full_name, "x"]
    session = world.foreign_place.run.sessions.first()
    assert session
    form = {"place": world.foreign_place.pk, "session": session.pk, "mark": "present"}
    return [
        client.post(
            reverse("take_attendance", args=["PAST"]), {"file": _file(workbook(*rows))}, follow=True
        ),
        client.post(reverse("mark_attendance", args=["PAST"]), form),
    ]


def conference_log(world: World, values: Values) -> list[Any]:
    client, session = world.client(world.trainer), world.past_run.sessions.get(number=1)
    log = (
        "Name,Email,Join time,Leave time\n"
        f"{world.stranger.full_name},{STRANGER['email']},2026-03-10 08:00,2026-03-10 11:00\n"
    )
    form = {
        "session": session.pk,
        "file": _file(log.encode(), "log.csv"),
        "minutes": 60,
        "zone": "Asia/Ho_Chi_Minh",
    }
    client.post(reverse("conference_log", args=["PAST"]), form)
    return [client.get(reverse("run_attendance", args=["PAST"]))]


FIELDS = tuple(OTHER)
CONTACT = ("email", "phone", "unit", "position", "sex", "full_name", "personal_number")
NONE = ("email",)
REACHED_BY_API = ("email", "phone", "unit", "position", "sex")
OFFICE = Role.PROGRAMME_OFFICE
# Entrance → what tries it, and the fields that it takes. ``entrance`` is as ``discovered`` says.
PATHS: dict[str, tuple[Callable[[World, Values], list[Any]], tuple[str, ...]]] = {
    "new_roster": (roster, CONTACT),
    "roster_row": (mended_row, CONTACT),
    "new_roster, sent again": (sent_again, CONTACT),
    "backfill_results": (backfill, CONTACT),
    "outside_results": (from_elsewhere, CONTACT),
    "import_roster": (command, CONTACT),
    "POST trainees/": (api_enter, CONTACT),
    "PATCH trainees/<str:code>/": (api_change, REACHED_BY_API),
    "POST enrollments/": (api_nominate, ("unit", "position")),
    "POST enrollments/<str:run>/<str:trainee>/approve/": (api_step("approve"), NONE),
    "POST enrollments/<str:run>/<str:trainee>/reject/": (api_step("reject"), NONE),
    "POST enrollments/<str:run>/<str:trainee>/withdraw/": (api_step("withdraw"), NONE),
    "POST attendance/": (api_marks, NONE),
    "POST completions/": (api_results, NONE),
    "nominate": (nominate, NONE),
    "replace_enrollment": (replace, NONE),
    "act_on_selection": (selection, NONE),
    "roster_file": (chosen_rows, NONE),
    "correct_person": (correct, FIELDS),
    "invite_people": (links, NONE),
    "print_letters": (letters, NONE),
    "new_class_message": (class_message, NONE),
    "print_unmailed_letters": (unmailed_letters, NONE),
    "what the sender reads": (export, ("full_name", "email")),
    "take_scores": (scores, NONE),
    "paper_scores": (paper_scores, NONE),
    "take_attendance": (marks, NONE),
    "conference_log": (conference_log, NONE),
}
# Paths that carry names, so that each way of naming the person is tried.
BY_ANY_NAME = ("new_roster", "roster_row", "new_roster, sent again", "backfill_results",
               "outside_results", "import_roster", "POST trainees/")  # fmt: skip


def _cases() -> Iterator[Any]:
    for entrance, (_send, fields) in PATHS.items():
        for naming in NAMINGS if entrance in BY_ANY_NAME else NAMINGS[:1]:
            # Whoever is named in a third way: once for all fields is enough.
            for field in fields if naming in NAMINGS[:2] else ("email",):
                yield pytest.param(
                    entrance, naming, field, id=f"{entrance}-{naming.__name__}-{field}"
                )


def on_record(stranger: Trainee) -> dict[str, Any]:
    return dict(Trainee.objects.filter(pk=stranger.pk).values().get())


@pytest.mark.parametrize(("entrance", "naming", "field"), list(_cases()))
def test_no_bulk_path_changes_or_shows_a_person_of_another_agency(
    world: World, entrance: str, naming: Callable[[Trainee], Values], field: str
) -> None:
    before, places = on_record(world.stranger), _of(Enrollment, world)
    values = naming(world.stranger) | {field: OTHER[field]}
    answers = PATHS[entrance][0](world, values)
    assert on_record(world.stranger) == before
    assert not Invitation.objects.filter(user__trainee=world.stranger).exists()
    assert not Attendance.objects.filter(enrollment__trainee=world.stranger).exists()
    assert not written_to(world)
    assert _of(Enrollment, world)[: len(places)] == places
    sent = json.dumps(values, ensure_ascii=False)
    for answer in answers:
        text = _text(answer)
        shown = {name for name, value in hidden(sent) if value in text}
        assert shown == set()


def hidden(sent: str) -> list[tuple[str, str]]:
    """What is stored of the person and was not sent, by field, as pages write it."""
    number = STRANGER["personal_number"]
    values = {name: str(STRANGER[name]) for name in HIDDEN}
    values |= {"masked number": f"*********{number[-3:]}" if number not in sent else number}
    values |= {"birth": "02/03/1985" if "1985-03-02" not in sent else number}
    return [(name, value) for name, value in values.items() if value not in sent]


def _of(model: Any, world: World) -> list[Any]:
    """What stands of the person, oldest first: rows may come, those that were stay as they are."""
    return list(model.objects.filter(trainee=world.stranger).order_by("pk").values())


def _text(answer: Any) -> str:
    if answer is None:
        return ""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(body.decode(errors="replace"))


# Who has no right at all on these paths has none over one's own people either.
NO_RIGHT = {"POST completions/"}
# Whom one knows already is not entered again: tests/api/test_trainees.py.
ENTERED_ONCE = {"POST trainees/"}


@pytest.mark.parametrize("entrance", sorted(set(PATHS) - NO_RIGHT - ENTERED_ONCE))
def test_the_same_path_reaches_a_person_of_ones_own(world: World, entrance: str) -> None:
    """Else the table above would pass for paths that reach nobody."""
    Trainee.objects.filter(pk=world.stranger.pk).update(agency=world.own)
    world.stranger.refresh_from_db()
    if entrance in OF_TRAINERS:
        make_enrollment(world.past_run, world.stranger)
        world.foreign_place = Enrollment.objects.get(run=world.past_run)
    if "<str:trainee>" in entrance or entrance in ("act_on_selection", "roster_file"):
        Enrollment.objects.filter(pk=world.foreign_place.pk).update(
            sending_agency=world.own, state="nominated", run=world.open_run
        )
        world.foreign_place.refresh_from_db()
    send, fields = PATHS[entrance]
    changed = {"email": OTHER["email"]} if "email" in fields else {}
    before = _everything(world)
    answers = send(world, by_number(world.stranger) | changed)
    shown = any(STRANGER["email"] in _text(answer) for answer in answers if answer)
    assert _everything(world) != before or shown


OF_TRAINERS = {
    "POST attendance/", "take_scores", "paper_scores", "take_attendance", "conference_log",
}  # fmt: skip


def written_to(world: World) -> bool:
    messages = ClassMessageRecipient.objects.filter(enrollment__trainee=world.stranger)
    printed = Letter.objects.filter(trainee=world.stranger).exclude(printed_at=None)
    return messages.exists() or printed.exists()


def _everything(world: World) -> list[Any]:
    return [
        written_to(world),
        on_record(world.stranger),
        _of(Enrollment, world),
        _of(Completion, world),
        Attendance.objects.filter(enrollment__trainee=world.stranger).count(),
        Trainee.objects.count(),
        Attempt.objects.filter(enrollment__trainee=world.stranger).count(),
    ]


# ── Nothing is missing ────────────────────────────────────────────────────────────────

# Found by what they take, and yet no way to somebody else's people.
OF_THE_OFFICE = "for the programme office alone, which acts for every agency"
NO_PEOPLE = "its file or rows speak of no person"
OWN_MAIL = "one's own notifications and kinds of mail"
OWN_ANSWER = "one's own answer, by one's account or one's link"
OWN_RUN = "the page with the forms; what they send is taken elsewhere in the table"
LEARNING = ("new_unit", "new_class_unit", "unit", "question_bank", "import_questions")
EXCUSED = {
    "split_assignments": OF_THE_OFFICE,
    "run_certificates": OF_THE_OFFICE,
    "run_confirmations": OF_THE_OFFICE,
    "add_scan": NO_PEOPLE,
    "certificate_design": NO_PEOPLE,
    "change_course": NO_PEOPLE,
    "close_run": OWN_RUN,
    "correct_result": OWN_RUN,
    "issuing_body": NO_PEOPLE,
    "mail_choices": OWN_MAIL,
    "read_notifications": OWN_MAIL,
    "new_archive_package": NO_PEOPLE,
    "new_course": NO_PEOPLE,
    "new_design": NO_PEOPLE,
    "new_issuing_body": NO_PEOPLE,
    "new_material": NO_PEOPLE,
    **dict.fromkeys(LEARNING, NO_PEOPLE),
    "save_attempt": "one's own answers in a test",
    "run_test": OWN_RUN,
    "new_rule": NO_PEOPLE,
    "new_signer": NO_PEOPLE,
    "new_succession": NO_PEOPLE,
    "new_task": NO_PEOPLE,
    "report": NO_PEOPLE,
    "report_signature": NO_PEOPLE,
    "replace_value": NO_PEOPLE,
    "report_value": NO_PEOPLE,
    "reporting_duty": NO_PEOPLE,
    "send_messages_again": NO_PEOPLE,
    "try_address_again": NO_PEOPLE,
    "answer_follow_up": OWN_ANSWER,
    "follow_up": OWN_ANSWER,
    "new_evaluation_form": NO_PEOPLE,
    "new_framework": NO_PEOPLE,
    "new_audience": NO_PEOPLE,
    "import_audiences": NO_PEOPLE,
    "change_audience": NO_PEOPLE,
    "run_evaluation": NO_PEOPLE,
    "take_evaluations": NO_PEOPLE,
    "run": OWN_RUN,
    "run_attendance": OWN_RUN,
    "run_results": OWN_RUN,
    "run_decision": NO_PEOPLE,
    "run_plan": NO_PEOPLE,
    "signer": NO_PEOPLE,
    "signer_certificates": NO_PEOPLE,
    "successions_file": NO_PEOPLE,
    "task": NO_PEOPLE,
    "task_progress": NO_PEOPLE,
    "verify": NO_PEOPLE,
    "import_successions": NO_PEOPLE,
    "record_attendance": OF_THE_OFFICE,
    "verify_certificate": NO_PEOPLE,
}


def _takes_many(form: type) -> bool:
    fields = getattr(form, "base_fields", {}).values()
    many = (FileField, MultipleChoiceField, ModelMultipleChoiceField)
    return any(isinstance(field, many) for field in fields)


def _names_in(view: Any) -> set[str]:
    """The names that a view's code uses, with those of the functions of its module."""
    view = inspect.unwrap(view)
    found: set[str] = set()
    waiting = [view.__code__]
    seen: set[CodeType] = set()
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        found |= set(code.co_names)
        waiting += [part for part in code.co_consts if isinstance(part, CodeType)]
        for name in code.co_names:
            used = view.__globals__.get(name)
            if isinstance(used, FunctionType) and used.__module__ == view.__module__:
                waiting.append(inspect.unwrap(used).__code__)
    return found


def _many_forms(view: Any) -> bool:
    view = inspect.unwrap(view)
    names = _names_in(view)
    if names & {"FILES", "getlist"}:
        return True
    used = (view.__globals__.get(name) for name in names)
    return any(isinstance(form, type) and _takes_many(form) for form in used)


def pages() -> set[str]:
    return {
        name
        for name, route in ours()
        if not name.startswith("api:") and _many_forms(route.callback)
    }


def commands() -> set[str]:
    """Those of ours that take a file."""
    found = set()
    for name, app in get_commands().items():
        if (Path(__file__).parents[2] / str(app)).is_dir():
            parser = load_command_class(app, name).create_parser("manage.py", name)
            if any(action.dest == "file" for action in parser._actions):
                found.add(name)
    return found


def writes() -> set[str]:
    """What others than the office may write through the API about people and their results."""
    about_people = ("trainees/", "enrollments/", "attendance/", "completions/")
    return {
        f"{method.upper()} {address}"
        for address, endpoint in endpoints().items()
        for method, visitors in visitors_of(endpoint).items()
        if address.startswith(about_people) and method != "get" and set(visitors) - {OFFICE}
    }


def test_every_bulk_path_is_in_the_table() -> None:
    stated = {entrance.partition(",")[0] for entrance in PATHS}
    found = pages() | commands() | writes()
    assert found - stated - set(EXCUSED) == set(), "add these to PATHS"
    assert set(EXCUSED) - found == set(), "these are no bulk paths any more"


def test_a_path_that_takes_several_rows_is_found() -> None:
    assert {"new_roster", "nominate", "invite_people", "take_scores", "conference_log"} <= pages()
