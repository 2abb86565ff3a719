"""Competency frameworks, what courses teach, and who of an audience is not yet trained."""

from dataclasses import asdict
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.generics import GenericAPIView, IdempotencyMixin, ListAPIView
from accounts.api.permissions import permit
from accounts.choices import PEOPLE_READERS, STAFF, Role
from agencies.models import Agency
from common import clock
from common.access import SIGNED_IN
from competencies.filters import CourseCompetencyFilter
from competencies.models import Audience, CourseCompetency, Framework
from competencies.progress import by_agency, requirements_of, rule_in_force
from competencies.serializers import (
    AudienceSerializer,
    AudienceTableSerializer,
    CourseCompetencySerializer,
    FrameworkSerializer,
    ImportedAudiencesSerializer,
    UntrainedQuery,
    UntrainedSerializer,
)
from competencies.services.audience_rows import drafts_of_rows, import_audiences
from competencies.services.audiences import LISTS
from people.models import Trainee

MAX_PROBLEMS = 20


@extend_schema_view(get=extend_schema(summary="The versions of competency frameworks"))
class FrameworkList(ListAPIView):
    queryset = Framework.objects.all()
    serializer_class = FrameworkSerializer
    permission_classes = (permit(get=STAFF),)
    ordering_fields = {"slug": "slug", "recorded_at": "recorded_at"}
    ordering = "slug"


@extend_schema_view(
    get=extend_schema(
        summary="What courses teach, up to which level",
        description="Anyone who completes the course on one of these days has the competency.",
    )
)
class CourseCompetencyList(ListAPIView):
    queryset = CourseCompetency.objects.all()
    serializer_class = CourseCompetencySerializer
    permission_classes = (permit(get=SIGNED_IN),)
    filterset_class = CourseCompetencyFilter
    ordering_fields = {"course": "course__code"}
    ordering = "course"


@extend_schema_view(get=extend_schema(summary="Groups of people who should learn the same"))
class AudienceList(ListAPIView):
    queryset = Audience.objects.all()
    serializer_class = AudienceSerializer
    permission_classes = (permit(get=PEOPLE_READERS),)
    ordering_fields = {"slug": "slug"}
    ordering = "slug"


@extend_schema_view(
    post=extend_schema(
        summary="Enter and change audiences",
        description="All of them, or none and what to correct in which row. "
        "One with a known short name is changed where it says something else.",
    )
)
class AudienceImport(IdempotencyMixin):
    serializer_class = ImportedAudiencesSerializer
    input_serializer_class = AudienceTableSerializer
    permission_classes = (permit(post=Role.PROGRAMME_OFFICE),)

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        table: Any = self.get_input()
        drafts, problems = drafts_of_rows(table.rows())
        if problems:
            raise exceptions.ValidationError({"audiences": problems[:MAX_PROBLEMS]})
        return Response(asdict(import_audiences(by=self.actor, drafts=drafts)))


@extend_schema_view(
    get=extend_schema(
        summary="How many of an audience are not yet trained, by agency",
        description="Of the people whom the caller may see; 404 before the first rule.",
    )
)
class Untrained(GenericAPIView):
    queryset = Audience.objects.all()
    serializer_class = UntrainedSerializer
    query_serializer_class = UntrainedQuery
    permission_classes = (permit(get=PEOPLE_READERS),)
    lookup_fields = {"audience": "slug"}

    def get(self, request: Request, audience: str) -> Response:
        get_object_or_404(self.get_row_queryset())
        day = self.get_query().get("as_of") or clock.today()
        rule = rule_in_force(audience, day)
        if rule is None:
            raise Http404
        parts = by_agency(rule, day, Trainee.objects.visible_to(self.user))
        slugs = dict(
            Agency.objects.filter(pk__in=[part.agency for part in parts]).values_list("pk", "slug")
        )
        agencies = [
            {
                "agency": slugs[part.agency],
                "members": part.members,
                "trained": part.trained,
                "untrained": part.lacking,
            }
            for part in sorted(parts, key=lambda one: slugs[one.agency])
        ]
        body = {"audience": audience, "as_of": day, "agencies": agencies}
        body |= {name: getattr(rule, name) for name in LISTS}
        return Response(body | {"requirements": [str(one) for one in requirements_of(rule)]})


urlpatterns = [
    path("competency-frameworks/", FrameworkList.as_view(), name="competency_frameworks"),
    path("course-competencies/", CourseCompetencyList.as_view(), name="course_competencies"),
    path("audiences/", AudienceList.as_view(), name="audiences"),
    path("audiences/import/", AudienceImport.as_view(), name="import_audiences"),
    path("audiences/<str:audience>/untrained/", Untrained.as_view(), name="untrained"),
]
