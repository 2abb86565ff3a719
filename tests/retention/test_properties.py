"""Whatever is due and deleted: the number, the targets and every certificate stay as they were."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.models import User
from audit.services.seals import seal_pending
from audit.services.verification import verify
from certificates.services.verification import verify_code
from common import clock
from counting.counter import counted
from evaluations.models import FollowUp
from people.choices import RequestState
from people.models import DataRequest, Letter
from retention.services.kinds import KINDS
from targets.progress.output import as_json
from tests.architecture.world import World, make_world
from tests.factories import make_user
from tests.retention.test_packages import approve, confirm, packed

pytestmark = pytest.mark.django_db(transaction=False)
LATER = dt.date(2045, 3, 1)


def everything(world: World) -> dict[str, Any]:
    """What nobody may lose by a deletion."""
    return {
        "now": as_json(counted(LATER)),
        "then": as_json(counted(dt.date(2026, 12, 31), known_as_of=clock.now())),
        "certificate": verify_code(world.certificate.verification_code).state,
        "file": world.certificate.file.open("rb").read(),
    }


def colleagues() -> tuple[User, User]:
    made = [make_user(Role.PROGRAMME_OFFICE) for _member in range(2)]
    return made[0], made[1]


@settings(max_examples=3)
@given(
    times=st.dictionaries(
        st.sampled_from([name for name, kind in KINDS.items() if not kind.why_kept]),
        st.integers(min_value=1, max_value=20),
    ),
    until_year=st.integers(min_value=2028, max_value=2044),
)
def test_no_deletion_changes_number_targets_or_verification(times, until_year):
    with transaction.atomic(), clock.set_to(LATER):
        world = make_world()
        printed_at = dt.datetime(2027, 1, 5, tzinfo=dt.UTC)
        Letter.objects.update(printed_at=printed_at, printed_by="an")
        # What somebody waits for an answer about is not deleted.
        DataRequest.objects.open().update(
            state=RequestState.DONE, answer="Đã gửi", settled_at=printed_at
        )
        FollowUp.objects.update(closes_on=dt.date(2027, 6, 1))
        before = everything(world)
        for name, years in (times | {"letters": 1}).items():
            confirm(name, years)
        office, colleague = colleagues()
        package = approve(colleague, packed(office, *KINDS, until_year=until_year))
        assert package.records_deleted >= 1
        assert everything(world) == before
        seal_pending()
        assert not verify().problems
        transaction.set_rollback(True)
