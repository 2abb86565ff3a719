"""A mailbox over IMAP (RFC 3501), as much of it as reading unseen mail needs."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Mailbox(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *mails: bytes) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails = list(mails)
        self.seen: set[int] = set()
        self.commands: list[str] = []

    @property
    def url(self) -> str:
        return f"imap://bounces%40example.gov.vn:p%40ss@127.0.0.1:{self.server_address[1]}/INBOX"


class _Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self._say("* OK ready")
        for line in self.rfile:
            tag, _space, command = line.decode().strip().partition(" ")
            self.server.commands.append(command)
            self._answer(command)
            self._say(f"{tag} {self._verdict(command)}")
            if command == "LOGOUT":
                return

    def _verdict(self, command: str) -> str:
        is_wrong = command.startswith("LOGIN") and '"p@ss"' not in command
        return "NO wrong password" if is_wrong else "OK done"

    def _answer(self, command: str) -> None:
        if command == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif command.startswith("SELECT"):
            self._say(f"* {len(self.server.mails)} EXISTS")
        elif command.startswith("UID SEARCH"):
            unseen = [n for n in range(1, len(self.server.mails) + 1) if n not in self.server.seen]
            self._say(" ".join(["* SEARCH", *map(str, unseen)]))
        elif fetch := re.match(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command):
            content = self.server.mails[int(fetch[1]) - 1][: int(fetch[2])]
            self._say(f"* {fetch[1]} FETCH (UID {fetch[1]} BODY[]<0> {{{len(content)}}}")
            self.wfile.write(content + b")\r\n")
        elif store := re.match(r"UID STORE (\d+) \+FLAGS \(\\Seen\)", command):
            self.server.seen.add(int(store[1]))

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


@contextmanager
def mailbox(*mails: bytes) -> Iterator[Mailbox]:
    with Mailbox(*mails) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
