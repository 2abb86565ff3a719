import fcntl
import json
import os
import stat
import subprocess
from contextlib import suppress
from io import StringIO
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from lms.backups.folders import Sink
from lms.backups.making import make_backup, write_keys
from lms.backups.manifest import digest
from lms.backups.restoring import verify_backup
from people.models import Trainee
from tests.factories import make_trainee
from tests.lms.backups.elsewhere import empty_site

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "001080000123"
ANOTHER_KEY = "another key of 32 letters, or more"
IS_HELD = (
    "from certificates.models import RegisterYear; "
    "print(RegisterYear.objects.get(register='AI').is_held)"
)


NUMBERS = (
    "from people.models import Trainee; "
    "print([one.personal_number for one in Trainee.objects.order_by('pk')])"
)


def numbers() -> list[str]:
    return [one.personal_number for one in Trainee.objects.order_by("pk")]


def progress(answer: dict[str, Any]) -> dict[str, Any]:
    """Without the instant of asking."""
    return {name: value for name, value in answer.items() if name != "known_as_of"}


def keep_file(name: str, content: bytes) -> None:
    default_storage.save(name, ContentFile(content))


def command(*arguments: Any) -> Any:
    out = StringIO()
    with suppress(SystemExit):
        call_command(*map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def refusal(*arguments: Any) -> str:
    code: str = command(*arguments)["error"]["code"]
    return code


@pytest.mark.both_engines
def test_a_restored_site_has_people_numbers_and_files_as_they_were(tmp_path):
    person = make_trainee(personal_number=NUMBER)
    keep_file("letters/2026/a.pdf", b"a letter")
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        assert site.run("restore", backup)["files"] == 1
        assert (site.folder / "media/letters/2026/a.pdf").read_bytes() == b"a letter"
        found = site.shell(
            "from people.models import Trainee; one = Trainee.objects.get(); "
            "print(one.code, one.personal_number)"
        )
        assert found == f"{person.code} {NUMBER}"


@pytest.mark.both_engines
def test_a_restored_register_gives_no_number_until_the_last_on_paper_is_known(tmp_path):
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        site.run("restore", backup)
        assert site.shell(IS_HELD) == "True"
        answer = site.run("continue_register", "41", "counted in the archive")
        assert answer["next_number"] == 42
        assert site.shell(IS_HELD) == "False"
        refused = site.run("continue_register", "40", "again", fails=True)
        assert refused["error"]["code"] == "number_given"


def test_mail_that_waited_in_a_backup_is_not_sent_before_the_office_has_looked(tmp_path):
    backup = command("backup", tmp_path / "backups")["backup"]
    paused = "from notices.models import OutboxPause as O; print(O.objects.under_way().count())"
    with empty_site(tmp_path / "new") as site:
        site.run("restore", backup)
        assert site.shell(paused) == "1"


def test_an_update_that_is_taken_back_holds_no_register(tmp_path):
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        site.run("restore", backup, "--nothing-since")
        found = "from certificates.models import RegisterYear; print(RegisterYear.objects.count())"
        assert site.shell(found) == "0"


@pytest.mark.both_engines
def test_nothing_is_restored_over_a_database_that_holds_something(tmp_path):
    backup = command("backup", tmp_path / "backups")["backup"]
    assert refusal("restore", backup) == "database_not_empty"


def test_a_backup_of_other_keys_is_refused_before_anything_is_written(tmp_path):
    keep_file("letters/2026/a.pdf", b"a letter")
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        refused = site.run("restore", backup, fails=True, INDEX_KEY=ANOTHER_KEY)
        assert refused["error"]["code"] == "keys_missing"
        assert "INDEX_KEY" in refused["error"]["message"]
        assert not (site.folder / "media").exists()


def test_a_backup_of_a_newer_release_is_refused(tmp_path):
    backup = make_backup(tmp_path / "backups")
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["migrations"].append("people.9999_of_tomorrow")
    (backup / "manifest.json").write_text(json.dumps(manifest))
    with empty_site(tmp_path / "new") as site:
        refused = site.run("restore", str(backup), fails=True)
    assert refused["error"]["code"] == "newer_release"


def test_a_restore_that_was_stopped_in_the_files_may_be_run_again(tmp_path):
    for name in ("a", "b"):
        keep_file(f"letters/2026/{name}.pdf", name.encode())
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        (site.folder / "media/letters/2026").mkdir(parents=True)
        (site.folder / "media/letters/2026/a.pdf").write_bytes(b"a")
        assert site.run("restore", backup)["files"] == 2


def test_a_file_with_another_content_is_not_overwritten(tmp_path):
    keep_file("letters/2026/a.pdf", b"a")
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        (site.folder / "media/letters/2026").mkdir(parents=True)
        (site.folder / "media/letters/2026/a.pdf").write_bytes(b"other")
        refused = site.run("restore", backup, fails=True)
    assert refused["error"]["code"] == "file_differs"


@pytest.mark.parametrize("damage", ["changed", "gone", "added", "cut"])
def test_a_damaged_backup_is_recognised(tmp_path, damage):
    keep_file("letters/2026/a.pdf", b"a letter")
    backup = make_backup(tmp_path / "backups")
    assert verify_backup(backup) == []
    file = backup / "media/letters/2026/a.pdf"
    if damage == "changed":
        file.write_bytes(b"A letter")
    elif damage == "gone":
        file.unlink()
    elif damage == "added":
        file.with_name("b.pdf").write_bytes(b"more")
    else:
        with (backup / "database").open("r+b") as database:
            database.truncate(4096)
    assert len(verify_backup(backup)) == 1
    assert not command("verify_backup", backup)["sound"]


def test_a_manifest_that_leads_outside_is_refused(tmp_path):
    keep_file("letters/2026/a.pdf", b"a letter")
    backup = make_backup(tmp_path / "backups")
    for path in ("../a", "/etc/passwd", "media/../../a", "media/./a", ".."):
        manifest = json.loads((backup / "manifest.json").read_text())
        manifest["files"][-1]["path"] = path
        (backup / "manifest.json").write_text(json.dumps(manifest))
        assert refusal("verify_backup", backup) == "bad_path"


def test_a_folder_without_a_manifest_is_no_backup(tmp_path):
    assert refusal("verify_backup", tmp_path) == "no_backup"


def test_an_unchanged_file_is_shared_with_the_backup_before(tmp_path):
    keep_file("letters/2026/a.pdf", b"a letter")
    first = make_backup(tmp_path / "backups")
    keep_file("letters/2026/b.pdf", b"another")
    second = make_backup(tmp_path / "backups")
    name = "media/letters/2026/a.pdf"
    assert (first / name).samefile(second / name)
    assert verify_backup(second) == []


def test_old_backups_go_and_the_rest_stay_whole(tmp_path):
    keep_file("letters/2026/a.pdf", b"a letter")
    made = [make_backup(tmp_path / "backups", keep=2) for _ in range(4)]
    assert sorted(one.name for one in (tmp_path / "backups").iterdir() if one.is_dir()) == [
        one.name for one in made[-2:]
    ]
    assert [verify_backup(one) for one in made[-2:]] == [[], []]


def test_folders_of_others_in_the_same_place_are_left_alone(tmp_path):
    for name in ("0-site", "site", "report.draft"):
        (tmp_path / "backups" / name).mkdir(parents=True)
        (tmp_path / "backups" / name / "manifest.json").write_text('{"name": "a web app"}')
    made = [make_backup(tmp_path / "backups", keep=1) for _ in range(2)]
    assert {one.name for one in (tmp_path / "backups").iterdir() if one.is_dir()} == {
        "0-site", "site", "report.draft", made[-1].name,
    }  # fmt: skip


def test_a_backup_after_a_damaged_one_is_made_and_whole(tmp_path):
    keep_file("letters/2026/a.pdf", b"a letter")
    (make_backup(tmp_path / "backups") / "manifest.json").write_text("{")
    assert verify_backup(make_backup(tmp_path / "backups")) == []


@pytest.mark.parametrize("files", [[], [{"path": 7}], [{"path": "media/a"}], None])
def test_a_manifest_that_names_no_database_is_no_backup(tmp_path, files):
    backup = make_backup(tmp_path / "backups")
    manifest = json.loads((backup / "manifest.json").read_text())
    rest = {"sha256": "", "size": 0, "stored_sha256": ""}
    manifest["files"] = files and [one | rest for one in files]
    (backup / "manifest.json").write_text(json.dumps(manifest))
    assert refusal("restore", backup) == "no_backup"


def test_what_a_killed_backup_left_goes_with_the_next(tmp_path):
    (tmp_path / "backups/20261130T000000.000000Z.draft").mkdir(parents=True)
    made = make_backup(tmp_path / "backups")
    assert [one for one in (tmp_path / "backups").iterdir() if one.is_dir()] == [made]


def test_a_second_backup_at_the_same_time_is_refused(tmp_path):
    (tmp_path / "backups").mkdir()
    with (tmp_path / "backups/.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal("backup", tmp_path / "backups") == "busy"


def test_nobody_else_on_the_machine_can_read_a_backup(tmp_path):
    keep_file("letters/2026/a.pdf", b"a letter")
    backup = make_backup(tmp_path / "backups")
    for path in (backup, *backup.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_no_key_and_no_personal_number_lies_in_a_backup(tmp_path):
    make_trainee(personal_number=NUMBER)
    backup = make_backup(tmp_path / "backups")
    keys = [project.SECRET_KEY, *project.FIELD_KEYS, project.INDEX_KEY, project.AUDIT_KEY]
    for path in backup.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [secret for secret in (*keys, NUMBER) if secret.encode() in content], path


def test_keys_are_written_apart_from_the_data(tmp_path):
    assert refusal("backup", tmp_path, "--keys-to", tmp_path / "keys") == "keys_beside_data"
    write_keys(tmp_path / "safe", tmp_path / "backups")
    assert f"INDEX_KEY={project.INDEX_KEY}" in (tmp_path / "safe/keys.env").read_text()
    assert stat.S_IMODE((tmp_path / "safe/keys.env").stat().st_mode) == 0o600


@pytest.mark.full
@pytest.mark.both_engines
def test_a_whole_programme_comes_back_to_the_last_byte(tmp_path, settings):
    """The drill: number, certificates, audit log and encrypted numbers of the demo programme."""
    call_command("load_reference", stdout=StringIO())
    call_command("demo", stdout=StringIO())
    number = progress(command("progress"))
    files = {one: digest(one) for one in Path(settings.MEDIA_ROOT).rglob("*") if one.is_file()}
    backup = command("backup", tmp_path / "backups")["backup"]
    with empty_site(tmp_path / "new") as site:
        site.run("restore", backup)
        assert site.run("verify_audit")["intact"]
        assert site.run("reconcile")["unexplained"] == []
        assert progress(site.run("progress")) == number
        assert {name.relative_to(settings.MEDIA_ROOT): sha for name, sha in files.items()} == {
            one.relative_to(site.folder / "media"): digest(one)
            for one in (site.folder / "media").rglob("*")
            if one.is_file()
        }
        assert site.shell(NUMBERS) == str(list(numbers()))


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The public key of somebody whose private key is in the key ring."""
    # gpg's sockets lie beside it, and their addresses have at most 108 letters.
    ring = mkdtemp(dir="/tmp")
    monkeypatch.setenv("GNUPGHOME", ring)
    gpg = ["gpg", "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback"]
    subprocess.run([*gpg, "--quick-generate-key", "a@example.vn", "future-default"], check=True)
    public = tmp_path / "public.asc"
    public.write_bytes(subprocess.run([*gpg, "--export"], check=True, capture_output=True).stdout)
    return public


def test_an_encrypted_backup_is_verified_by_anybody_and_restored_by_its_reader(tmp_path, reader):
    person = make_trainee(full_name="Nguyễn Thị Đặc Biệt")
    keep_file("letters/2026/a.pdf", b"a very special letter")
    backup = make_backup(tmp_path / "backups", recipient_file=reader)
    stored = b"".join(one.read_bytes() for one in backup.rglob("*") if one.is_file())
    assert b"a very special letter" not in stored
    assert person.full_name.encode() not in stored
    assert verify_backup(backup) == []
    with empty_site(tmp_path / "new") as site:
        assert site.run("restore", str(backup))["files"] == 1
        assert (site.folder / "media/letters/2026/a.pdf").read_bytes() == b"a very special letter"
    again = make_backup(tmp_path / "backups", recipient_file=reader)
    name = "media/letters/2026/a.pdf.gpg"
    assert (again / name).samefile(backup / name)


def test_nothing_of_an_encrypted_backup_ever_lies_in_the_clear(tmp_path, reader, monkeypatch):
    """Looked at while the database and a file have passed and nothing is closed yet."""
    make_trainee(full_name="Nguyễn Thị Đặc Biệt")
    keep_file("letters/2026/a.pdf", b"a very special letter")
    seen: list[bytes] = []

    def looked_at(sink: Sink, content: bytes) -> int:
        written = write(sink, content)
        files = (one for one in tmp_path.rglob("*.draft/**/*") if one.is_file())
        seen.append(b"".join(one.read_bytes() for one in files))
        return written

    write = Sink.write
    monkeypatch.setattr(Sink, "write", looked_at)
    make_backup(tmp_path / "backups", recipient_file=reader)
    assert len(seen) >= 2
    assert not any(b"a very special letter" in files for files in seen)
    assert not any(b"CREATE TABLE" in files or b"PGDMP" in files for files in seen)


def test_a_backup_follows_no_link_out_of_the_files(tmp_path, settings):
    secret = tmp_path / "env"
    secret.write_text("SECRET_KEY=…")
    keep_file("letters/a.pdf", b"a letter")
    link = settings.MEDIA_ROOT / "letters/b.pdf"
    for target in (secret, tmp_path, settings.MEDIA_ROOT):
        link.symlink_to(target)
        assert refusal("backup", tmp_path / "backups") == "link"
        link.unlink()
    assert list((tmp_path / "backups").glob("*/manifest.json")) == []


def test_a_link_in_a_backup_is_found(tmp_path):
    keep_file("letters/a.pdf", b"a letter")
    backup = make_backup(tmp_path / "backups")
    letter = backup / "media/letters/a.pdf"
    letter.rename(tmp_path / "moved.pdf")
    letter.symlink_to(tmp_path / "moved.pdf")
    (backup / "media/more").symlink_to(tmp_path)
    assert len(verify_backup(backup)) == 2


def test_who_has_no_private_key_reads_why_nothing_is_restored(tmp_path, reader, monkeypatch):
    backup = make_backup(tmp_path / "backups", recipient_file=reader)
    empty = tmp_path / "empty-ring"
    empty.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(empty))
    with empty_site(tmp_path / "new") as site:
        assert site.run("restore", str(backup), fails=True)["error"]["code"] == "gpg_failed"


def test_a_full_disk_leaves_no_backup_behind(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(small)], check=False,
        capture_output=True,
    ).returncode:  # fmt: skip
        pytest.skip("a small disk can be mounted by root alone")
    try:
        assert refusal("backup", small) == "not_written"
        assert list(small.glob("*/manifest.json")) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)
