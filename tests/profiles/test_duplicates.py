import pytest
from django.test import Client
from django.urls import reverse

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import PROGRAMME_OFFICE, SYSTEM
from people.models import CandidatePair, Merge
from people.services.merges import list_candidates, merge
from tests.architecture.world import adopt_rule
from tests.factories import make_completion, make_enrollment, make_run, make_trainee, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Client:
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def pair() -> CandidatePair:
    one = make_trainee(full_name="Lê An")
    other = make_trainee(one.agency, full_name="Lê An", personal_number="001080000123")
    list_candidates(by=PROGRAMME_OFFICE, pairs=[(one.pk, other.pk)])
    return CandidatePair.objects.get()


def address(pair: CandidatePair) -> str:
    return reverse("pair", args=[pair.pk])


def test_different_people_are_remembered_as_such(office: Client, pair: CandidatePair) -> None:
    office.post(address(pair), {"action": "different"})
    list_candidates(by=PROGRAMME_OFFICE, pairs=[(pair.first_id, pair.second_id)])
    assert "Lê An" not in office.get(reverse("pairs")).content.decode()
    assert "Lê An" in office.get(reverse("pairs") + "?settled").content.decode()


def test_the_row_with_a_number_is_proposed_to_speak_for_both(office, pair) -> None:
    form = office.get(address(pair)).context["form"]
    assert form["keep"].initial == pair.second.code


def test_the_same_merges_into_the_row_chosen(office: Client, pair: CandidatePair) -> None:
    office.post(address(pair), {"keep": pair.first.code, "reason": "cùng một người"})
    found = Merge.objects.get()
    assert (found.survivor, found.absorbed, found.reason) == (
        pair.first, pair.second, "cùng một người",
    )  # fmt: skip
    assert CandidatePair.objects.get().state == "same"


def test_a_row_of_neither_is_refused(office: Client, pair: CandidatePair) -> None:
    assert office.post(address(pair), {"keep": make_trainee().code}).status_code == 400
    assert not Merge.objects.exists()


def test_two_enrollments_in_one_class_are_shown_before_and_after_the_merge(office, pair) -> None:
    run = make_run(code="AI-KEP")
    make_enrollment(run, pair.first)
    make_enrollment(run, pair.second)
    assert "badge-bad" in office.get(address(pair)).content.decode()
    merge(by=PROGRAMME_OFFICE, survivor=pair.first, absorbed=pair.second)
    page = office.get(reverse("merges")).content.decode()
    assert f"{pair.first.code}, {pair.second.code}" in page


def test_enrollments_in_two_classes_do_not_clash(office: Client, pair: CandidatePair) -> None:
    make_enrollment(make_run(), pair.first)
    make_enrollment(make_run(), pair.second)
    assert "badge-bad" not in office.get(address(pair)).content.decode()


def test_the_preview_shows_whether_the_number_falls(office: Client, pair: CandidatePair) -> None:
    run = make_run()
    adopt_rule(run)
    make_completion(pair.first, run)
    stays = office.get(address(pair)).context["effect"]
    make_completion(pair.second, run)
    falls = office.get(address(pair)).context["effect"]
    assert stays != falls


def test_an_undone_merge_lists_the_two_again(office: Client, pair: CandidatePair) -> None:
    merged = merge(by=PROGRAMME_OFFICE, survivor=pair.first, absorbed=pair.second)
    office.post(reverse("undo_merge", args=[merged.pk]))
    assert Merge.objects.not_undone().count() == 0
    assert "Lê An" in office.get(reverse("pairs")).content.decode()


def test_merged_rows_are_not_declared_two_people_behind_the_merge(office, pair) -> None:
    merge(by=PROGRAMME_OFFICE, survivor=pair.first, absorbed=pair.second)
    office.post(address(pair), {"action": "different"})
    assert CandidatePair.objects.get().state == "same"


def test_accounts_of_either_row_are_shown_before_they_open_both(office, pair) -> None:
    account = make_user(Role.TRAINEE, email="an@x.vn")
    type(pair.first).objects.filter(pk=pair.first_id).update(user=account)
    assert "an@x.vn" in office.get(address(pair)).content.decode()
