"""Who asks the API, how often, and what every endpoint does: doors, pages, writes once.

An endpoint's methods are marked with ``read`` or ``write``, which say who may enter; what is
not marked stays shut. Which rows one sees is said by ``visible_to``, as on the pages.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters import FilterSet
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from accounts.endings import Secret, state_of
from accounts.limits import API_CALLS_OF_A_USER, API_CALLS_OF_AN_ADDRESS
from accounts.models import User
from accounts.services import Answer, is_token_good, lacks_second_factor, once
from common import clock
from common.access import ANYBODY, SIGNED_IN
from common.api import (
    MOST_ROWS,
    PAGE,
    AlwaysJson,
    Json,
    Strict,
    etag,
    explain,
    page,
)
from common.api_schema import IDEMPOTENCY_KEY, EndpointSchema, Spec
from common.encryption import keyed_digest

_MINUTE = 60


class BearerToken(TokenAuthentication):  # type: ignore[misc]  # the library ships no types
    """A token of django-rest-knox, found by its digest."""

    def authenticate(self, request: Request) -> Any:
        try:
            found = super().authenticate(request)
        except UnicodeError:
            raise exceptions.AuthenticationFailed(_("This token is not known.")) from None
        if found and lacks_second_factor(found[0]):
            # Asked at every call: the role may be younger than the token.
            raise exceptions.PermissionDenied
        return found

    def authenticate_credentials(self, token: bytes) -> Any:
        """The user of a token, whose account is as it was when the token was given."""
        # Expired rows are removed by a timed task: reading writes nothing.
        known = AuthToken.objects.filter(expiry__gt=clock.now()).select_related("user", "given_in")
        row = known.filter(digest=hash_token(token.decode())).first()
        if row is None or not is_token_good(row):
            raise exceptions.AuthenticationFailed(_("This token is not known."))
        return self.validate_user(row)


class SignedInSession(SessionAuthentication):
    """The session of the pages, with CSRF; where a second factor is due, not without it."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found and not request.session.get("has_second_factor") and lacks_second_factor(found[0]):
            raise exceptions.PermissionDenied
        return found


class PerAddress(BaseThrottle):
    """Counted before anybody is recognised, so that tokens cannot be guessed at will."""

    def allow_request(self, request: Request, view: Any) -> bool:
        return API_CALLS_OF_AN_ADDRESS.allows(request._request)

    def wait(self) -> int:
        return _MINUTE


class PerUser(PerAddress):
    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return True
        return API_CALLS_OF_A_USER.allows(request._request, request.user.pk)


Door = Callable[[Callable[..., Any]], Callable[..., Response]]


def read(*visitors: str, gives: Any, is_list: bool = False, parameters: Any = ()) -> Door:
    """Open a GET method to visitors; it returns a queryset (``is_list``) or one row's body."""
    _require_door(visitors)

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        def answer(self: "Endpoint", request: Request, **keys: Any) -> Response:
            if is_list:
                return self.listed(request, method(self, request, **keys))
            self.refuse_unknown(request, {part.name for part in parameters})
            body = method(self, request, **keys)
            return Response(body, headers={"ETag": etag(body)})

        answer.__doc__ = method.__doc__
        answer.spec = Spec(  # type: ignore[attr-defined]  # a mark put on the function
            tuple(visitors), gives, is_list=is_list, parameters=tuple(parameters)
        )
        return answer

    return decorate


def write(
    *visitors: str,
    takes: type[serializers.Serializer[Any]],
    gives: Any,
    status: int = 200,
    is_matched: bool = False,
) -> Door:
    """Open a method that changes something; it gets the checked input and returns the body.

    All in one transaction, once per Idempotency-Key.
    """
    _require_door(visitors)

    def decorate(method: Callable[..., Any]) -> Callable[..., Response]:
        def answer(self: "Endpoint", request: Request, **keys: Any) -> Response:
            self.refuse_unknown(request, set())
            raw = request._request.body  # read first: here its size is limited
            data = self.checked(request, takes)

            def do() -> Answer:
                return Answer(status, method(self, request, data, **keys))

            return self.written(request, raw, do)

        answer.__doc__ = method.__doc__
        answer.spec = Spec(  # type: ignore[attr-defined]  # a mark put on the function
            tuple(visitors), gives, takes=takes, status=status, is_matched=is_matched
        )
        return answer

    return decorate


def _require_door(visitors: tuple[str, ...]) -> None:
    if not visitors:
        raise ValueError("a door must say to whom it opens")


class Endpoint(APIView):
    """One address. ``name`` and ``tag`` are for the schema; ``numbers`` are keys like ``3``."""

    name: ClassVar[str] = ""
    tag: ClassVar[str] = ""
    numbers: ClassVar[frozenset[str]] = frozenset()
    # Of lists:
    filters: ClassVar[type[FilterSet]] = FilterSet
    orderings: ClassVar[dict[str, str]] = {}
    ordering: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ()

    authentication_classes = (BearerToken, SignedInSession)
    permission_classes = ()
    throttle_classes = (PerUser,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (Json,)
    content_negotiation_class = AlwaysJson
    schema = EndpointSchema()
    http_method_names = ("get", "head", "post", "patch", "put", "delete")

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        view.allow = tuple(  # type: ignore[attr-defined]  # a mark put on the function
            sorted({visitor for spec in cls.specs().values() for visitor in spec.visitors})
        )
        return view

    @classmethod
    def specs(cls) -> dict[str, Spec]:
        """What each method says of itself: ``{"get": Spec, …}``."""
        methods = {name: getattr(cls, name, None) for name in cls.http_method_names}
        return {name: m.spec for name, m in methods.items() if m and hasattr(m, "spec")}

    def get_exception_handler(self) -> Any:
        return explain

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not PerAddress().allow_request(request, self):
            self.throttled(request, _MINUTE)
        super().initial(request, *args, **kwargs)

    def check_permissions(self, request: Request) -> None:
        """The door of the method asked for; a method that nobody opened says 405 by itself."""
        method = (request.method or "").lower()
        spec = self.specs().get("get" if method == "head" else method)
        visitors = spec.visitors if spec else (SIGNED_IN,)
        if ANYBODY in visitors:
            return
        if not request.user.is_authenticated:
            raise exceptions.NotAuthenticated
        if SIGNED_IN not in visitors and not request.user.has_role(*visitors):
            raise PermissionDenied

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "private, no-store")
        return final

    @property
    def user(self) -> User:
        """Who asks; known to be somebody behind every door but ANYBODY's."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    # ── Reading ──

    def shape(self, row: dict[str, Any]) -> dict[str, Any]:
        """One row of the columns as the API gives it; asks the database nothing."""
        raise NotImplementedError

    def body_of(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """The body of the first of the rows (404 where there is none)."""
        row = rows.values(*self.columns).first()
        if row is None:
            raise exceptions.NotFound
        return self.shape(row)

    def listed(self, request: Request, rows: QuerySet[Any]) -> Response:
        """One page of the rows that pass the filters."""
        asked = request.query_params
        self.refuse_unknown(
            request, {*self.filters.base_filters, "ordering", "page_size", "cursor"}
        )
        found = self.filters(data=asked, queryset=rows, request=request)
        if not found.is_valid():
            problems = {name: [str(e) for e in errors] for name, errors in found.errors.items()}
            raise exceptions.ValidationError(problems)
        part = page(
            found.qs,
            columns=self.columns,
            ordering=self._ordering(asked.get("ordering")),
            size=_size(asked.get("page_size")),
            cursor=asked.get("cursor", ""),
        )
        address = None
        if part.cursor:
            query = request._request.GET.copy()
            query["cursor"] = part.cursor
            address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        return Response({"next": address, "results": [self.shape(row) for row in part.rows]})

    def _ordering(self, wanted: str | None) -> str:
        name = wanted or self.ordering
        sign, plain = ("-", name[1:]) if name.startswith("-") else ("", name)
        if plain not in self.orderings:
            message = _("This list can be ordered by: %(names)s.")
            names = ", ".join(self.orderings)
            raise exceptions.ValidationError({"ordering": [message % {"names": names}]})
        return sign + self.orderings[plain]

    def refuse_unknown(self, request: Request, known: set[str]) -> None:
        """A misspelt filter must not pass for no filter."""
        if unknown := set(request.query_params) - known:
            message = _("There is no such parameter.")
            raise exceptions.ValidationError({name: [message] for name in sorted(unknown)})

    # ── Writing ──

    def checked(self, request: Request, takes: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The input, or a ValidationError that names each field to mend."""
        assert issubclass(takes, Strict)
        form = takes(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        checked: dict[str, Any] = form.validated_data
        return checked

    def written(self, request: Request, raw: bytes, do: Callable[[], Answer]) -> Response:
        """Do it in one transaction; with a key, once."""
        key = request.headers.get(IDEMPOTENCY_KEY)
        if key is None:
            with transaction.atomic():
                return _response(do())
        if not (1 <= len(key) <= 100 and key.isascii() and key.isprintable()):
            message = _("The Idempotency-Key is 1 to 100 plain letters long.")
            raise exceptions.ValidationError({IDEMPOTENCY_KEY: [message]})
        # An answer holds what its sender might see then: with other rights the key is used up.
        rights = state_of(self.user, Secret.API_ANSWER)
        what = f"{request.method} {request.path} {rights}\n".encode() + raw
        answer = once(
            user=self.user,
            key=key,
            request_digest=keyed_digest("api.request", what.hex()),
            do=do,
        )
        return _response(answer)


def _size(text: str | None) -> int:
    if text is None:
        return PAGE
    if text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MOST_ROWS:
        return int(text[:6])
    message = _("A page holds 1 to %(most)s rows.")
    raise exceptions.ValidationError({"page_size": [message % {"most": MOST_ROWS}]})


def _response(answer: Answer) -> Response:
    headers = {"ETag": etag(answer.body)}
    if answer.replayed:
        headers["Idempotent-Replay"] = "true"
    return Response(answer.body, status=answer.status, headers=headers)


__all__ = ["BearerToken", "Endpoint", "SignedInSession", "read", "write"]
