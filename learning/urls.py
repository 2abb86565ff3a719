from django.urls import path, re_path

from learning.views import units

urlpatterns = [
    path("courses/<str:code>/units/", units.course_units, name="course_units"),
    path("courses/<str:code>/units/new/", units.new_unit, name="new_unit"),
    path("units/<int:pk>/", units.unit_page, name="unit"),
    re_path(
        r"^units/(?P<pk>\d{1,18})/(?P<action>up|down|withdraw)/$",
        units.unit_action,
        name="unit_action",
    ),
    path("unit-files/<int:version>/", units.unit_file, name="unit_file"),
    path("runs/<str:code>/units/", units.run_units, name="run_units"),
    path("runs/<str:code>/units/new/", units.new_class_unit, name="new_class_unit"),
    path("runs/<str:code>/units/<int:pk>/", units.run_unit, name="run_unit"),
    path("runs/<str:code>/units/<int:pk>/fit/", units.fit_unit, name="fit_unit"),
]
