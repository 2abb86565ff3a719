"""The files for who runs the site in containers; no container is built here."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import environ
import pytest
import yaml
from django.conf import settings

from lms.caches import cache_settings

ROOT = Path(settings.BASE_DIR)
CONTAINERFILE = ROOT / "deploy/Containerfile"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "deploy/compose.yml").read_text())[
    "services"
]
PLAIN = {"SITE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES"}
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


def test_no_service_is_without_a_password_of_its_own():
    """Whoever reaches the containers' network reads neither queue nor files."""
    ours = SERVICES["web"]["environment"]
    for name in ("QUEUE_URL", "CACHE_URL"):
        assert ":${REDIS_PASSWORD:?}@redis" in ours[name]
    assert "--requirepass" in SERVICES["redis"]["command"][-1]
    root = SERVICES["s3"]["environment"]
    assert root["MINIO_ROOT_USER"] != ours["S3_ACCESS_KEY"]
    assert root["MINIO_ROOT_PASSWORD"] != ours["S3_SECRET_KEY"]
    known_to = [name for name, one in SERVICES.items() if "S3_ROOT_PASSWORD" in str(one)]
    assert known_to == ["s3", "bucket"]


def test_the_account_of_the_site_reaches_its_bucket_alone():
    policy = json.loads((ROOT / "deploy/s3-policy.json").read_text())
    for statement in policy["Statement"]:
        assert all(one.startswith("arn:aws:s3:::lms") for one in statement["Resource"])
        assert not any("*" in action for action in statement["Action"])


def test_compose_env_makes_every_secret_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "compose.env"
    command = [ROOT / "script/compose-env", "lms.example.gov.vn", "10.89.0.1", path]
    subprocess.run(command, check=True, capture_output=True)
    assert path.stat().st_mode & 0o777 == 0o600
    made = dict(line.split("=", 1) for line in path.read_text().splitlines())
    text = (ROOT / "deploy/compose.yml").read_text()
    assert set(made) == set(re.findall(r"\$\{(\w+):\?", text))
    secrets = [value for name, value in made.items() if name not in PLAIN]
    assert len(set(secrets)) == len(secrets)
    assert all(len(value) >= 44 for value in secrets)
    again = subprocess.run(command, capture_output=True, check=False)
    assert again.returncode == 1
    assert path.read_text().splitlines() == [f"{name}={value}" for name, value in made.items()]


@pytest.mark.parametrize("kind", ["default", "calls"])
def test_a_password_of_redis_reaches_the_cache(monkeypatch, kind):
    monkeypatch.setenv("CACHE_URL", "rediscache://:secret@redis:6379/1")
    assert cache_settings(environ.Env())[kind]["LOCATION"] == "redis://:secret@redis:6379/1"


def test_nothing_is_open_beyond_the_machine_and_every_image_is_of_a_named_version():
    published = [port for one in SERVICES.values() for port in one.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]
    for name, service in SERVICES.items():
        if name not in OURS:
            assert re.search(r":[\w.-]*\d", service["image"])
