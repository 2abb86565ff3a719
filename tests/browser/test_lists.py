"""A coordinator's lists: who completed what, the same as files, every month, certificates."""

import zipfile

import pytest
from django.urls import reverse

from rosters.models import ListSchedule
from tests.browser.conftest import DESKTOP, PHONE, Seat, click, download
from tests.certificates.test_bundles import certify
from tests.factories import (
    make_agency,
    make_completion,
    make_coordinator,
    make_run,
    make_trainee,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "dark", "size"),
    [("vi", False, DESKTOP), ("en", True, PHONE)],
    ids=["vietnamese-light-desktop", "english-dark-phone"],
)
def test_a_coordinator_gets_lists_and_certificates_of_a_period(
    seat: Seat, language, dark, size
) -> None:
    agency = make_agency("bo-a", name_vi="Bộ A")
    run, other = make_run(), make_run()
    for number, name in enumerate(("Nguyễn Thị Ánh", "Lê Văn Bình"), start=1):
        make_completion(certify(agency, run, name, number).completion.trainee, other)
    make_trainee(agency, full_name="Đỗ Ý")
    screen = seat(language, dark=dark, size=size)
    screen.sign_in(make_coordinator(agency))
    screen.open(reverse("training_matrix"))
    assert screen.page.locator("table.matrix td.date:not(:empty)").count() == 4
    file = download(screen, "button[value=xlsx]")
    assert file.suggested_filename.endswith(".xlsx")
    click(screen, "button[name=schedule]")
    screen.check()
    click(screen, "main button[type=submit]")
    screen.check()
    assert ListSchedule.objects.count() == 1
    screen.open(reverse("export_people"))
    screen.open(reverse("certificate_bundles"))
    screen.page.fill("#id_since", "2026-01-01")
    click(screen, "main button[type=submit]")
    screen.check()
    screen.open(reverse("certificate_bundles"))
    packed = download(screen, "a[href$=archive]")
    with zipfile.ZipFile(packed.path()) as archive:
        assert len(archive.namelist()) == 2
