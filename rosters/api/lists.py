"""Lists as files, with what the pages offer: a program asks for columns, rows and form."""

from typing import ClassVar

from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request

from accounts.api.generics import FileAPIView
from accounts.api.permissions import permit
from accounts.choices import STAFF
from common.access import refuse_other_sites
from common.spreadsheets import FileForm
from rosters.exporting.export_requests import stream_export
from rosters.serializers import MatrixQuery, PeopleQuery, RosterQuery


class _List(FileAPIView):
    media_types = tuple(dict.fromkeys(form.content_type for form in FileForm))
    file_name: ClassVar[str]

    def get(self, request: Request) -> StreamingHttpResponse:
        refuse_other_sites(request)  # it goes on record
        wanted = self.get_query()
        form = FileForm(wanted["form"])
        pieces = stream_export(by=self.actor, user=self.user, wanted=wanted)
        return self.answer_file(pieces, f"{self.file_name}.{form.suffix}", form.content_type)


@extend_schema_view(
    get=extend_schema(
        summary="One row per person, with their training",
        description="The people of the list of people, in roster order; numbers are masked.",
    )
)
class PeopleFile(_List):
    permission_classes = (permit(get=STAFF),)
    query_serializer_class = PeopleQuery
    file_name = "people"


@extend_schema_view(
    get=extend_schema(
        summary="People and the courses that they completed",
        description="A row per person, a column per course, the day of completion in the cells.",
    )
)
class MatrixFile(_List):
    permission_classes = (permit(get=STAFF),)
    query_serializer_class = MatrixQuery
    file_name = "training-matrix"


@extend_schema_view(
    get=extend_schema(
        summary="Enrollments as a roster",
        description="Of one class or of several; numbers are masked.",
    )
)
class RosterFile(_List):
    permission_classes = (permit(get=STAFF),)
    query_serializer_class = RosterQuery
    file_name = "roster"


urlpatterns = [
    path("lists/people/", PeopleFile.as_view(), name="people_file"),
    path("lists/training-matrix/", MatrixFile.as_view(), name="training_matrix_file"),
    path("lists/roster/", RosterFile.as_view(), name="roster_list_file"),
]
