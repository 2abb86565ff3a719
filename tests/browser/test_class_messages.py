"""A trainer writes to a class; a coordinator prints the letter of whoever has no address."""

import pytest
from django.core.files.base import ContentFile

from enrollment.models import ClassMessage
from notices.models import Notice
from people.models import Letter
from tests.browser.conftest import (
    DESKTOP,
    PHONE,
    click,
    download,
    reach_and_enter,
    write,
)
from tests.factories import (
    make_agency,
    make_coordinator,
    make_enrollment,
    make_run,
    make_trainee,
    make_trainer,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("press", "language", "dark", "size"),
    [
        pytest.param(click, "vi", False, DESKTOP, id="mouse-vietnamese-desktop-light"),
        pytest.param(reach_and_enter, "en", True, PHONE, id="keyboard-english-phone-dark"),
    ],
)
def test_a_message_is_written_confirmed_and_on_record_and_its_letter_printed(
    seat, press, language, dark, size
):
    agency = make_agency("bo-mau", name_vi="Bộ Mẫu", name_en="Sample Ministry")
    run = make_run(code="LOP-1")
    run.materials.create(title="Bài giảng 1", file=ContentFile(b"%PDF-1.7", "slides.pdf"))
    make_enrollment(run, make_trainee(agency, full_name="Lê Thị Hoa", email="hoa@example.gov.vn"))
    make_enrollment(run, make_trainee(agency, full_name="Phạm Văn An"))
    visitor = seat(language, dark=dark, size=size)
    visitor.sign_in(make_trainer(run, full_name="Trần Bình"))
    visitor.open("/runs/LOP-1/")
    press(visitor, "a[href='/runs/LOP-1/messages/new/']")
    visitor.check()
    write(visitor, "#id_subject", "Tài liệu buổi 1")
    write(visitor, "#id_body", "Xin {full_name} đọc trước.\n\nHẹn gặp tại {venue}")
    visitor.page.locator("input[name=materials]").check()
    press(visitor, "main form button[type=submit]")
    visitor.check()
    assert "Phạm Văn An" in visitor.page.locator("main").inner_text()
    assert not ClassMessage.objects.exists()
    press(visitor, "button[name=send]")
    visitor.check()
    message = ClassMessage.objects.get()
    assert visitor.page.url.endswith(f"/runs/LOP-1/messages/{message.pk}/")
    assert "Bài giảng 1.pdf" in visitor.page.locator("main").inner_text()
    assert (Notice.objects.count(), Letter.objects.count()) == (1, 1)
    visitor.open("/runs/LOP-1/messages/")
    assert "Tài liệu buổi 1" in visitor.page.locator("main").inner_text()

    coordinator = seat(language, dark=dark, size=size)
    coordinator.sign_in(make_coordinator(agency))
    coordinator.open("/my/")
    press(coordinator, "a[href='/people/letters/']")
    coordinator.check()
    file = download(coordinator, ".page-head form button")
    assert file.suggested_filename.startswith("letters-")
    assert Letter.objects.get().printed_at
    coordinator.open("/people/letters/?printed")
    assert "Tài liệu buổi 1" in coordinator.page.locator("main").inner_text()
