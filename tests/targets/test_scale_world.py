"""The generated programme of ``script/bench scale`` fits the tables and the rules as they are."""

import pytest

from audit.services.verification import verify
from bench.scale_world import fill
from certificates.models import Certificate
from certificates.services.verification import FileState, verify_code
from counting.counter import counted
from enrollment.models import Completion
from targets.progress.reconciliation import reconcile

pytestmark = pytest.mark.django_db


@pytest.mark.both_engines
def test_a_generated_programme_reconciles_and_its_log_is_whole():
    fill(people=210, completions=630)
    assert Completion.objects.count() == 630
    assert counted().persons == 210 - 3  # merged
    assert [finding.message for finding in reconcile().unexplained] == []
    code = Certificate.objects.earliest("pk").verification_code
    assert verify_code(code).state is FileState.VALID
    assert verify().intact
