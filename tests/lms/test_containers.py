"""The files for who runs the site in containers; no container is built here."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CONTAINERFILE = ROOT / "deploy/Containerfile"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "deploy/compose.yml").read_text())[
    "services"
]
OURS = [name for name, service in SERVICES.items() if service.get("image") == "lms"]


def test_the_containerfile_has_no_known_mistake():
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([program, CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_runs_as_nobody_in_particular_and_holds_no_key():
    text = CONTAINERFILE.read_text()
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE) == ["10001"]
    assert not re.search(
        r"^(ENV|ARG).*(SECRET_KEY|FIELD_KEYS|INDEX_KEY|AUDIT_KEY)", text, re.MULTILINE
    )
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".env", ".git", "var", ".venv"} <= set(ignored)


def test_the_image_is_served_as_by_script_deploy():
    for option in (
        "--worker-class", "lms.gunicorn_worker.GatheringWorker", "--no-control-socket",
        "lms.gunicorn_logging.RedactingLogger", "--graceful-timeout",
    ):  # fmt: skip
        assert option in CONTAINERFILE.read_text()
        assert option in (ROOT / "deploy/lms-web.service").read_text()


def test_the_packages_of_the_image_are_those_of_setup():
    setup = ROOT / "script/setup"
    told = subprocess.run([setup, "--packages"], check=True, capture_output=True, text=True).stdout
    assert {"libharfbuzz-subset0", "gettext"} <= set(told.split())
    assert CONTAINERFILE.read_text().count("script/setup --packages)") == 2


@pytest.mark.parametrize("name", OURS)
def test_our_containers_can_write_nowhere_but_to_their_data(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["volumes"] == ["site:/data"]


def test_every_setting_of_the_containers_is_documented():
    operations = (ROOT / "docs/operations.md").read_text()
    given = {name for one in OURS for name in SERVICES[one]["environment"]}
    assert [name for name in sorted(given) if f"`{name}`" not in operations] == []


def test_nothing_is_open_beyond_the_machine_and_every_image_is_of_a_named_version():
    published = [port for one in SERVICES.values() for port in one.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]
    for name, service in SERVICES.items():
        if name not in OURS:
            assert re.search(r":[\w.-]*\d", service["image"])
