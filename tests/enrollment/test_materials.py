"""Files that go with a class: who puts them there and who may open them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from enrollment.choices import EnrollmentState
from tests.factories import make_enrollment, make_run, make_trainee, make_trainer, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    return make_run()


def with_file(client, run, name: str = "bai-giang.pdf") -> None:
    client.force_login(make_trainer(run))
    file = SimpleUploadedFile(name, b"%PDF-1.7 slides")
    client.post(f"/runs/{run.code}/materials/", {"title": "Bài giảng", "file": file})


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (EnrollmentState.ENROLLED, 200),
        (EnrollmentState.COMPLETED, 200),
        (EnrollmentState.NOMINATED, 404),
        (EnrollmentState.WITHDRAWN, 404),
    ],
)
def test_whoever_holds_a_seat_opens_the_materials(client, run, state, status):
    with_file(client, run)
    person = make_trainee(user=make_user("trainee"))
    make_enrollment(run, person, state=state)
    client.force_login(person.user)
    page = client.get(f"/runs/{run.code}/").content.decode()
    assert ("Bài giảng" in page) == (status == 200)
    answer = client.get(f"/runs/{run.code}/materials/{run.materials.get().pk}/")
    assert answer.status_code == status
    if status == 200:
        assert b"".join(answer.streaming_content) == b"%PDF-1.7 slides"
        assert answer["Content-Disposition"].startswith("attachment")


def test_a_page_or_a_program_is_no_material(client, run):
    for name in ("x.html", "x.svg", "x.exe", "x"):
        with_file(client, run, name)
    assert not run.materials.exists()


def test_a_trainer_removes_materials_only_from_their_own_class(client, run):
    with_file(client, run)
    path = f"/runs/{run.code}/materials/{run.materials.get().pk}/remove/"
    client.force_login(make_trainer(make_run()))
    assert client.post(path).status_code == 404
    client.force_login(run.trainers.get().user)
    assert client.post(path).status_code == 302
    assert not run.materials.exists()
