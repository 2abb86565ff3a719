"""Serializers that read rows: the columns follow from the fields, values as the library makes."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework import serializers

from common import clock
from common.api.serializers import Row, RowSerializer, columns
from courses.models import Course, CourseRun
from enrollment.models import Enrollment
from enrollment.serializers import EnrollmentSerializer
from lms.api import APPS
from tests.factories import make_course, make_enrollment, make_run, make_trainee, make_user


class RunRow(RowSerializer):
    title = serializers.CharField(source="course.title_vi")
    seats_left = serializers.SerializerMethodField()

    class Meta:
        model = CourseRun
        fields = ("code", "title", "starts_on", "seats_left")

    @columns("capacity", "seats_taken")
    def get_seats_left(self, row: Row) -> int:
        return int(row["capacity"] - row["seats_taken"])


def test_a_list_reads_the_columns_of_its_fields_and_no_others():
    found = {"code", "course__title_vi", "starts_on", "capacity", "seats_taken"}
    assert set(RunRow.get_columns()) == found


def test_a_row_is_shown_without_a_query(db):
    day = dt.date(2027, 1, 4)
    make_run(make_course(title_vi="Khóa"), code="R-1", capacity=7, starts_on=day, ends_on=day)
    row = CourseRun.objects.values(*RunRow.get_columns()).get()
    with CaptureQueriesContext(connection) as queries:
        shown = RunRow(row).data
    assert shown == {"code": "R-1", "title": "Khóa", "starts_on": "2027-01-04", "seats_left": 7}
    assert len(queries) == 0


def test_one_line_adds_a_field_of_the_model_to_a_resource(db):
    class Wider(RunRow):
        class Meta(RunRow.Meta):
            fields = (*RunRow.Meta.fields, "venue")  # type: ignore[assignment]  # one more

    make_run(venue="Hà Nội")
    row = CourseRun.objects.values(*Wider.get_columns()).get()
    assert Wider(row).data["venue"] == "Hà Nội"


class PlainCourse(serializers.ModelSerializer[Any]):
    class Meta:
        model = Course
        fields = ("code", "title_vi", "periods", "minimum_score", "grading", "is_offered")


class RowCourse(RowSerializer):
    class Meta(PlainCourse.Meta):
        pass


@pytest.mark.parametrize("score", [None, Decimal("5.00"), Decimal(7)])
def test_values_are_those_that_the_library_would_give(db, score):
    course = make_course(minimum_score=score)
    course.refresh_from_db()
    row = Course.objects.values(*RowCourse.get_columns()).get()
    assert RowCourse(row).data == PlainCourse(course).data


def test_instants_are_given_to_the_second_in_vietnamese_time(db):
    with clock.set_to(dt.datetime(2026, 3, 9, 20, 15, 30, 999, tzinfo=dt.UTC)):
        make_enrollment(make_run(), make_trainee())
    rows = Enrollment.objects.with_person_for(make_user("auditor"))
    row = rows.values(*EnrollmentSerializer.get_columns()).get()
    assert EnrollmentSerializer(row).data["recorded_at"] == "2026-03-10T03:15:30+07:00"


def test_every_method_field_of_every_resource_names_its_columns():
    kinds = {
        getattr(route.callback.view_class, "serializer_class", None)
        for app in APPS
        for route in app.urlpatterns
    }
    rows = [kind for kind in kinds if kind and issubclass(kind, RowSerializer)]
    assert len(rows) >= 12
    assert all(kind.get_columns() for kind in rows)
