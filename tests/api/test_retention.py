"""Retention through the API: the rules of the pages, by the same services."""

import pytest

from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from jobs.models import Job
from retention.models import ArchivePackage, DueList, RetentionRule
from retention.services.due import list_due_records
from tests.architecture.world import make_package
from tests.factories import make_user

pytestmark = pytest.mark.django_db

RULE = {
    "kind": "letters", "years": 5, "legal_basis": "Thông tư", "is_confirmed": True,
    "valid_from": "2090-01-01", "reason": "Đã thống nhất",
}  # fmt: skip


def member():
    user = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=user)
    return user


@pytest.fixture
def office(api):
    return api(member())


def one(package):
    return f"archive-packages/{package.pk}/"


def test_a_retention_time_is_set_with_its_legal_basis(office):
    answer = office.post("retention-rules/", RULE)
    assert answer.status_code == 201
    assert RULE.items() <= answer.json().items()
    assert office.get("retention-rules/").json()["results"] == [answer.json()]


def test_records_that_the_number_rests_on_get_no_time(office):
    answer = office.post("retention-rules/", RULE | {"kind": "completions"})
    assert (answer.status_code, answer.json()["code"]) == (400, "kept_for_good")
    assert not RetentionRule.objects.filter(kind="completions", years=5).exists()


def test_an_unknown_kind_is_refused_by_name(office):
    answer = office.post("retention-rules/", RULE | {"kind": "khong-co"})
    assert list(answer.json()["fields"]) == ["kind"]


def test_what_is_due_now_and_was_due_each_year_is_read(office):
    list_due_records()
    due = office.get("due-records/").json()
    assert due["as_of"] == clock.today().isoformat()
    (listed,) = office.get("due-records/yearly/").json()["results"]
    assert listed["lines"] == DueList.objects.get().lines == due["kinds"]


def test_a_package_is_made_by_a_job(office):
    Job.objects.create(kind="x", state="succeeded", finished_at="2020-05-05T00:00:00Z")
    asked = {"kinds": ["jobs"], "until_year": 2020, "purpose": "Nộp lưu"}
    answer = office.post("archive-packages/", asked)
    assert answer.status_code == 201, answer.json()
    assert answer.json()["state"] == "being_made"
    assert answer.json()["job"]


def test_the_member_who_prepared_a_package_does_not_approve_its_deletion(api):
    preparing, package = member(), make_package()
    ArchivePackage.objects.filter(pk=package.pk).update(asked_by_id=preparing.pk)
    answer = api(preparing).post(f"{one(package)}approve/", {"decision": "12/QĐ"})
    assert (answer.status_code, answer.json()["code"]) == (409, "same_member")


def test_a_copy_of_what_is_kept_is_deleted_by_nobody(office):
    package = make_package()
    ArchivePackage.objects.filter(pk=package.pk).update(asked_by_id=member().pk)
    answer = office.post(f"{one(package)}approve/", {"decision": "12/QĐ"})
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_delete")


def test_a_package_that_was_handed_over_leaves_the_server(office):
    package = make_package()
    assert b"".join(office.get(f"{one(package)}file/").streaming_content) == b"PK"
    taken = office.post(f"{one(package)}hand-over/", {"handed_over_to": "Lưu trữ quốc gia"})
    assert taken.json()["handed_over_to"] == "Lưu trữ quốc gia"
    assert office.post(f"{one(package)}remove-file/", {}).json()["file_removed_at"]
    gone = office.get(f"{one(package)}file/")
    assert (gone.status_code, gone.json()["code"]) == (409, "not_made")


def test_a_package_is_withdrawn_with_a_reason(office):
    answer = office.post(f"{one(make_package())}withdraw/", {"reason": "Nhầm năm"})
    assert (answer.json()["state"], answer.json()["withdrawal_reason"]) == ("withdrawn", "Nhầm năm")
