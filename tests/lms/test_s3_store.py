"""Files in an S3 store: a real one on this machine (moto's server)."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import environ
import pytest
import requests
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from moto.server import ThreadedMotoServer

from lms.backups.making import make_backup
from lms.backups.restoring import verify_backup
from lms.stores import s3_store
from tests.lms.backups.elsewhere import empty_site

BUCKET = "training"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    requests.post(f"{address}/moto-api/reset", timeout=10)  # its memory is that of the process
    for name, value in {
        "S3_ENDPOINT": address,
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    ).create_bucket(Bucket=BUCKET)  # fmt: skip
    yield address
    server.stop()


@pytest.fixture
def store(endpoint: str, settings: Any) -> str:
    settings.STORAGES = settings.STORAGES | {"default": s3_store(environ.Env(), BUCKET)}
    return endpoint


def move(folder: Path) -> dict[str, Any]:
    out = StringIO()
    call_command("move_media", str(folder), "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old/letters/2026").mkdir(parents=True)
    (tmp_path / "old/letters/2026/công văn.pdf").write_bytes(b"a letter")
    return tmp_path / "old"


def test_files_are_moved_and_read_back(store, folder):
    assert move(folder) == {"files": 1, "copied": 1}
    assert default_storage.open("letters/2026/công văn.pdf").read() == b"a letter"


def test_moving_again_copies_nothing(store, folder):
    move(folder)
    assert move(folder) == {"files": 1, "copied": 0}


def test_another_content_under_the_same_name_is_refused(store, folder):
    default_storage.save("letters/2026/công văn.pdf", ContentFile(b"other"))
    with pytest.raises(SystemExit):
        move(folder)
    assert default_storage.open("letters/2026/công văn.pdf").read() == b"other"


def test_nobody_reads_a_file_from_the_store_without_the_site(store, settings):
    """The bucket's owner decides; our side asks for private objects and gives no address of one."""
    default_storage.save("certificates/2026/a.pdf", ContentFile(b"%PDF"))
    acl = boto3.client(
        "s3", endpoint_url=store, region_name="us-east-1",
        aws_access_key_id="key", aws_secret_access_key="secret",
    ).get_object_acl(Bucket=BUCKET, Key="certificates/2026/a.pdf")  # fmt: skip
    assert {grant["Grantee"].get("URI") for grant in acl["Grants"]} == {None}


@pytest.mark.django_db
def test_the_site_is_not_ready_when_the_store_is_gone(client, store):
    requests.post(f"{store}/moto-api/reset", timeout=10)
    failing = {one["name"] for one in client.get("/readyz").json()["checks"] if not one["ok"]}
    assert "storage" in failing


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_the_files_of_the_store(store, folder, tmp_path):
    move(folder)
    backup = make_backup(tmp_path / "backups")
    assert (backup / "media/letters/2026/công văn.pdf").read_bytes() == b"a letter"
    assert verify_backup(backup) == []
    again = make_backup(tmp_path / "backups")
    name = "media/letters/2026/công văn.pdf"
    assert (again / name).samefile(backup / name)


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_backup_is_restored_into_a_store(folder, tmp_path, settings, endpoint):
    settings.MEDIA_ROOT = folder
    backup = make_backup(tmp_path / "backups")
    with empty_site(tmp_path / "new") as site:
        site.run("restore", str(backup), S3_BUCKET=BUCKET)
    settings.STORAGES = settings.STORAGES | {"default": s3_store(environ.Env(), BUCKET)}
    assert default_storage.open("letters/2026/công văn.pdf").read() == b"a letter"
