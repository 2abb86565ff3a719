from django.urls import path, re_path

from learning.views import questions, run_tests, units

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
    path("courses/<str:code>/questions/", questions.question_bank, name="question_bank"),
    path("courses/<str:code>/questions/new/", questions.new_question, name="new_question"),
    path("courses/<str:code>/questions/file/", questions.import_questions, name="import_questions"),
    re_path(
        r"^courses/(?P<code>[^/]+)/questions\.(?P<form>xlsx|gift|xml)$",
        questions.export_questions,
        name="export_questions",
    ),
    path("questions/<int:pk>/", questions.question_page, name="question"),
    path("questions/<int:pk>/remove/", questions.remove_question, name="remove_question"),
    path("courses/<str:code>/tests/new/", questions.new_test, name="new_test"),
    path("tests/<int:pk>/", questions.test_page, name="test"),
    path("tests/<int:pk>/remove/", questions.remove_test, name="remove_test"),
    path("runs/<str:code>/tests/<int:pk>/", run_tests.run_test, name="run_test"),
    path("runs/<str:code>/tests/<int:pk>/window/", run_tests.test_window, name="test_window"),
    path("runs/<str:code>/tests/<int:pk>/paper/", run_tests.paper_scores, name="paper_scores"),
    path("attempts/<int:pk>/", run_tests.attempt_page, name="attempt"),
    path("attempts/<int:pk>/answers/", run_tests.save_attempt, name="save_attempt"),
]
