"""An OpenID Connect provider: what it is asked, and how its answers are checked.

Authorization code flow with state, nonce and PKCE (OpenID Connect Core 1.0, Discovery 1.0,
RP-Initiated Logout 1.0). Every answer is bounded in time and size. Whose account an answer
opens is not decided here.
"""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _
from urllib3.exceptions import HTTPError

from accounts.errors import AccountError
from common.outgoing import AnswerTooLargeError, bounded_content

if TYPE_CHECKING:
    import requests

logger = logging.getLogger(__name__)

WELL_KNOWN = "/.well-known/openid-configuration"
# Public keys only: with a shared secret, whoever reads our settings could sign for the provider.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
CONNECT_SECONDS, READ_SECONDS, CALL_SECONDS = 3, 5, 8
LARGEST_ANSWER = 256 * 1024
CLOCKS_DIFFER = 60  # seconds
_CONFIGURATION_CACHED, _OUTAGE_CACHED = 600, 15  # seconds


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> "AuthorizationRequest":
        return cls(*(secrets.token_urlsafe(32) for _field in range(3)))

    @property
    def challenge(self) -> str:
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _address(claim: Any) -> str:
    text = claim.strip() if isinstance(claim, str) else ""
    # Beyond ASCII, letters share small ones: the Kelvin sign would become a k.
    return text.lower() if text.isascii() and text.isprintable() else ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """Identity stated by the provider, after all checks of the standard."""

    issuer: str
    subject: str
    id_token: str
    # What the ID token says and what the userinfo endpoint says, in this order.
    sources: tuple[dict[str, Any], ...]

    def claim(self, name: str) -> Any:
        return next((source[name] for source in self.sources if name in source), None)

    def verified_email(self) -> str:
        """Empty unless every source that states the address says ``email_verified: true``."""
        stating = [source for source in self.sources if source.get("email") is not None]
        verdicts = [one["email_verified"] for one in stating if "email_verified" in one]
        addresses = {_address(source["email"]) for source in stating}
        # Not bool(): providers have sent the text "false".
        if len(addresses) != 1 or not verdicts or any(one is not True for one in verdicts):
            return ""
        return addresses.pop()


def issuer_url() -> str:
    return str(settings.OIDC_SERVER_URL).removesuffix(WELL_KNOWN).rstrip("/")


def authorization_url(asked: AuthorizationRequest, *, redirect_uri: str) -> str:
    """Errors: ``provider_unreachable``, ``provider_answer``."""
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": redirect_uri,
        "scope": settings.OIDC_SCOPE,
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": asked.challenge,
        "code_challenge_method": "S256",
    }
    return _with_query(_endpoint(_configuration(), "authorization_endpoint"), query)


def sign_out_url(id_token: str, *, back_to: str) -> str:
    """Ends the provider's own session; empty where it offers no such address.

    Errors: ``provider_unreachable``, ``provider_answer``.
    """
    configuration = _configuration()
    if "end_session_endpoint" not in configuration:
        return ""
    query = {
        "id_token_hint": id_token,
        "client_id": settings.OIDC_CLIENT_ID,
        "post_logout_redirect_uri": back_to,
    }
    return _with_query(_endpoint(configuration, "end_session_endpoint"), query)


def assertion_for(
    code: str, asked: AuthorizationRequest, *, redirect_uri: str, issuer: str = ""
) -> Assertion:
    """Exchange a code for what the provider says of the visitor, and check all of it.

    ``issuer`` is the one that the redirect named (RFC 9207), where it did.
    Errors: ``provider_unreachable``, ``provider_answer``.
    """
    configuration = _configuration()
    if issuer and issuer != configuration["issuer"]:
        raise _wrong_answer("the redirect names another issuer")
    tokens = _token_answer(configuration, code, asked, redirect_uri)
    id_token = tokens.get("id_token")
    if not isinstance(id_token, str):
        raise _wrong_answer("no ID token")
    claims = _checked(id_token, configuration, asked.nonce)
    sources = (claims, _userinfo(configuration, tokens, claims["sub"]))
    return Assertion(configuration["issuer"], claims["sub"], id_token, sources)


def _configuration() -> dict[str, Any]:
    _require_no_outage()
    remembered = cache.get(_cache_key("configuration"))
    if remembered is not None:
        return dict(remembered)
    found = _call("GET", issuer_url() + WELL_KNOWN)
    if str(found.get("issuer", "")).rstrip("/") != issuer_url():
        raise _wrong_answer("it calls itself another issuer than OIDC_SERVER_URL")
    cache.set(_cache_key("configuration"), found, _CONFIGURATION_CACHED)
    return found


def _endpoint(configuration: dict[str, Any], name: str) -> str:
    address = configuration.get(name)
    if not isinstance(address, str):
        raise _wrong_answer(f"no {name}")
    _require_safe(address)
    return address


def _require_safe(address: str) -> None:
    # Only https, unless OIDC_SERVER_URL itself names a provider by http.
    scheme = urlsplit(address).scheme
    if scheme != "https" and scheme != urlsplit(issuer_url()).scheme:
        raise _wrong_answer("an endpoint without https")


def _token_answer(
    configuration: dict[str, Any], code: str, asked: AuthorizationRequest, redirect_uri: str
) -> dict[str, Any]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": asked.verifier,
    }
    client, secret = settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET
    methods = configuration.get("token_endpoint_auth_methods_supported")
    if isinstance(methods, list) and "client_secret_basic" not in methods:
        form |= {"client_id": client, "client_secret": secret}
        return _call("POST", _endpoint(configuration, "token_endpoint"), data=form)
    # RFC 6749, 2.3.1: both are form-encoded before they are joined.
    pair = f"{quote(client, safe='')}:{quote(secret, safe='')}"
    basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return _call("POST", _endpoint(configuration, "token_endpoint"), data=form, authorization=basic)


def _checked(id_token: str, configuration: dict[str, Any], nonce: str) -> dict[str, Any]:
    import jwt

    keys = _call("GET", _endpoint(configuration, "jwks_uri"))
    try:
        header = jwt.get_unverified_header(id_token)
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key=_signing_key(keys, header),
            algorithms=list(ALGORITHMS),
            issuer=configuration["issuer"],
            audience=settings.OIDC_CLIENT_ID,
            leeway=CLOCKS_DIFFER,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _wrong_answer(f"ID token: {error}") from None
    _require_own(claims, nonce)
    return claims


def _signing_key(keys: dict[str, Any], header: dict[str, Any]) -> Any:
    """The key that the token names; where it names none, the only one there is."""
    import jwt

    if header["alg"] not in ALGORITHMS:
        raise ValueError("no such algorithm")
    known = [key for key in keys["keys"] if key.get("use", "sig") == "sig" and key["kty"] != "oct"]
    if "kid" in header:
        known = [key for key in known if key.get("kid") == header["kid"]]
    if len(known) != 1:
        raise ValueError("no such key")
    # A key that names its algorithm is used with no other.
    return jwt.PyJWK(known[0], algorithm=known[0].get("alg", header["alg"]))


def _require_own(claims: dict[str, Any], nonce: str) -> None:
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise _wrong_answer("ID token: it answers another sign-in (nonce)")
    audience = claims["aud"]
    several = isinstance(audience, list) and len(audience) > 1
    if (several or "azp" in claims) and claims.get("azp") != settings.OIDC_CLIENT_ID:
        raise _wrong_answer("ID token: it was given to another client (azp)")
    subject = claims["sub"]
    is_text = isinstance(subject, str) and subject.isascii() and subject.isprintable()
    if not is_text or not 0 < len(subject) <= 255:
        raise _wrong_answer("ID token: no subject")


def _userinfo(
    configuration: dict[str, Any], tokens: dict[str, Any], subject: str
) -> dict[str, Any]:
    token = tokens.get("access_token")
    if "userinfo_endpoint" not in configuration or not isinstance(token, str):
        return {}
    address = _endpoint(configuration, "userinfo_endpoint")
    found = _call("GET", address, authorization=f"Bearer {token}")
    if found.get("sub") != subject:
        raise _wrong_answer("userinfo speaks of another subject than the ID token")
    return found


# Calls ----------------------------------------------------------------------------------


def _call(
    method: str, address: str, *, data: dict[str, str] | None = None, authorization: str = ""
) -> dict[str, Any]:
    """JSON object, bounded in time and size; redirects are not followed."""
    import requests

    _require_safe(address)
    _require_no_outage()
    try:
        with requests.request(
            method,
            address,
            data=data,
            auth=_with_header(authorization),
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            stream=True,
            allow_redirects=False,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
        ) as response:
            if response.status_code < 500:
                return _json_of(response)
    except (requests.RequestException, HTTPError, OSError) as error:
        logger.warning("single sign-on: %s does not answer: %s", address, error)
        cache.set(_cache_key("outage"), True, _OUTAGE_CACHED)
    raise _unreachable()


def _require_no_outage() -> None:
    # One hanging provider must not block every web thread.
    if cache.get(_cache_key("outage")):
        raise _unreachable()


def _cache_key(what: str) -> str:
    return f"openid:{what}:{hashlib.sha256(issuer_url().encode()).hexdigest()}"


def _with_header(authorization: str) -> Callable[[Any], Any]:
    # Without an auth callable, requests would read .netrc.
    def prepared(request: Any) -> Any:
        if authorization:
            request.headers["Authorization"] = authorization
        return request

    return prepared


def _json_of(response: "requests.Response") -> dict[str, Any]:
    if response.status_code != 200 or response.headers.get("Content-Encoding"):
        raise _wrong_answer(f"status {response.status_code}")
    try:
        content = bounded_content(response, most=LARGEST_ANSWER, seconds=CALL_SECONDS)
    except AnswerTooLargeError:
        raise _wrong_answer("too large") from None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _wrong_answer("no JSON object")
    return found


def _with_query(address: str, query: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _unreachable() -> AccountError:
    message = _(
        "%(name)s is not responding. Sign in with your password, or try again in a few minutes."
    )
    return AccountError("provider_unreachable", message % {"name": settings.OIDC_NAME})


def _wrong_answer(reason: str) -> AccountError:
    logger.warning("single sign-on: answer refused: %s", reason)
    message = _(
        "The response from %(name)s did not pass our checks, so you were not signed in. "
        "Try again; if it happens again, contact the programme office."
    )
    return AccountError("provider_answer", message % {"name": settings.OIDC_NAME})
