"""Who may do what through the API: one table of resource, method and visitor.

Nobody gets 401, a stranger's row is a 404 (400 where a body names it), a missing right a 403;
so is a token whose bearer's role came later and has no second factor. A 409 is of the state of this
world: whose confirmation is replaced has completed the class since, so nothing is left to confirm;
whoever may not replace it is refused before it is looked for.
"""

from typing import Any

import pytest
from django.db import transaction

from common.access import ANYBODY, SIGNED_IN
from lms.api import APPS, Index
from tests.api.conftest import Visitor
from tests.api.world import World, make_world

TABLE = """
                                              nobody trainee trainer other_trainer coordinator other_coord office office_no_2f auditor
GET   .                                       401    200     200     200           200         200         200    403          200
GET   agencies/                               401    200     200     200           200         200         200    403          200
POST  agencies/                               401    403     403     403           403         403         201    403          403
GET   agencies/{agency}/                      401    200     200     200           200         200         200    403          200
PATCH agencies/{agency}/                      401    403     403     403           403         403         200    403          403
GET   successions/                            401    200     200     200           200         200         200    403          200
POST  successions/                            401    403     403     403           403         403         201    403          403
GET   successions/{succession}/               401    200     200     200           200         200         200    403          200
POST  successions/{succession}/void/          401    403     403     403           403         403         200    403          403
GET   courses/                                401    200     200     200           200         200         200    403          200
POST  courses/                                401    403     403     403           403         403         201    403          403
PATCH courses/{course}/                       401    403     403     403           403         403         200    403          403
GET   courses/{course}/                       401    200     200     200           200         200         200    403          200
GET   runs/                                   401    200     200     200           200         200         200    403          200
POST  runs/                                   401    403     201     201           403         403         201    403          403
GET   runs/{run}/                             401    200     200     200           200         200         200    403          200
PATCH runs/{open_run}/                        401    403     200     403           403         403         200    403          403
POST  runs/{open_run}/cancel/                 401    403     200     403           403         403         200    403          403
POST  runs/{run}/close/                       401    403     200     403           403         403         200    403          403
GET   sessions/                               401    200     200     200           200         200         200    403          200
POST  sessions/                               401    403     201     403           403         403         201    403          403
PATCH sessions/{open_run}/1/                  401    403     200     403           403         403         200    403          403
POST  sessions/{open_run}/1/remove/           401    403     200     403           403         403         200    403          403
GET   sessions/{run}/1/                       401    200     200     200           200         200         200    403          200
GET   trainees/                               401    200     200     200           200         200         200    403          200
POST  trainees/                               401    403     403     403           201         400         201    403          403
GET   trainees/{trainee}/                     401    200     404     404           200         404         200    403          200
PATCH trainees/{trainee}/                     401    403     403     403           200         404         200    403          403
GET   lists/people/                           401    403     200     200           200         200         200    403          200
GET   lists/training-matrix/                  401    403     200     200           200         200         200    403          200
GET   lists/roster/                           401    403     200     200           200         200         200    403          200
GET   rosters/{roster}/                       401    403     403     403           200         404         200    403          200
POST  rosters/{roster}/import/                401    403     403     403           200         404         200    403          403
GET   transfers/                              401    200     200     200           200         200         200    403          200
GET   transfers/{transfer}/                   401    200     404     404           200         200         200    403          200
POST  transfers/{transfer}/accept/            401    200     404     404           200         403         200    403          403
POST  transfers/{transfer}/decline/           401    200     404     404           200         403         200    403          403
POST  transfers/{transfer}/withdraw/          401    403     403     403           403         200         200    403          403
GET   enrollments/                            401    200     200     200           200         200         200    403          200
POST  enrollments/                            401    201     403     403           201         400         201    403          403
GET   enrollments/{run}/{trainee}/            401    200     200     404           200         404         200    403          200
POST  enrollments/{open_run}/{nominee}/approve/ 401  403     403     403           200         404         200    403          403
POST  enrollments/{open_run}/{nominee}/reject/ 401   403     403     403           200         404         200    403          403
POST  enrollments/{open_run}/{nominee}/withdraw/ 401 404     403     403           200         404         200    403          403
GET   calendars/                              401    200     200     200           200         200         200    403          200
POST  calendars/                              401    201     201     201           201         201         201    403          201
POST  calendars/{calendar}/revoke/            401    200     404     404           404         404         404    403          404
GET   class-messages/                         401    403     200     200           200         200         200    403          200
POST  class-messages/                         401    403     201     400           201         400         201    403          403
GET   class-messages/{message}/recipients/    401    403     200     404           404         404         200    403          200
GET   attendance/                             401    200     200     200           200         200         200    403          200
POST  attendance/                             401    403     200     403           403         403         200    403          403
GET   completions/                            401    200     200     200           200         200         200    403          200
POST  completions/                            401    403     403     403           403         403         201    403          403
GET   completions/{run}/{trainee}/            401    200     200     404           200         404         200    403          200
POST  completions/{run}/{trainee}/assignment/       401    403     403     403           403         403         409    403          403
POST  completions/{run}/{trainee}/void/       401    403     403     403           403         403         200    403          403
GET   certificates/                           401    200     200     200           200         200         200    403          200
POST  certificates/                           401    403     403     403           403         403         201    403          403
GET   certificates/{certificate}/             401    200     200     404           200         404         200    403          200
GET   certificates/{certificate}/file/        401    200     200     404           200         404         200    403          200
GET   certificates/{certificate}/credential/  401    404     404     404           404         404         404    403          404
GET   certificates/register/                  401    200     200     200           200         200         200    403          200
GET   certificates/batches/{batch}/           401    403     403     403           403         403         200    403          200
POST  certificates/{certificate}/revoke/      401    403     403     403           403         403         200    403          403
POST  certificates/{certificate}/reissue/     401    403     403     403           403         403         201    403          403
POST  certificates/{certificate}/duplicate/   401    403     403     403           403         403         201    403          403
GET   certificates/{certificate}/duplicates/  401    403     403     403           403         403         200    403          200
GET   certificates/{certificate}/duplicates/1/ 401   404     404     404           404         404         404    403          404
GET   certificates/attendance/                401    200     200     200           200         200         200    403          200
POST  certificates/attendance/                401    403     403     403           403         403         409    403          403
GET   certificates/attendance/{confirmation}/ 401    200     200     404           200         404         200    403          200
GET   certificates/attendance/{confirmation}/file/ 401 200   200     404           200         404         200    403          200
POST  certificates/attendance/{confirmation}/revoke/ 401 403 403     403           403         403         200    403          403
POST  certificates/attendance/{confirmation}/replace/ 401 403 403    403           403         403         409    403          403
GET   certificates/bundles/                   401    403     200     200           200         200         200    403          200
POST  certificates/bundles/                   401    403     201     409           201         409         201    403          201
GET   certificates/bundles/{bundle}/          401    403     404     404           404         404         404    403          404
GET   certificates/bundles/{bundle}/archive/  401    403     404     404           404         404         404    403          404
GET   certificates/bundles/{bundle}/merged/   401    403     404     404           404         404         404    403          404
GET   competency-frameworks/                  401    403     200     200           200         200         200    403          200
GET   course-competencies/                    401    200     200     200           200         200         200    403          200
GET   audiences/                              401    403     403     403           200         200         200    403          200
POST  audiences/import/                        401    403     403     403           403         403         200    403          403
GET   audiences/{audience}/untrained/         401    403     403     403           200         200         200    403          200
GET   evaluations/                            401    403     200     200           403         403         200    403          200
POST  evaluations/                            401    403     201     403           403         403         201    403          403
GET   evaluations/{run}/                      401    403     200     404           403         403         200    403          200
GET   evaluations/{run}/results/              401    403     403     404           403         403         403    403          403
POST  evaluations/{run}/close/                401    403     200     404           403         403         200    403          403
GET   evaluation-forms/                       401    403     200     200           403         403         200    403          200
GET   evaluation-forms/{form}/                401    403     200     200           403         403         200    403          200
GET   evaluation-year/                        401    403     403     403           403         403         200    403          200
GET   follow-ups/                             401    200     403     403           403         403         200    403          200
GET   examples/                               401    200     200     200           200         200         200    403          200
GET   runs/{run}/units/                       401    200     200     404           404         404         200    403          200
POST  runs/{run}/units/{learning_unit}/done/  401    409     403     403           403         403         403    403          403
GET   unit-marks/                             401    200     200     200           200         200         200    403          200
GET   questions/                              401    403     200     200           403         403         200    403          200
POST  questions/import/                       401    403     200     400           403         403         200    403          403
GET   questions/file/?course={course}         401    403     200     404           403         403         200    403          403
GET   tests/                                  401    403     200     200           403         403         200    403          200
GET   tests/{test}/statistics/?run={run}      401    403     200     404           403         403         200    403          200
GET   attempts/                               401    200     200     200           403         403         200    403          200
GET   effect/                                 401    403     403     403           200         200         200    403          200
GET   progress/                               401    200     200     200           200         200         200    403          200
GET   explain/{trainee}/                      401    200     404     404           200         404         200    403          200
GET   forecast/                               401    403     403     403           403         403         200    403          200
GET   quality/                                401    403     403     403           403         403         200    403          200
GET   reconcile/                              401    403     403     403           403         403         200    403          200
POST  reconcile/                              401    403     403     403           403         403         202    403          403
GET   indicators/                             401    200     200     200           200         200         200    403          200
GET   indicators/{indicator}/                 401    200     200     200           200         200         200    403          200
GET   indicators/{percentage}/measure/        401    200     200     200           200         200         200    403          200
GET   indicators/{percentage}/silent/         401    403     403     403           403         403         200    403          200
GET   values/                                 401    403     403     403           200         200         200    403          200
GET   quotas/                                 401    200     200     200           200         200         200    403          200
GET   road-map/                               401    200     200     200           200         200         200    403          200
GET   tasks/                                  401    200     200     200           200         200         200    403          200
GET   tasks/{task}/                           401    404     404     404           200         404         200    403          200
POST  tasks/{task}/answer/                    401    403     403     403           403         404         200    403          403
GET   tasks/{task}/progress/                  401    403     403     403           200         404         200    403          200
POST  tasks/{task}/progress/                  401    403     403     403           201         404         201    403          403
POST  tasks/{task}/progress/{progress}/decision/ 401 403     403     403           403         403         200    403          403
GET   reports/                                401    403     403     403           403         403         200    403          200
POST  reports/                                401    403     403     403           403         403         400    403          403
GET   reports/{report}/                       401    403     403     403           403         403         200    403          200
GET   reports/{report}/adjustments/           401    403     403     403           403         403         200    403          200
GET   retention-rules/                        401    403     403     403           403         403         200    403          200
POST  retention-rules/                        401    403     403     403           403         403         201    403          403
GET   due-records/                            401    403     403     403           403         403         200    403          200
GET   due-records/yearly/                     401    403     403     403           403         403         200    403          200
GET   archive-packages/                       401    403     403     403           403         403         200    403          200
POST  archive-packages/                       401    403     403     403           403         403         400    403          403
GET   archive-packages/{package}/             401    403     403     403           403         403         200    403          200
GET   archive-packages/{package}/file/        401    403     403     403           403         403         200    403          200
POST  archive-packages/{package}/hand-over/   401    403     403     403           403         403         200    403          403
POST  archive-packages/{package}/approve/     401    403     403     403           403         403         409    403          403
POST  archive-packages/{package}/withdraw/    401    403     403     403           403         403         200    403          403
POST  archive-packages/{package}/remove-file/ 401    403     403     403           403         403         409    403          403
GET   notifications/                          401    200     200     200           200         200         200    403          200
POST  notifications/read/                     401    200     200     200           200         200         200    403          200
POST  notifications/{notification}/read/      401    200     404     404           404         404         404    403          404
GET   jobs/{job}/                             401    404     404     404           404         404         200    403          200
"""  # noqa: E501

BODIES: dict[str, Any] = {
    "agencies/": {"slug": "cuc-moi", "name_vi": "Cục Mới", "kind": "government_agency"},
    "successions/{succession}/void/": {"reason": "Nhập nhầm"},
    "successions/": {
        "kind": "renaming", "on": "2030-01-01", "predecessors": ["{agency}"],
        "successors": ["other"],
    },
    "courses/": {"code": "NEW", "title_vi": "Khóa mới", "periods": 8, "delivery": "online"},
    "courses/{course}/": {"periods": 12},
    "runs/{open_run}/": {"capacity": 30},
    "runs/{open_run}/cancel/": {"reason": "Hoãn"},
    "sessions/": {
        "run": "{open_run}", "starts_at": "2090-05-07T13:30:00+07:00",
        "ends_at": "2090-05-07T16:30:00+07:00",
    },
    "sessions/{open_run}/1/": {"topic": "Mở đầu"},
    "runs/": {
        "course": "{course}", "code": "NEW-1", "starts_on": "2027-01-04",
        "ends_on": "2027-01-05", "capacity": 20,
    },
    "trainees/": {"full_name": "Lê Văn Mới", "birth_date": "1990-02-01", "agency": "{agency}"},
    "agencies/{agency}/": {"short_name": "BKHCN"},
    "trainees/{trainee}/": {"unit": "Phòng Tổ chức"},
    "transfers/{transfer}/decline/": {"reason": "Vẫn công tác tại đây"},
    "enrollments/": {"run": "{open_run}", "trainee": "{trainee}"},
    "calendars/": {"scope": "own"},
    "class-messages/": {
        "run": "{run}", "subject": "Tài liệu", "body": "Xin đọc, {{full_name}}.",
        "states": ["completed"], "agreed_recipients": 1,
    },
    "attendance/": {
        "run": "{run}",
        "evidence": "signed_sheet",
        "marks": [{"session": 1, "trainee": "{trainee}", "mark": "late"}],
    },
    "completions/": {
        "run": "{run}", "trainee": "{nominee}", "sending_agency": "{agency}",
        "completed_on": "2026-03-11",
    },
    "completions/{run}/{trainee}/assignment/": {"agency": "other"},
    "completions/{run}/{trainee}/void/": {"reason": "Nhập nhầm"},
    "certificates/": {"run": "{run}"},
    "certificates/{certificate}/revoke/": {"reason": "Nhập nhầm"},
    "certificates/{certificate}/reissue/": {"reason": "Sai họ tên"},
    "certificates/{certificate}/duplicate/": {"reason": "Mất"},
    "certificates/attendance/": {"run": "{run}"},
    "certificates/attendance/{confirmation}/revoke/": {"reason": "Nhập nhầm"},
    "certificates/attendance/{confirmation}/replace/": {"reason": "Sai họ tên"},
    "certificates/bundles/": {"runs": ["{run}"]},
    "evaluations/": {"run": "{open_run}"},
    "retention-rules/": {
        "kind": "letters", "years": 5, "legal_basis": "Thông tư", "is_confirmed": True,
        "valid_from": "2090-01-01", "reason": "Đã thống nhất",
    },
    "archive-packages/": {"kinds": ["letters"], "until_year": 2020, "purpose": "Nộp lưu"},
    "archive-packages/{package}/hand-over/": {"handed_over_to": "Trung tâm Lưu trữ"},
    "archive-packages/{package}/approve/": {"decision": "12/QĐ"},
    "archive-packages/{package}/withdraw/": {"reason": "Nhập nhầm"},
    "runs/{run}/units/{learning_unit}/done/": {"done": True},
    "audiences/import/": {"audiences": [{"slug": "specialists", "title_vi": "Chuyên viên"}]},
    "questions/import/": {"course": "{course}", "form": "gift", "content": "Hai cộng hai {{#4}}"},
    "tasks/{task}/answer/": {"unit": "{unit}", "answer": "accepted"},
    "tasks/{task}/progress/": {"day": "2026-03-11", "text": "Đã gửi danh sách"},
    "tasks/{task}/progress/{progress}/decision/": {"accept": True},
}  # fmt: skip

_VISITORS, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]


def filled(body: Any, world: World) -> Any:
    """The body with the keys of the world in place of ``{run}`` and the like."""
    if isinstance(body, dict):
        return {name: filled(value, world) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, world) for value in body]
    return world.address(body) if isinstance(body, str) else body


@pytest.mark.parametrize(
    ("method", "address", "answers"),
    [pytest.param(row[0], row[1], row[2:], id=f"{row[0]} {row[1]}") for row in _ROWS],
)
def test_each_visitor_gets_the_answer_of_the_table(db, settings, method, address, answers):
    settings.API_CALLS_PER_MINUTE = settings.API_CALLS_PER_ADDRESS = 1_000_000
    world = make_world()
    expected = dict(zip(_VISITORS, map(int, answers), strict=True))
    found = {
        name: status_of(Visitor(user), method, address, world)
        for name, user in world.visitors.items()
    }
    assert found == expected


def status_of(visitor: Visitor, method: str, address: str, world: World) -> int:
    """What this visitor is answered; what was written is undone for the next one."""
    with transaction.atomic():
        body = filled(BODIES.get(address, {}), world) if method != "GET" else None
        answer = visitor.send(
            method,
            "" if address == "." else world.address(address),
            body,
            **({"If_Match": "*"} if method == "PATCH" else {}),
        )
        transaction.set_rollback(True)
    return int(answer.status_code)


def endpoints() -> dict[str, Any]:
    """Every endpoint by the pattern of its address, in the words of the table."""
    found = {".": Index}
    for app in APPS:
        for route in app.urlpatterns:
            found[str(route.pattern)] = route.callback.view_class
    return found


def visitors_of(endpoint: Any) -> dict[str, tuple[str, ...]]:
    """Who may call each method."""
    visitors: dict[str, tuple[str, ...]] = endpoint.get_visitors()
    return visitors


def test_every_method_says_who_may_call_it():
    silent = {
        f"{method} {address}"
        for address, endpoint in endpoints().items()
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(endpoint, method) != (method in visitors_of(endpoint))
    }
    assert silent == set(), "name these methods in permit(...)"


def test_every_method_of_every_endpoint_is_in_the_table():
    declared = sorted(
        f"{method.upper()} {_shape(address)}"
        for address, endpoint in endpoints().items()
        for method in visitors_of(endpoint)
    )
    assert declared == sorted(f"{method} {_shape(address)}" for method, address, *_ in _ROWS)


def _shape(address: str) -> str:
    """Addresses without the names of their keys: ``runs/*/close/``, and without a query."""
    parts = address.partition("?")[0].split("/")
    return "/".join("*" if part[:1] in {"<", "{"} or part == "1" else part for part in parts)


def test_nothing_of_the_api_is_open_to_anybody_but_its_description():
    open_doors = [
        address
        for address, endpoint in endpoints().items()
        for visitors in visitors_of(endpoint).values()
        if ANYBODY in visitors
    ]
    assert open_doors == []


def test_only_reading_is_open_to_whoever_signs_in():
    wide = [
        address
        for address, endpoint in endpoints().items()
        for method, visitors in visitors_of(endpoint).items()
        if SIGNED_IN in visitors and method != "get"
    ]
    # Whoever it is about may answer the request for their transfer, whatever their role; calendars
    # and notifications are everybody's own.
    assert sorted(wide) == [
        "calendars/",
        "calendars/<int:number>/revoke/",
        "notifications/<int:pk>/read/",
        "notifications/read/",
        "transfers/<int:pk>/accept/",
        "transfers/<int:pk>/decline/",
    ]
