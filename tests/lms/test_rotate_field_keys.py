import json
import os
import subprocess
import sys
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as project
from django.core.management import call_command

from accounts.choices import Role
from accounts.services import create_second_factor, current_code
from audit.services import SYSTEM
from common.encryption import box
from people.models import Trainee
from rosters.models import RosterImport
from tests.architecture.world import make_roster
from tests.factories import make_agency, make_run, make_trainee, make_user

NUMBER = "001080000123"


def rotate() -> dict[str, int]:
    out = StringIO()
    call_command("rotate_field_keys", "--json", stdout=out)
    answer: dict[str, int] = json.loads(out.getvalue())
    return answer


@pytest.mark.both_engines
@pytest.mark.django_db
def test_after_a_rotation_the_old_key_is_needed_no_more(settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS, settings.DEBUG = [old], True
    make_trainee(personal_number=NUMBER)
    office = make_user(Role.PROGRAMME_OFFICE)
    create_second_factor(by=SYSTEM, user=office)
    upload = make_roster(make_run(), make_agency(), None)
    settings.FIELD_KEYS = [new, old]
    assert rotate()["written"] >= 4
    settings.FIELD_KEYS = [new]
    assert Trainee.objects.get().personal_number == NUMBER
    assert len(current_code(email=office.email)) == 6
    assert box().decrypt(bytes(RosterImport.objects.get(pk=upload.pk).content))


@pytest.mark.django_db
def test_a_second_run_finds_nothing_to_do(settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    make_trainee(personal_number=NUMBER)
    settings.FIELD_KEYS = [new, old]
    assert (rotate()["written"], rotate()["written"]) == (1, 0)


@pytest.mark.parametrize("missing", ["FIELD_KEYS", "INDEX_KEY", "SECRET_KEY", "AUDIT_KEY"])
def test_production_does_not_start_without_a_key_of_its_own(missing: str) -> None:
    keys = {
        "SECRET_KEY": "s3cret-" * 9,
        "FIELD_KEYS": Fernet.generate_key().decode(),
        "INDEX_KEY": "index-key-" * 5,
        "AUDIT_KEY": Fernet.generate_key().decode(),
    }
    for value in ("", "x" * 60):
        environment = {**os.environ, "DEBUG": "0", "DATABASE_URL": "sqlite:///:memory:", **keys}
        done = subprocess.run(
            [sys.executable, "-c", "import django; django.setup()"],
            env={**environment, missing: value, "DJANGO_SETTINGS_MODULE": "lms.settings"},
            cwd=project.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert f"{missing} is missing or too weak" in done.stderr
