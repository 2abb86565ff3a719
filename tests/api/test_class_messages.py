"""Messages to a class through the API: as on the page, the number must have been seen."""

import pytest
from django.core.files.base import ContentFile

from courses.models import Material
from enrollment.models import ClassMessage
from notices.models import Notice
from people.models import Letter
from tests.api.conftest import Visitor
from tests.factories import make_enrollment, make_run, make_trainee, make_trainer

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    run = make_run(code="LOP-1")
    make_enrollment(run, make_trainee(email="hoa@example.gov.vn", full_name="Lê Thị Hoa"))
    make_enrollment(run, make_trainee())
    return run


@pytest.fixture
def trainer(run):
    return Visitor(make_trainer(run))


def body(**fields):
    values = {"run": "LOP-1", "subject": "Tài liệu", "body": "Xin đọc, {full_name}."}
    return values | {"states": ["enrolled"], "agreed_recipients": 2} | fields


def test_a_message_is_sent_and_each_recipient_has_a_state(run, trainer):
    answer = trainer.send("POST", "class-messages/", body())
    assert answer.status_code == 201
    assert answer.json()["people"] == 2
    assert (Notice.objects.count(), Letter.objects.count()) == (1, 1)
    recipients = trainer.get(f"class-messages/{answer.json()['id']}/recipients/").json()["results"]
    assert sorted(one["state"] for one in recipients) == ["letter", "pending"]
    assert "hoa@example.gov.vn" not in str(recipients)


def test_another_number_than_somebody_saw_is_refused_and_named(run, trainer):
    answer = trainer.send("POST", "class-messages/", body(agreed_recipients=1))
    assert (answer.status_code, answer.json()["code"]) == (409, "confirm_recipients")
    assert "2" in answer.json()["message"]
    assert not ClassMessage.objects.exists()


def test_the_same_request_sent_twice_writes_once(run, trainer):
    headers = {"Idempotency_Key": "abc"}
    answers = [trainer.send("POST", "class-messages/", body(), **headers) for _try in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Notice.objects.count() == 1


def test_people_can_be_named_by_their_codes_and_strangers_cannot(run, trainer):
    own = run.enrollments.latest("pk").trainee
    sent = trainer.send(
        "POST", "class-messages/", body(trainees=[own.code], agreed_recipients=1, states=[])
    )
    assert sent.status_code == 201
    stranger = make_enrollment(make_run()).trainee
    answer = trainer.send("POST", "class-messages/", body(trainees=[own.code, stranger.code]))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["trainees"])


def test_materials_of_another_class_are_not_found(run, trainer):
    other = Material.objects.create(run=make_run(), title="x", file=ContentFile(b"x", name="x.pdf"))
    answer = trainer.send("POST", "class-messages/", body(materials=[other.pk]))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["materials"])


@pytest.mark.parametrize(
    ("field", "value"), [("subject", "a\r\nBcc: x@y.vn"), ("body", "{ten}"), ("subject", "x" * 201)]
)
def test_what_cannot_be_sent_is_refused(run, trainer, field, value):
    answer = trainer.send("POST", "class-messages/", body(**{field: value}))
    assert answer.status_code == 400
    assert not ClassMessage.objects.exists()
