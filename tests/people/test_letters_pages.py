"""Letters to print: whose they are, what the paper says, and that nothing is lost."""

import pytest

from people.models import Letter
from profiles import pdf
from profiles.views import letters as views
from tests.factories import make_agency, make_coordinator, make_trainee
from tests.pdfs import text_of

pytestmark = pytest.mark.django_db

PAGE = "/people/letters/"


@pytest.fixture
def agency():
    return make_agency("bo-mau", name_vi="Bộ Mẫu")


@pytest.fixture
def letter(agency):
    person = make_trainee(agency, full_name="Lê Thị Hoa", unit="Vụ Tổ chức")
    return Letter.objects.create(
        trainee=person, language="vi", subject="Lớp LOP-1", body="Kính gửi bà,\n\n<b>Mời</b> học."
    )


@pytest.fixture
def coordinator(client, agency):
    client.force_login(make_coordinator(agency))
    return client


def test_a_coordinator_prints_what_waits_and_it_waits_no_more(coordinator, letter):
    assert "In cả 1 thư" in coordinator.get(PAGE).content.decode()
    answer = coordinator.post(PAGE + "print/")
    assert answer["Content-Type"] == "application/pdf"
    letter.refresh_from_db()
    assert letter.printed_at
    assert "Lớp LOP-1" not in coordinator.get(PAGE).content.decode()
    assert "Lớp LOP-1" in coordinator.get(PAGE + "?printed").content.decode()


def test_the_paper_says_who_to_whom_and_the_text_as_it_was_written(letter):
    text = text_of(pdf.letters_pdf([letter]))
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Lê Thị Hoa",
        "Vụ Tổ chức", "Bộ Mẫu", "Lớp LOP-1", "<b>Mời</b> học.", "Quyết định 699/QĐ-BTTTT",
    ):  # fmt: skip
        assert words in text


def test_a_printed_letter_can_be_printed_again(coordinator, letter):
    coordinator.post(PAGE + "print/")
    again = coordinator.post(PAGE + "print/", {"letter": [letter.pk], "chosen": "1"})
    assert again["Content-Type"] == "application/pdf"


def test_a_file_that_cannot_be_made_leaves_its_letters_waiting(coordinator, letter, monkeypatch):
    def fail(letters):
        raise RuntimeError("no paper")

    monkeypatch.setattr(views, "letters_pdf", fail)
    with pytest.raises(RuntimeError):
        coordinator.post(PAGE + "print/")
    assert Letter.objects.to_print().count() == 1


def test_letters_of_another_agency_are_neither_shown_nor_printed(client, letter):
    client.force_login(make_coordinator(make_agency()))
    assert "Lớp LOP-1" not in client.get(PAGE + "?agency=bo-mau").content.decode()
    assert client.post(PAGE + "print/").status_code == 302
    chosen = client.post(PAGE + "print/", {"letter": [letter.pk], "chosen": "1"})
    assert chosen.status_code == 404
    assert Letter.objects.to_print().count() == 1


def test_beyond_a_hundred_the_first_are_printed_and_the_rest_waits(
    coordinator, letter, monkeypatch
):
    Letter.objects.create(trainee=letter.trainee, language="vi", subject="Hai", body="b")
    monkeypatch.setattr(views, "MOST_PRINTED", 1)
    assert "In 1 thư đầu trong số 2 thư" in coordinator.get(PAGE).content.decode()
    coordinator.post(PAGE + "print/")
    assert Letter.objects.to_print().count() == 1


def test_the_number_stands_on_the_home_of_the_coordinator_and_on_the_agencys_page(
    coordinator, letter
):
    home = coordinator.get("/my/").content.decode()
    assert "Thư giấy chờ in" in home
    assert "/people/letters/" in home
    page = coordinator.get("/agencies/bo-mau/").content.decode()
    assert "1 thư giấy chờ in" in page
    assert "/people/letters/?agency=bo-mau" in page
