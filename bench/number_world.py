"""The programme of ``bench.number``: that of ``bench.progress`` with plans, pairs and an office."""

import datetime as dt
from typing import Any

PAIRS = 100


def fill(completions: int) -> None:
    from django.db import connection

    from accounts.services import create_second_factor
    from agencies.models import Agency
    from audit.services import SYSTEM
    from bench.progress_world import Programme
    from bench.web import somebody
    from counting.replay import TRAINED_OFFICIALS
    from people.models import CandidatePair, Trainee
    from targets.models import Quota, Target

    Programme().grow(completions)
    target = Target.objects.of(TRAINED_OFFICIALS).latest("due_on")
    steps = [[dt.date(year, 12, 31).isoformat(), 50 * (year - 2023)] for year in range(2024, 2029)]
    Quota.objects.bulk_create(
        Quota(target=target, agency=agency, minimum=400, steps=steps)
        for agency in Agency.objects.filter(slug__startswith="bench-")
    )
    first = Trainee.objects.earliest("pk").pk
    CandidatePair.objects.bulk_create(
        CandidatePair(first_id=first + n * 20 + 7, second_id=first + n * 20 + 11)
        for n in range(PAIRS)
    )
    create_second_factor(by=SYSTEM, user=somebody("programme_office"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def office() -> Any:
    from accounts.models import User

    return User.objects.get(email="programme_office@example.gov.vn")
