"""The files that script/deploy puts on a machine, and what it says before it does."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from common.secret_paths import WAYS_IN

ROOT = Path(settings.BASE_DIR)
FILES = sorted((ROOT / "deploy").iterdir())
VALUES = {
    "CODE": "/opt/lms",
    "DATA": "/var/lib/lms",
    "BACKUPS": "/var/backups/lms",
    "ACCOUNT": "root",
    "PORT": "8000",
    "HOST": "training.example.gov.vn",
    "WEB_PROCESSES": "2",
}


def filled(file: Path, **values: str) -> str:
    return re.sub(r"@([A-Z_]+)@", lambda found: (VALUES | values)[found[1]], file.read_text())


def test_a_dry_run_names_every_step_and_changes_nothing(tmp_path):
    """From a clone: a release is a commit, and the checkout under test may hold changes."""
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{ROOT}", str(clone)], check=True)
    done = subprocess.run(
        ["bash", str(clone / "script/deploy"), "training.example.gov.vn", "--dry-run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for step in (
        "would run: useradd --system",
        "would make: database lms",
        "would write: /etc/lms/env",
        "would build: /opt/lms/releases/",
        "would write: /etc/systemd/system/lms-web.service",
        "would write: /etc/nginx/sites-enabled/lms.conf",
        "would switch: nothing to /opt/lms/releases/",
    ):
        assert step in done.stdout
    assert not Path("/etc/lms").exists()


def test_a_host_must_be_named_the_first_time():
    done = subprocess.run(
        ["bash", str(ROOT / "script/deploy"), "--dry-run"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "script/deploy HOST" in done.stderr


def test_every_blank_of_the_files_is_filled_by_the_script():
    script = (ROOT / "script/deploy").read_text()
    blanks = {blank for file in FILES for blank in re.findall(r"@[A-Z_]+@", file.read_text())}
    assert [blank for blank in blanks if f"s|{blank}|" not in script] == []


def test_nginx_logs_no_address_that_lets_somebody_in():
    unlogged = re.findall(r"~\^/\((.*)\)/ 0;", (ROOT / "deploy/nginx.conf").read_text())
    assert {way for group in unlogged for way in group.split("|")} == set(WAYS_IN)


@pytest.mark.django_db
@pytest.mark.parametrize("file", ["alerts.yml", "grafana.json"])
def test_alarms_and_dashboard_ask_for_figures_that_the_site_gives(client, file):
    given = set(
        re.findall(r"^# TYPE (lms_\w+)", client.get("/metrics").content.decode(), re.MULTILINE)
    )
    asked = set(re.findall(r"\blms_\w+?(?=_bucket\b|_count\b|\b)", text_of(file)))
    assert asked <= given
    assert len(asked) >= 6


def text_of(file: str) -> str:
    return (ROOT / "deploy" / file).read_text()


@pytest.mark.full
def test_systemd_takes_every_unit(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    program = tmp_path / "opt/current/.venv/bin/python"
    program.parent.mkdir(parents=True)
    program.symlink_to("/bin/true")
    for file in FILES:
        if file.suffix in {".service", ".socket", ".timer"}:
            (tmp_path / file.name).write_text(filled(file, CODE=str(tmp_path / "opt")))
    units = [str(path) for path in tmp_path.glob("lms-*") if "@" not in path.name]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "lms-" not in done.stderr


@pytest.mark.full
def test_nginx_takes_the_site(tmp_path):
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if not nginx:
        pytest.skip("nginx is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test",
         "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )  # fmt: skip
    (tmp_path / "nginx-writes.conf").write_text((ROOT / "deploy/nginx-read-only.conf").read_text())
    site = filled(
        ROOT / "deploy/nginx.conf",
        SETTINGS=str(tmp_path),
        CERTIFICATE=str(certificate),
        CERTIFICATE_KEY=str(key),
    ).replace("/var/log/nginx/lms.log", str(tmp_path / "access.log"))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{site}\n}}\n"
    )
    done = subprocess.run(
        [nginx, "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "syntax is ok" in done.stderr, done.stderr
