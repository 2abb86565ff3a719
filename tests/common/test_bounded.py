"""Files from outside are parsed in small processes that can be killed (issue 14, point 4)."""

import datetime as dt
import json
import os
import signal
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from common.bounded import BoundedError, Lane, Limits, client, codec, run, server_process, spool
from common.bounded.registry import parser_of
from common.bounded.slots import slot
from common.deferred_messages import message_from_json
from tests.common import hostile_parsers as hostile


def code_of(function, *args, **options):
    with pytest.raises(BoundedError) as refused:
        run(function, *args, **options)
    return refused.value.code


def test_plain_data_crosses_the_boundary_unchanged() -> None:
    data = [
        None, True, 3, -1.5, "Nguyễn Thị Ánh", b"\0\xff", dt.date(2026, 3, 1),
        dt.datetime(2026, 3, 1, 8, 30), {"a": [1, {"$": "bytes", "at": 7}]}, {1: "x"},
    ]  # fmt: skip
    assert run(hostile.echo, *data) == data


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (hostile.burn, "too_long"),
        (hostile.outlive_alarm, "too_long"),
        (hostile.swell, "too_large"),
        (hostile.talk, "too_large"),
        (hostile.fall, "crashed"),
        (hostile.leave, "crashed"),
        (hostile.recurse, "crashed"),
        (hostile.complain_undeclared, "crashed"),
    ],
)
def test_whatever_a_file_does_to_its_parser_is_one_sentence_within_the_limit(
    function, code
) -> None:
    started = time.monotonic()
    with pytest.raises(BoundedError) as refused:
        run(function)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")
    assert time.monotonic() - started < hostile.QUICK.wall + 1


def test_an_error_that_the_parser_declares_arrives_with_its_sentence() -> None:
    with pytest.raises(hostile.OddError) as refused:
        run(hostile.complain, "seven..")
    assert (refused.value.code, "7 MB" in refused.value.message) == ("odd", True)


def test_what_is_no_declared_parser_is_not_run() -> None:
    with pytest.raises(LookupError):
        run(hostile.undeclared)


def test_a_child_writes_no_file(tmp_path) -> None:
    path = tmp_path / "written"
    assert code_of(hostile.write_file, str(path)) == "crashed"
    assert not path.exists() or path.stat().st_size == 0


def test_a_child_knows_no_key_and_has_no_connection(monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 60)
    monkeypatch.setattr(server_process, "_server", server_process._Server())
    assert not {"SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "DATABASE_URL"} & set(
        run(hostile.environment)
    )
    assert run(hostile.descriptors).count("socket") == 1


def test_a_child_reaches_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        assert code_of(hostile.call_out, listening.getsockname()[1]) == "crashed"


def test_programs_that_a_parser_leaves_behind_are_killed() -> None:
    pid = run(hostile.leave_a_program, "61")
    for _try in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        with suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z":
                return
        time.sleep(0.05)
    pytest.fail("the program still runs")


def test_the_server_is_started_once_and_again_when_it_is_killed() -> None:
    run(hostile.echo)
    first = server_process.server_pid()
    run(hostile.echo)
    assert server_process.server_pid() == first
    assert first is not None
    os.kill(first, signal.SIGKILL)
    assert run(hostile.echo, 1) == [1]
    assert server_process.server_pid() not in (first, None)


def test_a_server_that_has_stopped_answering_is_replaced() -> None:
    run(hostile.echo)
    hung = server_process.server_pid()
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    assert code_of(hostile.echo, limits=Limits(wall=0.3, wait=0.1)) == "busy"
    assert run(hostile.echo, 1) == [1]
    assert server_process.server_pid() not in (hung, None)


def test_a_forked_process_has_a_server_of_its_own() -> None:
    run(hostile.echo)
    ours, reader, writer = server_process.server_pid(), *os.pipe()
    pid = os.fork()
    if pid == 0:
        answer = run(hostile.echo, "forked")
        os.write(writer, json.dumps([server_process.server_pid(), answer]).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    theirs, answer = json.loads(os.read(reader, 1000))
    assert theirs not in (ours, None)
    assert answer == ["forked"]
    assert run(hostile.echo, "ours") == ["ours"]
    assert server_process.server_pid() == ours


def test_the_server_ends_with_its_owner() -> None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        run(hostile.echo)
        os.write(writer, str(server_process.server_pid()).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    server = int(os.read(reader, 100))
    for _try in range(100):
        if (
            not Path(f"/proc/{server}").exists()
            or "State:\tZ" in Path(f"/proc/{server}/status").read_text()
        ):
            return
        time.sleep(0.05)
    pytest.fail("the server has outlived its owner")


def test_many_threads_share_one_server() -> None:
    run(hostile.echo)
    server, answers = server_process.server_pid(), []

    def ask(number) -> None:
        answers.append(run(hostile.echo, number))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [[number] for number in range(8)]
    assert server_process.server_pid() == server


@pytest.fixture
def one_slot_of_our_own(settings, monkeypatch) -> None:
    """Other test processes of this checkout read files meanwhile; they share no slot with us."""
    settings.PARSERS_AT_ONCE = 1
    ours = os.getpid()
    monkeypatch.setattr("common.bounded.slots._site", lambda: f"lms-test-{ours}")


@pytest.mark.usefixtures("one_slot_of_our_own")
def test_few_files_are_read_at_once_and_the_next_is_busy() -> None:
    with slot(Lane.STAFF, 5):
        assert code_of(hostile.echo) == "busy"
        with slot(Lane.PUBLIC, 0):
            pass  # another lane is not held up
    assert run(hostile.echo) == []


@pytest.mark.usefixtures("one_slot_of_our_own")
def test_slots_are_shared_by_all_processes_and_freed_when_one_dies() -> None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        with slot(Lane.STAFF, 5):
            os.write(writer, b"x")
            time.sleep(30)
        os._exit(0)
    os.read(reader, 1)
    assert code_of(hostile.echo) == "busy"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert run(hostile.echo) == []


def test_what_a_parser_yields_is_collected_and_read_as_often_as_needed() -> None:
    collected = spool(hostile.count, 1000)
    assert [int(item) for item in collected] == list(range(1000))
    assert [int(item) for item in collected] == list(range(1000))


def test_half_a_result_is_none() -> None:
    with pytest.raises(BoundedError, check=lambda error: error.code == "crashed"):
        spool(hostile.count_and_fall, 10)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0", b"{}", struct.pack("!Q", 2) + b"{", struct.pack("!Q", 1 << 60) + b"{}",
        codec._LENGTH.pack(2) + b"[]"[:1], codec._LENGTH.pack(22) + b'{"$": "bytes", "at":1}',
        codec._LENGTH.pack(13) + b'{"$": "evil"}', codec._LENGTH.pack(200_000) + b"[" * 200_000,
        codec._LENGTH.pack(24) + b'{"$": "date", "is": "9"}',
    ],
)  # fmt: skip
def test_what_a_child_sends_instead_of_a_result_is_refused(content) -> None:
    with pytest.raises(codec.CodecError):
        codec.decode(content)


@pytest.mark.parametrize(
    "told",
    [
        [], "x", {}, {"type": "OddError"}, {"type": "SystemExit", "code": "1", "sentence": ["x"]},
        {"type": "OddError", "code": "odd", "sentence": ["%(a)s", {}]},
        {"type": "OddError", "code": "odd", "sentence": ["%(a)s", {"a": {}}]},
        {"type": "OddError", "code": "odd", "sentence": [["x"]]},
    ],
)  # fmt: skip
def test_an_error_that_a_child_makes_up_is_none(told) -> None:
    found = parser_of(hostile.complain)
    try:
        error = client._error(found, told)
    except codec.CodecError:
        return
    assert str(message_from_json(error.sentence.as_json()))
