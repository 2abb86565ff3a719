import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import User
from agencies.models import Agency
from audit.services import SYSTEM
from counting.counter import counted
from enrollment.models import Completion
from lms.demo import programme
from lms.demo.plan import apportion, past_runs
from lms.demo.programme import make_demo
from lms.reference import load_reference
from people.models import Trainee
from targets.progress import reconcile


def cast_of(seed: int) -> list[tuple[str, str, str]]:
    """People and results of a small demo, which is then rolled back."""
    with transaction.atomic():
        make_demo(people=12, seed=seed)
        found = list(
            Completion.objects.order_by("id").values_list(
                "trainee__full_name", "sending_agency__slug", "run__code"
            )
        )
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_programme_and_another_seed_another(monkeypatch):
    monkeypatch.setattr(programme, "MOST_CERTIFICATES_OF_A_RUN", 0)
    assert cast_of(1) == cast_of(1) != cast_of(2)


@pytest.mark.django_db
@pytest.mark.both_engines
def test_the_command_answers_with_what_it_made():
    load_reference(by=SYSTEM)
    out = io.StringIO()
    call_command("demo", "--people", "5", "--json", stdout=out)
    made = json.loads(out.getvalue())
    assert made["trained"] == 5 == counted().persons
    assert made["people"] == Trainee.objects.count()
    assert reconcile().ok


@pytest.mark.django_db
@pytest.mark.parametrize("people", ["0", "-1", "100001"])
def test_an_impossible_number_of_people_is_refused(people):
    with pytest.raises(CommandError, match="100000"):
        call_command("demo", "--people", people)
    assert not Agency.objects.exists()


@pytest.mark.django_db
def test_outside_of_debug_nobody_can_sign_in_with_the_known_password(settings):
    settings.DEBUG = False
    make_demo(people=1)
    assert not any(user.has_usable_password() for user in User.objects.all())
    out = io.StringIO()
    call_command("demo_signins", stdout=out)
    assert "changepassword" in out.getvalue()


@pytest.mark.django_db
def test_where_nothing_can_be_signed_the_demo_has_no_certificates(settings):
    settings.DEVELOPMENT_SIGNING = settings.ISSUE_UNSIGNED = False
    assert make_demo(people=5).certificates == 0


@pytest.mark.django_db
def test_a_database_without_demo_has_no_sign_ins_to_print():
    out = io.StringIO()
    call_command("demo_signins", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"sign_ins": []}


@pytest.mark.parametrize("people", [1, 7, 640, 2_500])
def test_the_newcomers_of_all_classes_add_up(people):
    runs = past_runs(people, dt.date(2026, 11, 22))
    assert sum(run.newcomers for run in runs if run.course != "DT-001") == people
    assert len({run.code for run in runs}) == len(runs)


@pytest.mark.parametrize(("total", "weights"), [(10, [1, 1, 1]), (0, [3]), (5, []), (7, [5, 0, 2])])
def test_shares_are_whole_and_add_up(total, weights):
    shares = apportion(total, weights)
    assert sum(shares) == (total if weights else 0)
    assert all(share >= 0 for share in shares)
