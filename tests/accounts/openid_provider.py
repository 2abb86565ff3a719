"""An OpenID provider over real HTTP that tells the truth, or lies as a test tells it to."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "lms", "a secret: with a colon"
KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _which in range(2))


def public_jwk(key: rsa.RSAPrivateKey, kid: str) -> dict[str, Any]:
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return jwk | {"kid": kid, "use": "sig", "alg": "RS256"}


class Provider:
    """What it says is what its fields say; a test changes them."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.provider = self  # type: ignore[attr-defined]  # for the handler
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.person: dict[str, Any] = {"sub": "42", "email": "an@x.vn", "email_verified": True}
        self.in_token: dict[str, Any] = {}  # over what a true ID token says; None takes away
        self.in_userinfo: dict[str, Any] = {}
        self.in_configuration: dict[str, Any] = {}
        self.keys = [public_jwk(KEY, "k1")]
        self.sign: Any = lambda claims: jwt.encode(claims, KEY, "RS256", headers={"kid": "k1"})
        self.answers: dict[str, Any] = {}  # a path answers so: status, bytes, drops, callable
        self.nonce = ""
        self.asked: list[str] = []
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def configuration(self) -> dict[str, Any]:
        addresses = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "userinfo_endpoint": "/userinfo",
            "jwks_uri": "/keys",
            "end_session_endpoint": "/end",
        }
        found = {name: self.url + path for name, path in addresses.items()}
        return _merged({"issuer": self.url} | found, self.in_configuration)

    def tokens(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "exp": now + 300, "iat": now}
        claims = _merged(claims | {"nonce": self.nonce, "sub": self.person["sub"]}, self.in_token)
        return {"access_token": "at", "token_type": "Bearer", "id_token": self.sign(claims)}

    def userinfo(self) -> dict[str, Any]:
        return _merged(self.person, self.in_userinfo)


def _merged(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (one | other).items() if value is not None}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        assert sent["code_verifier"], "the code is bound to the session that asked (PKCE)"
        self._answer()

    def _answer(self) -> None:
        provider: Provider = self.server.provider  # type: ignore[attr-defined]  # set by the test's server
        path = urlsplit(self.path).path
        provider.asked.append(path)
        instead = provider.answers.get(path)
        if callable(instead):
            instead = instead()
        if isinstance(instead, int):
            return self.send_error(instead)
        makers = {
            "/.well-known/openid-configuration": provider.configuration,
            "/token": provider.tokens,
            "/keys": lambda: {"keys": provider.keys},
            "/userinfo": provider.userinfo,
        }
        parts = instead if isinstance(instead, list) else [instead or b""]
        if instead is None:
            parts = [json.dumps(makers[path]()).encode()]
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        try:
            for part in parts:
                self.wfile.write(part)
                time.sleep(0.1 if len(parts) > 1 else 0)
        except ConnectionError:
            pass  # whoever asked has had enough

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        """Quietly."""
