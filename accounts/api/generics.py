"""The generic views of Django REST framework for rows, with what every view of this API has."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from rest_framework import exceptions, generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer

from accounts.api.permissions import RolePermission
from accounts.api.throttling import AddressThrottle, rate_limit_headers
from accounts.invalidation import Secret, state_of
from accounts.models import User
from accounts.services import Answer, once
from audit.services import Actor
from common.api.conditions import answer_not_modified, etag, require_match
from common.api.filters import is_narrowed
from common.api.pagination import Shape, one_page
from common.api.serializers import EmptySerializer, RowSerializer
from common.encryption import keyed_digest
from common.prepared import Given, Prepared
from common.throttle import Usage

Question = Callable[[Shape, Sequence[Any]], Iterable[tuple[Any, ...]]]
IDEMPOTENCY_KEY = "Idempotency-Key"
LONGEST_LOOKUP = 60


class GenericAPIView(generics.GenericAPIView[Any]):
    """One address.

    ``serializer_class`` is what it answers; ``input_serializer_class`` what it takes, where that is
    something else. ``lookup_fields`` maps the keys of the address to columns.
    """

    input_serializer_class: ClassVar[type[BaseSerializer[Any]] | None] = None
    query_serializer_class: ClassVar[type[Serializer[Any]] | None] = None
    lookup_fields: ClassVar[Mapping[str, str]] = {}
    success_status: ClassVar[int] = 200  # of a POST
    # What a POST answers, where that is not the row: a job.
    success_serializer_class: ClassVar[type[BaseSerializer[Any]] | None] = None
    media_types: ClassVar[Sequence[str]] = ()  # of an answer that is a file
    usage: Usage | None = None  # of the limit that was counted last
    http_method_names = ("get", "head", "post", "patch", "put", "delete")

    @classmethod
    def get_visitors(cls) -> dict[str, tuple[str, ...]]:
        """Who may call which method, by the permission class that ``permit`` made."""
        for permission in cls.permission_classes:
            if isinstance(permission, type) and issubclass(permission, RolePermission):
                return permission.visitors
        return {}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        view = super().as_view(**initkwargs)
        visitors = {visitor for named in cls.get_visitors().values() for visitor in named}
        view.__dict__["allow"] = tuple(sorted(visitors))
        return view

    @property
    def user(self) -> User:
        """Who asks; known to be somebody wherever ``permit`` names no ANYBODY."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def actor(self) -> Actor:
        return self.user.as_actor()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        throttle = AddressThrottle()
        if not throttle.allow_request(request, self):
            self.throttled(request, throttle.wait())
        super().initial(request, *args, **kwargs)
        unknown = set(request.query_params) - self.get_query_names()
        twice = {name for name, values in request.query_params.lists() if len(values) > 1}
        wrong = {name: [_("Give this parameter once.")] for name in sorted(twice)}
        wrong |= {name: [_("Unknown parameter.")] for name in sorted(unknown)}
        if wrong:
            raise exceptions.ValidationError(wrong)

    def get_query_names(self) -> set[str]:
        """The parameters that the address takes: a misspelt filter must not pass for none."""
        return set(self.query_serializer_class().fields) if self.query_serializer_class else set()

    def get_query(self) -> dict[str, Any]:
        assert self.query_serializer_class
        names, sent = self.query_serializer_class().fields, self.request.query_params
        query = self.query_serializer_class(data={key: sent[key] for key in sent if key in names})
        query.is_valid(raise_exception=True)
        asked: dict[str, Any] = query.validated_data
        return asked

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Response:
        final: Response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in rate_limit_headers(self.usage).items():
            final.headers[name] = value
        if request.method in {"GET", "HEAD"} and final.status_code == 200 and not final.streaming:
            answer_not_modified(request, final)
        return final

    # ── Rows ──

    def get_queryset(self) -> QuerySet[Any]:
        return self.rows_for(self.user)

    @classmethod
    def rows_for(cls, reader: Any) -> QuerySet[Any]:
        """The rows that a user may see; without ``visible_to``, as agencies are, all of them."""
        rows: Any = cls.queryset
        visible: QuerySet[Any] = rows.visible_to(reader) if hasattr(rows, "visible_to") else rows
        return visible.all()

    def get_row_queryset(self) -> QuerySet[Any]:
        named = {column: _key(self.kwargs[name]) for name, column in self.lookup_fields.items()}
        return self.filter_queryset(self.get_queryset()).filter(**named)

    def represent(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """The body of the first of the rows (404 where there is none)."""
        serializer = self.get_serializer_class()
        assert issubclass(serializer, RowSerializer)
        row = rows.values(*serializer.get_columns()).first()
        if row is None:
            raise Http404
        return dict(self.get_serializer(row).data)

    def represent_instance(self, instance: Model) -> dict[str, Any]:
        """The body of a row that was written; also where its writer may not see it any more."""
        return self.represent(self.get_written_queryset().filter(pk=instance.pk))

    def get_written_queryset(self) -> QuerySet[Any]:
        return self.get_queryset()

    def get_object(self) -> Any:
        """The row to change: 404 for what one may not see, 403 without the right."""
        found = self.get_row_queryset().first()
        if found is None:
            raise Http404
        locked = self.lock(found)
        self.check_object_permissions(self.request, locked)
        return locked

    def lock(self, instance: Any) -> Any:
        """Lock the row where the service does not: what it locks first, it knows best."""
        return instance

    def get_input(self, instance: Any = None, *, partial: bool = False) -> BaseSerializer[Any]:
        _limited = self.request._request.body  # parsers read the stream, however long it is
        kind = self.input_serializer_class or self.get_serializer_class()
        context = self.get_serializer_context()
        serializer = kind(instance, data=self.request.data, partial=partial, context=context)
        serializer.is_valid(raise_exception=True)
        return serializer


def _key(value: Any) -> Any:
    if isinstance(value, str) and (len(value) > LONGEST_LOOKUP or "\x00" in value):
        raise Http404
    return value


# ── Mixins ────────────────────────────────────────────────────────────────────────────


class IdempotencyMixin(GenericAPIView, ABC):
    """A POST is one transaction; with an Idempotency-Key it is done once and answered again."""

    @abstractmethod
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer a POST."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        def do() -> Answer:
            response = self.create(request, *args, **kwargs)
            return Answer(response.status_code, response.data)

        key = request.headers.get(IDEMPOTENCY_KEY)
        if key is None:
            with transaction.atomic():
                answer = do()
        else:
            answer = self._once(request, key, do)
        headers = {"ETag": etag(answer.body)}
        if answer.replayed:
            headers["Idempotent-Replay"] = "true"
        return Response(answer.body, status=answer.status, headers=headers)

    def _once(self, request: Request, key: str, do: Callable[[], Answer]) -> Answer:
        if not (1 <= len(key) <= 100 and key.isascii() and key.isprintable()):
            message = _("The Idempotency-Key must be 1 to 100 ASCII letters, digits or symbols.")
            raise exceptions.ValidationError({IDEMPOTENCY_KEY: [message]})
        user = self.user
        # An answer holds what its sender might see then: with other rights the key is used up.
        rights = state_of(user, Secret.API_ANSWER)
        raw = request._request.body
        what = f"{request.method} {request.path} {rights}\n".encode() + raw
        digest = keyed_digest("api.request", what.hex())
        return once(user=user, key=key, request_digest=digest, do=do)


class IfMatchMixin(GenericAPIView, ABC):
    """A PATCH is one transaction and names in If-Match the version that it was made from."""

    def lock(self, instance: Any) -> Any:
        return get_object_or_404(
            type(instance)._default_manager.select_for_update(), pk=instance.pk
        )

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        with transaction.atomic():
            instance = self.get_object()
            require_match(request, self.represent(self.get_row_queryset()))
            serializer = self.get_input(instance, partial=True)
            self.perform_update(serializer)
            body = self.represent_instance(instance)
        return Response(body, headers={"ETag": etag(body)})

    @abstractmethod
    def perform_update(self, serializer: BaseSerializer[Any]) -> None:
        """Call the service."""


# ── Views ─────────────────────────────────────────────────────────────────────────────


class ListAPIView(GenericAPIView, generics.ListAPIView[Any]):
    """A list: ``filterset_class``, ``ordering_fields`` and its default, ``ordering``."""

    ordering_fields: ClassVar[Mapping[str, str]] = {}
    ordering: ClassVar[str] = ""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        question: Any = self.get_question()  # for the pagination in place of a queryset
        page = self.paginate_queryset(question)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def get_question(self) -> Question:
        """The rows of a page by its shape and the keys behind which it begins."""
        rows = self.filter_queryset(self.get_queryset())
        return lambda shape, behind: one_page(rows, shape, behind)

    def get_query_names(self) -> set[str]:
        filters = getattr(self, "filterset_class", None)
        names = {*(filters.base_filters if filters else ()), "ordering", "page_size", "cursor"}
        return names | super().get_query_names()


class PreparedListMixin(ListAPIView):
    """A list whose SQL is built once for all who may read the same, until it is narrowed.

    ``rows_for`` depends on the reader alone, and the ordering on no instant
    (docs/decisions/0048-prepared-questions.md).
    """

    reader_of: ClassVar[Callable[[Any], Hashable]]  # of a user: all that decides what they see

    def get_question(self) -> Question:
        if is_narrowed(self, self.request):
            return super().get_question()
        view, reader = type(self), type(self).reader_of(self.user)

        def ask(shape: Shape, behind: Sequence[Any]) -> list[Any]:
            given = dict(zip(shape.keys, behind, strict=False))
            return _page_of_reader(view, reader, shape, **given)

        return ask


@Prepared
def _page_of_reader(view: type[PreparedListMixin], reader: Hashable, shape: Shape) -> Any:
    return one_page(view.rows_for(reader), shape, [Given(name) for name in shape.keys])


class ListCreateAPIView(IdempotencyMixin, ListAPIView, generics.ListCreateAPIView[Any]):
    """``perform_create`` calls the service and sets the serializer's ``instance``."""

    success_status = 201

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        serializer = self.get_input()
        self.perform_create(serializer)
        written: Any = serializer.instance
        return Response(self.represent_instance(written), status=self.success_status)


class RetrieveAPIView(GenericAPIView, generics.RetrieveAPIView[Any]):
    """One row."""

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        body = self.represent(self.get_row_queryset())
        return Response(body, headers={"ETag": etag(body)})


class RetrieveUpdateAPIView(IfMatchMixin, RetrieveAPIView):
    """One row that can be changed; ``perform_update`` calls the service."""


class FileAPIView(GenericAPIView):
    """A file of one of the ``media_types``, streamed."""

    serializer_class = EmptySerializer

    def answer_file(
        self, pieces: Iterable[bytes], name: str, media_type: str
    ) -> StreamingHttpResponse:
        headers = {"Content-Disposition": content_disposition_header(True, name) or ""}
        return StreamingHttpResponse(pieces, headers=headers, content_type=media_type)


class ActionAPIView(IdempotencyMixin, GenericAPIView, generics.CreateAPIView[Any]):
    """A POST that does one thing with one row; ``perform_action`` calls the service."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        instance = self.get_object()
        body = self.perform_action(instance, **self.get_input().validated_data)
        if body is None:
            body = self.represent_instance(instance)
        return Response(body, status=self.success_status)

    @abstractmethod
    def perform_action(self, instance: Any, **data: Any) -> dict[str, Any] | None:
        """Do it; the body of the answer, or None where that is the row as it is then."""
