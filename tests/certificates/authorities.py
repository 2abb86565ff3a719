"""Authorities of tests behind real ports: for time stamps, and for what is revoked."""

import datetime as dt
import io
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import requests
from pyhanko.pdf_utils.reader import PdfFileReader

from common import time_stamps

OPTIONS = """
[ req ]
distinguished_name = name
x509_extensions = stamping
prompt = no
[ name ]
CN = Time of the test
[ stamping ]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[ tsa ]
default_tsa = here
[ here ]
serial = serial
signer_cert = tsa.pem
certs = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


def write_options(folder: Path) -> None:
    (folder / "options").write_text(OPTIONS)
    (folder / "serial").write_text("01\n")


@contextmanager
def time_stamping_authority(folder: Path) -> Iterator[str]:
    """The address of an authority of RFC 3161 with ``tsa.pem`` and ``tsa.key`` in the folder."""

    def stamp(query: bytes) -> bytes:
        (folder / "query").write_bytes(query)
        reply = "openssl ts -reply -config options -queryfile query -out reply"
        subprocess.run(reply.split(), cwd=folder, check=True, capture_output=True)
        return (folder / "reply").read_bytes()

    with answering(stamp, "application/timestamp-reply") as url:
        yield url


@contextmanager
def answering(answer: Callable[[bytes], bytes], kind: str) -> Iterator[str]:
    """A server that answers each GET (without content) or POST with what ``answer`` says."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            with lock:
                content = answer(query)
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(content)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_words: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def stamped_on(pdf: bytes) -> dt.datetime | None:
    """The time that the authority put on the last signature."""
    info = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].signer_info
    tokens = [
        attribute["values"][0]
        for attribute in info["unsigned_attrs"] or []
        if attribute["type"].native == "signature_time_stamp_token"
    ]
    if not tokens:
        return None
    moment: dt.datetime = (
        tokens[0]["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    )
    return moment


# An authority that hangs or lies -----------------------------------------------------------


class Odd:
    """An authority that answers ``good`` times as it should, and then as ``behaviour`` does."""

    def __init__(self, good: int, behaviour: Callable[[bytes], bytes], honest: str) -> None:
        self.asked = 0
        odd = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                odd.asked += 1
                headers = {"Content-Type": "application/timestamp-query"}
                reply = requests.post(honest, query, headers=headers, timeout=9).content
                content = reply if odd.asked <= good else behaviour(reply)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(content)

            def log_message(self, *_words: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def hangs(reply: bytes) -> bytes:
    time.sleep(3)
    return reply


def changes_the_signature(reply: bytes) -> bytes:
    return reply[:-20] + bytes([reply[-20] ^ 1]) + reply[-19:]


def changes_what_is_signed(reply: bytes) -> bytes:
    """The token covers another digest than was asked for."""
    at = reply.index(b"\x04\x20")
    return reply[: at + 2] + bytes(32) + reply[at + 34 :]


def says_nothing(_reply: bytes) -> bytes:
    return b""


def changes_the_nonce(reply: bytes) -> bytes:
    """An answer to another question: the nonce is an INTEGER of eight bytes, or nine."""
    at = max(reply.find(b"\x02\x08"), reply.find(b"\x02\x09")) + 5
    return reply[:at] + bytes([reply[at] ^ 1]) + reply[at + 1 :]


def says_what_is_no_time_stamp(_reply: bytes) -> bytes:
    return b"<html>Bad gateway</html>"


def refuses(_reply: bytes) -> bytes:
    """PKIStatus 2 (RFC 3161): rejected."""
    return b"\x30\x05\x30\x03\x02\x01\x02"


def never_ends(reply: bytes) -> bytes:
    return reply + bytes(time_stamps.LARGEST_ANSWER)


LIES = [
    hangs, changes_the_signature, changes_what_is_signed, changes_the_nonce, refuses,
    says_nothing, says_what_is_no_time_stamp, never_ends,
]  # fmt: skip
