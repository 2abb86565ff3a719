"""Where a time-stamping authority is set, signed heads are time-stamped, apart from everything."""

import pytest

from audit.models import AuditEntry, AuditHead
from audit.services.seals import seal_pending
from audit.services.time_stamps import stamp
from audit.services.verification import verify
from audit.signing import SignedHead
from common.time_stamps import covers
from tests.certificates.conftest import authority  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db


def make_head() -> AuditHead:
    AuditEntry.objects.create(action="box.fill", actor_label="Anna")
    seal_pending()
    return AuditHead.objects.latest("number")


def test_the_newest_head_is_stamped_once(settings, authority):  # noqa: F811 - the fixture
    make_head()
    head = make_head()
    settings.TSA_URL = authority
    assert [stamp(), stamp()] == [True, False]
    head.refresh_from_db()
    assert covers(bytes(head.time_stamp or b""), SignedHead.of(head).digest())
    assert AuditHead.objects.filter(time_stamp=None).count() == 1
    assert verify().problems == ()


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "file:///etc/passwd", "nonsense"])
def test_an_authority_that_does_not_answer_stops_nothing_and_is_asked_again(
    settings,
    authority,  # noqa: F811 - the fixture
    address,
):
    make_head()
    settings.TSA_URL = address
    assert not stamp()
    settings.TSA_URL = authority
    assert stamp()


def test_without_an_authority_nothing_is_stamped():
    make_head()
    assert not stamp()


def test_a_stamp_of_another_head_is_noticed(settings, authority):  # noqa: F811 - the fixture
    settings.TSA_URL = authority
    first = make_head()
    stamp()
    token = AuditHead.objects.get(pk=first.pk).time_stamp
    second = make_head()
    AuditHead.objects.filter(pk=second.pk).update(time_stamp=token, stamped_at=second.sealed_at)
    assert [problem.code for problem in verify().problems] == ["time_stamp_differs"]
