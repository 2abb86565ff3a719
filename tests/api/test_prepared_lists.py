"""Lists whose SQL is built once answer byte for byte what the ORM would answer."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.api.generics import ListAPIView, PreparedListMixin
from certificates.api import CertificateList
from enrollment.api.enrollments import EnrollmentList
from enrollment.api.results import CompletionList
from people.api import TraineeList
from tests.api.conftest import Visitor
from tests.api.world import World, make_world
from tests.architecture.world import make_certificate
from tests.factories import make_agency, make_completion, make_enrollment, make_run, make_trainee

LISTS: dict[str, type[PreparedListMixin]] = {
    "trainees/": TraineeList,
    "enrollments/": EnrollmentList,
    "completions/": CompletionList,
    "certificates/": CertificateList,
}


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    run, elsewhere = make_run(code="RUN-MORE"), make_agency("third")
    for number, agency in enumerate((world.agency, elsewhere, world.agency), start=901):
        trainee = make_trainee(agency)
        place = make_enrollment(run, trainee)
        make_certificate(make_completion(trainee, run, enrollment=place), number=number)
    return world


def _pages(visitor: Visitor, address: str) -> list[bytes]:
    """All pages of a list; their cursors are encrypted, and so each time others."""
    found, following = [], address
    while following:
        answer = visitor.get(following)
        assert answer.status_code == 200, answer.content
        following = answer.json()["next"] or ""
        found.append(answer.content.partition(b'"results"')[2])
    return found


@pytest.mark.both_engines
@pytest.mark.parametrize("address", LISTS)
def test_every_reader_gets_the_same_pages_in_every_order(
    address: str,
    world: World,
    api: Callable[[Any], Visitor],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twice, since the second answer comes of what is kept."""
    names = LISTS[address].ordering_fields
    addresses = [
        f"{address}?page_size={size}&ordering={sign}{name}"
        for size in (2, 50)
        for name in names
        for sign in ("", "-")
    ]
    visitors = {
        name: api(user)
        for name, user in world.visitors.items()
        if user and name != "office_no_2f"  # who gets nothing
    }
    asked = [(visitor, place) for visitor in visitors.values() for place in addresses]
    prepared = [[_pages(*ask) for ask in asked] for _time in range(2)]
    monkeypatch.setattr(PreparedListMixin, "get_question", ListAPIView.get_question)
    built = [_pages(*ask) for ask in asked]
    assert prepared == [built, built]
    assert any(len(pages) > 1 for pages in built)
