"""Transfers answered in the browser: by the former agency's coordinator and by the person."""

import pytest

from accounts.choices import Role
from people.models import Trainee, TransferRequest
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import make_agency, make_coordinator, make_trainee, make_user

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "size"), [("vi", DESKTOP), ("en", PHONE)])
def test_a_coordinator_declines_and_the_person_accepts(programme, seat, language, size):
    former, sender = make_agency(name_vi="Bộ Y tế"), make_agency(name_vi="Cục Tin học hóa")
    account = make_user(Role.TRAINEE, full_name="Đỗ Thị Hoà")
    people = make_trainee(former, full_name="Lê Văn Bình"), make_trainee(former, user=account)
    for person in people:
        TransferRequest.objects.create(
            trainee=person, to_agency=sender, name_as_sent=person.full_name, asked_by="test"
        )
    visitor = seat(language, size=size)
    visitor.sign_in(make_coordinator(former))
    visitor.open("/people/transfers/")
    visitor.check()
    visitor.page.locator("a[href$='/decline/']").last.click()
    visitor.page.fill("#id_reason", "Vẫn công tác tại Bộ Y tế")
    visitor.check()
    visitor.send()
    assert TransferRequest.objects.filter(state="declined").count() == 1
    waiting = TransferRequest.objects.pending().get()
    Trainee.objects.filter(user=account).update(user=None)
    Trainee.objects.filter(pk=waiting.trainee_id).update(user=account)
    other = seat(language, size=size)
    other.sign_in(account)
    other.open("/my/")
    other.check()
    other.send("form[action$='/accept/'] button")
    waiting.refresh_from_db()
    assert waiting.state == "accepted"
