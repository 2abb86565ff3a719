"""What one may not see one may not search: look-ups are declared, all others are refused."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_filters import FilterSet

from accounts.api.generics import ListAPIView
from accounts.choices import Role
from accounts.services import create_second_factor
from audit.services import SYSTEM
from common import clock
from common.encryption import EncryptedJSONField
from common.read_only_admin import ReadOnlyAdmin
from jobs.models import Job, TimedTaskRun, WorkerHeartbeat
from notices.models import Notice
from tests.api.conftest import Visitor
from tests.architecture.test_access import answer_to
from tests.architecture.world import World, make_world
from tests.factories import make_user

SECRET = "the-secret-link"
LOOKUPS = (
    "", "__exact", "__iexact", "__contains", "__icontains", "__startswith", "__regex", "__iregex",
    "__gt", "__lt", "__range", "__in", "__isnull", "__has_key", "__contained_by", "__search",
)  # fmt: skip
# What may hold personal values or a way into an account is not shown, and so not searched.
UNSEEN_TYPES = (
    models.TextField, models.JSONField, models.BinaryField, models.FileField,
    models.ForeignKey, models.OneToOneField, models.ManyToManyField, EncryptedJSONField,
)  # fmt: skip
UNSEEN_NAMES = ("password", "token", "digest", "secret", "body", "payload", "result", "last_error")


def admins() -> dict[type[models.Model], ReadOnlyAdmin]:
    import_module("lms.urls")
    return dict(admin.site._registry)  # type: ignore[arg-type]  # tested below


def paths(model: type[models.Model], depth: int = 2) -> Iterator[str]:
    """Every column of a model, and those that a look-up reaches through its relations."""
    for field in model._meta.get_fields(include_hidden=False):
        yield field.name
        if field.is_relation and field.related_model and depth > 1:
            related: Any = field.related_model
            yield from (f"{field.name}__{path}" for path in paths(related, depth - 1))


@pytest.fixture
def rows(db: None) -> None:
    owner = make_user(Role.TRAINER)
    Notice.objects.create(recipient="an@example.gov.vn", subject="Thư", body=SECRET)
    Job.objects.create(kind="check_roster", owner=owner, actor_label="test", payload={"a": "x"})
    WorkerHeartbeat.objects.create(name="w", seen_at=clock.now())


@pytest.fixture
def auditor(rows: None) -> Client:
    user = make_user(Role.AUDITOR)
    create_second_factor(by=SYSTEM, user=user)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def list_of(model: type[models.Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


# The admin ------------------------------------------------------------------------------


def test_the_admin_shows_these_models_and_no_others():
    assert set(admins()) == {Job, Notice, TimedTaskRun, WorkerHeartbeat}
    assert all(isinstance(one, ReadOnlyAdmin) for one in admins().values())


def test_an_admin_page_of_a_library_cannot_be_opened():
    with pytest.raises(ImproperlyConfigured):
        admin.site.register(Group, admin.ModelAdmin)


@pytest.mark.parametrize("model", [Job, Notice, WorkerHeartbeat])
def test_the_admin_refuses_every_look_up_that_a_list_does_not_declare(auditor, model):
    address, declared = list_of(model), admins()[model].declared_lookups
    tried = {f"{path}{lookup}" for path in paths(model) for lookup in LOOKUPS} - declared
    assert len(tried) > 20
    with CaptureQueriesContext(connection) as asked:
        answers = {name: auditor.get(address, {name: "x"}).status_code for name in sorted(tried)}
    assert {name: code for name, code in answers.items() if code != 400} == {}
    table = f'FROM "{model._meta.db_table}"'
    assert [q["sql"] for q in asked.captured_queries if table in q["sql"]] == []


def test_the_secret_of_a_message_cannot_be_found_letter_by_letter(auditor):
    for value in (SECRET, "^the", ".", "(a+)+$"):
        for name in ("body__regex", "body__contains", "html_body__startswith", "body"):
            answer = auditor.get(list_of(Notice), {name: value})
            assert answer.status_code == 400
            assert "an@example.gov.vn" not in answer.content.decode()
    assert "an@example" not in auditor.get(list_of(Notice), {"q": SECRET}).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "payload__contains=x", "payload__a__regex=x", "result__isnull=1", "owner__password__gt=p",
        "owner__email__startswith=a", "_to_field=body", "_popup=1", "_facets=True", "all=", "e=1",
        "p=x", "p=-1", "p=99999999999999999999", "o=payload", "o=1.x", "created_at__year=x",
        "created_at__year=99999999999", "created_at__month=13&created_at__year=2026", "kind=%00",
        "state__exact=done&state__exact=failed", "kind=" + "a" * 101, "created_at__gte=2026-01-01",
    ],
)  # fmt: skip
def test_what_is_no_declared_parameter_gets_a_sentence_and_no_list(auditor, query):
    answer = auditor.get(f"{list_of(Job)}?{query}")
    assert answer.status_code == 400
    assert "check_roster" not in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    ["", "state__exact=queued", "kind=check_roster", "o=-1.2", "p=1", "created_at__year=2026",
     "created_at__year=2026&created_at__month=11&created_at__day=29"],
)  # fmt: skip
def test_declared_look_ups_work(auditor, query):
    with clock.set_to(clock.now()):
        assert auditor.get(f"{list_of(Job)}?{query}").status_code == 200


def test_every_link_that_an_admin_list_writes_is_declared(auditor):
    for model in admins():
        page = auditor.get(list_of(model)).content.decode()
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(\?[^"]*)"', page)}
        answers = {link: auditor.get(list_of(model) + link).status_code for link in links}
        assert answers == dict.fromkeys(links, 200)


def test_the_outbox_is_searched_by_what_it_shows(auditor):
    found = auditor.get(list_of(Notice), {"q": "an@example"}).content.decode()
    none = auditor.get(list_of(Notice), {"q": "nobody@"}).content.decode()
    assert ("Thư" in found, "Thư" in none) == (True, False)


def test_nobody_is_searched_by_number_there(auditor):
    answer = auditor.get(list_of(Notice), {"q": "001085012345"})
    assert (answer.status_code, answer["Location"]) == (302, list_of(Notice))


def test_a_row_is_opened_by_its_key_alone(auditor):
    notice = Notice.objects.get()
    page = reverse("admin:notices_notice_change", args=[notice.pk])
    assert auditor.get(page).status_code == 200
    assert auditor.get(page, {"_to_field": "body"}).status_code == 400
    assert auditor.get(reverse("admin:notices_notice_change", args=["x"])).status_code == 404


def test_the_admin_shows_no_way_into_an_account_and_no_personal_value():
    for model, shown in admins().items():
        listed = {
            *shown.list_display, *shown.list_filter, *shown.search_fields, *shown.fields,
            *(shown.list_display_links or ()), shown.date_hierarchy or shown.fields[0],
        }  # fmt: skip
        assert shown.fields, "name the fields one by one"
        assert not shown.inlines
        assert not shown.autocomplete_fields
        for name in listed:
            field = get_fields_from_path(model, str(name))[-1]
            assert not isinstance(field, UNSEEN_TYPES), f"{model.__name__}.{name}"
            assert not any(word in field.name for word in UNSEEN_NAMES), f"{model.__name__}.{name}"
        assert {*shown.list_display, *shown.list_filter, *shown.search_fields} <= set(shown.fields)


# The API and the pages ------------------------------------------------------------------

# Class, parameter, column and look-up of every filter; "method": the class's own question.
FILTERS = """
AttemptFilter       run             enrollment__run__code           exact
AttemptFilter       stage           stage                           exact
AttemptFilter       test            test                            exact
AttemptFilter       trainee         enrollment__trainee__code       exact
CourseCompetencyFilter competency      competency__code                exact
CourseCompetencyFilter course          course__code                    exact
CourseTestFilter    course          course__code                    exact
ExampleFilter       course          completion__run__course__code   exact
FollowUpFilter      agency          completion__sending_agency__slug exact
FollowUpFilter      example_state   example_state                   exact
FollowUpFilter      respondent      respondent                      exact
FollowUpFilter      run             completion__run__code           exact
FollowUpFilter      trainee         completion__trainee__code       exact
NotificationFilter unread       -                               method
NotificationFilter kind         kind                            exact
NotificationFilter created_from created_at__date                gte
NotificationFilter created_to   created_at__date                lte
ClassMessageFilter run          run__code                       exact
QuestionFilter      course          course__code                    exact
QuestionFilter      difficulty      difficulty                      exact
QuestionFilter      kind            kind                            exact
QuestionFilter      part            part                            exact
TraineeFilter       untrained       -                               method
TransferRequestFilter state      state                          exact
TransferRequestFilter to_agency  to_agency__slug                exact
AgencyFilter      kind            kind                            exact
AgencyFilter      parent          parent__slug                    exact
AgencyFilter      search          -                               method
AgencyFilter      sector          -                               method
AgencyFilter      valid_on        -                               method
AttendanceFilter  mark            mark                            exact
AttendanceFilter  run             enrollment__run__code           exact
AttendanceFilter  session         session__number                 exact
AttendanceFilter  trainee         enrollment__trainee__code       exact
CertificateFilter run             completion__run__code           exact
CertificateFilter search          -                               method
CertificateFilter state           -                               method
CertificateFilter trainee         completion__trainee__code       exact
CertificateFilter year            year                            exact
ConfirmationFilter run            enrollment__run__code           exact
ConfirmationFilter search         -                               method
ConfirmationFilter state          state                           exact
ConfirmationFilter trainee        enrollment__trainee__code       exact
ConfirmationFilter year           year                            exact
CompletionFilter  agency          sending_agency__slug            exact
CompletionFilter  completed_from  completed_on                    gte
CompletionFilter  completed_to    completed_on                    lte
CompletionFilter  course          course_code                     exact
CompletionFilter  run             run__code                       exact
CompletionFilter  search          -                               method
CompletionFilter  trainee         trainee__code                   exact
CompletionFilter  voided          -                               method
CourseFilter      delivery        delivery                        exact
CourseFilter      search          -                               method
EnrollmentFilter  agency          sending_agency__slug            exact
EnrollmentFilter  run             run__code                       exact
EnrollmentFilter  search          -                               method
EnrollmentFilter  state           state                           exact
EnrollmentFilter  trainee         trainee__code                   exact
QuotaFilter       agency          agency__slug                    exact
RunFilter         course          course__code                    exact
RunFilter         search          -                               method
RunFilter         starts_from     starts_on                       gte
RunFilter         starts_to       starts_on                       lte
RunFilter         state           state                           exact
SessionFilter     run             run__code                       exact
SessionFilter     starts_from     starts_at__date                 gte
SessionFilter     starts_to       starts_at__date                 lte
SuccessionFilter  agency          -                               method
SuccessionFilter  kind            kind                            exact
SuccessionFilter  voided          -                               method
TaskFilter        agency          agency__slug                    exact
TaskFilter        is_open         -                               method
TaskFilter        state           state                           exact
TraineeFilter     agency          agency__slug                    exact
TraineeFilter     search          -                               method
UnitMarkFilter      run             enrollment__run__code           exact
UnitMarkFilter      trainee         enrollment__trainee__code       exact
UnitMarkFilter      unit            unit                            exact
ValueFilter       agency          agency__slug                    exact
ValueFilter       indicator       indicator__slug                 exact
ValueFilter       state           state                           exact
"""
# Endpoint, name and column of every order.
ORDERINGS = """
AttemptList     entered       pk
AudienceList    slug          slug
BundleList      asked_at      asked_at
CourseCompetencyList course        course__code
CourseTestList  entered       pk
EvaluationFormList slug          slug
ExampleList     entered       pk
FollowUpList    asked_at      asked_at
FollowUpList    entered       pk
FrameworkList   recorded_at   recorded_at
FrameworkList   slug          slug
NotificationList created_at created_at
CalendarList recorded_at recorded_at
ClassMessageList sent pk
ClassMessageRecipientList written pk
QuestionList    entered       pk
TransferRequestList asked     pk
AgencyList      name          sort_key
AgencyList      slug          slug
AttendanceList  entered       pk
CertificateList issued        pk
ConfirmationList issued       pk
CompletionList  completed_on  completed_on
CompletionList  entered       pk
CourseList      code          code
EnrollmentList  entered       pk
EnrollmentList  name          trainee__sort_key
EvaluationList  closes_on     closes_on
IndicatorList   slug          slug
QuotaList       agency        agency__sort_key
RuleList recorded_at recorded_at
DueLists year year
PackageList asked_at asked_at
ReportList      ends_on       ends_on
ReportList      signed_at     signed_at
RunList         code          code
RunList         starts_on     starts_on
SessionList     entered       pk
SessionList     starts_at     starts_at
SuccessionList  on            on
SuccessionList  recorded_at   recorded_at
TaskList        due_on        due_on
TaskProgress    day           day
TraineeList     entered       pk
TraineeList     name          sort_key
UnitMarkList    done_at       done_at
UnitMarkList    entered       pk
ValueList       measured_on   measured_on
ValueList       submitted_at  submitted_at
"""


def filter_sets() -> list[Any]:
    import_module("lms.api")
    return sorted(_below(FilterSet), key=lambda one: one.__name__)


def _below(kind: type) -> set[Any]:
    direct = {one for one in kind.__subclasses__() if not one.__module__.startswith("rest_")}
    return direct.union(*(_below(one) for one in direct))


def declared_filters() -> set[str]:
    found = set()
    for one in filter_sets():
        for name, rule in one.base_filters.items():
            lookup = "method" if rule.method else rule.lookup_expr
            column = "-" if rule.method else rule.field_name
            found.add(f"{one.__name__} {name} {column} {lookup}")
    return found


def test_the_filters_of_the_api_are_these():
    table = {" ".join(line.split()) for line in FILTERS.strip().splitlines()}
    assert declared_filters() == table, "a new filter is declared here, with what it may ask"


def declared_orderings() -> set[str]:
    return {
        f"{one.__name__} {name} {column}"
        for one in _below(ListAPIView)
        for name, column in one.ordering_fields.items()
    }


def test_the_orders_of_the_api_are_these():
    table = {" ".join(line.split()) for line in ORDERINGS.strip().splitlines()}
    assert declared_orderings() == table, "a new order is declared here, with its column"


def test_no_filter_is_made_from_a_model_or_asks_for_a_pattern():
    for one in filter_sets():
        assert one._meta.model is None, f"{one.__name__}: name each filter"
        for name, rule in one.base_filters.items():
            assert rule.lookup_expr in {"exact", "gte", "lte", "isnull"}, f"{one.__name__}.{name}"


@pytest.fixture
def world(db: None) -> World:
    return make_world()


LISTS = (
    "agencies/", "successions/", "courses/", "runs/", "sessions/", "trainees/", "enrollments/",
    "attendance/", "completions/", "certificates/", "values/", "quotas/", "tasks/", "reports/",
    "indicators/", "number/", "",
)  # fmt: skip


UNDECLARED = (
    "full_name__regex=a", "trainee__user__password__startswith=p", "pk=1", "search__regex=.",
    "run__regex=a", "ordering=full_name", "ordering=user__password", "format=csv",
    "printed__contains=a", "search=%00", "page_size=x", "cursor=x", "cursor=%00",
)  # fmt: skip


@pytest.mark.parametrize("resource", LISTS)
def test_the_api_refuses_what_a_list_does_not_declare(world, resource):
    visitor = Visitor(world.visitors["auditor"])
    answers = {query: visitor.get(f"{resource}?{query}").status_code for query in UNDECLARED}
    assert answers == dict.fromkeys(UNDECLARED, 400)


PAGES = (
    "home", "people", "runs", "courses", "agencies", "accounts", "certificates", "audit", "jobs",
    "rosters", "data_requests", "pairs", "verify", "account_login", "my",
)  # fmt: skip


@pytest.mark.parametrize("name", ["full_name__regex", "user__password__startswith", "a__b"])
def test_no_page_takes_a_look_up_of_the_database(world, name):
    auditor = world.visitors["auditor"]
    answers = {page: answer_to(auditor, "GET", f"{reverse(page)}?{name}=x") for page in PAGES}
    assert answers == dict.fromkeys(PAGES, "400")


def test_the_sentence_names_the_parameter(world, client):
    client.force_login(world.visitors["auditor"])
    answer = client.get(
        reverse("people"), {"user__password": "x"}, headers={"Accept-Language": "en"}
    )
    assert "searched or sorted by “user__password”" in answer.content.decode()
