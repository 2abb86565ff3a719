from django.urls import path, re_path

from enrollment import views
from enrollment.views import (
    attendance,
    check_in,
    corrections,
    details,
    enrollments,
    materials,
    planning,
    results,
    scores,
    seats,
    split_assignments,
)

_PLANS = "pattern|trainer|remove-trainer|announce|copy|move|cancel|remove-session"

urlpatterns = [
    path("runs/<str:code>/", views.run_page, name="run"),
    path("runs/<str:code>/timetable.ics", views.run_calendar, name="run_calendar"),
    path("runs/<str:code>/materials/", materials.new_material, name="new_material"),
    path(
        "runs/<str:code>/materials/<int:material>/", materials.material_file, name="material_file"
    ),
    path(
        "runs/<str:code>/materials/<int:material>/remove/",
        materials.delete_material,
        name="delete_material",
    ),
    path("runs/<str:code>/seats/", seats.seats_page, name="run_seats"),
    path("runs/<str:code>/capacity/", seats.set_capacity, name="run_capacity"),
    path("runs/<str:code>/share/", seats.set_seat_share, name="run_share"),
    path("runs/<str:code>/request/", enrollments.ask_for_enrollment, name="request_enrollment"),
    path("runs/<str:code>/nominate/", enrollments.nominate_page, name="nominate"),
    re_path(
        r"^runs/(?P<code>[^/]+)/enrollments/(?P<enrollment_id>\d+)/(?P<action>approve|reject)/$",
        enrollments.decide,
        name="decide_enrollment",
    ),
    path(
        "runs/<str:code>/enrollments/<int:enrollment_id>/withdraw/",
        enrollments.withdraw_enrollment,
        name="withdraw_enrollment",
    ),
    path("runs/<str:code>/letters/<int:letter>/file/", enrollments.letter_file, name="letter_file"),
    path(
        "runs/<str:code>/enrollments/<int:enrollment_id>/replace/",
        enrollments.replace_page,
        name="replace_enrollment",
    ),
    path("runs/<str:code>/attendance/", attendance.attendance_page, name="run_attendance"),
    path("runs/<str:code>/attendance/mark/", attendance.mark_attendance, name="mark_attendance"),
    path("runs/<str:code>/attendance/rest/", attendance.mark_rest, name="mark_rest"),
    path("runs/<str:code>/attendance/file/", attendance.take_attendance, name="take_attendance"),
    path("runs/<str:code>/attendance/log/", attendance.conference_log, name="conference_log"),
    path("runs/<str:code>/attendance/walk-in/", attendance.walk_in, name="walk_in"),
    path("runs/<str:code>/attendance.pdf", attendance.attendance_sheet_file, name="sheet_file"),
    path(
        "runs/<str:code>/sessions/<int:number>/code/", check_in.check_in_code, name="check_in_code"
    ),
    path(
        "agencies/successions/<int:pk>/assignments/",
        split_assignments.split_assignments_page,
        name="split_assignments",
    ),
    path("check-in/", check_in.check_in, name="check_in"),
    path("check-in/<str:token>/", check_in.check_in_scan, name="check_in_scan"),
    path("runs/<str:code>/closing/", results.results_page, name="run_results"),
    path("runs/<str:code>/closing/scores/", scores.save_scores, name="run_scores"),
    path("runs/<str:code>/closing/scores.xlsx", scores.score_sheet, name="score_sheet"),
    path("runs/<str:code>/closing/scores/file/", scores.take_scores, name="take_scores"),
    path("runs/<str:code>/closing/scans/", corrections.add_scan, name="add_scan"),
    path("runs/<str:code>/closing/scans/<int:scan>/", corrections.scan_file, name="scan_file"),
    path(
        "runs/<str:code>/closing/resit/<int:enrollment_id>/", corrections.resit_page, name="resit"
    ),
    path(
        "runs/<str:code>/closing/correct/<int:result>/",
        corrections.correct_result,
        name="correct_result",
    ),
    path("runs/<str:code>/closing/close/", results.close, name="close_run"),
    path(
        "runs/<str:code>/closing/exception/<int:enrollment_id>/",
        results.exception_page,
        name="completion_exception",
    ),
    path("runs/<str:code>/closing/void/<int:result>/", corrections.void_result, name="void_result"),
    path("runs/<str:code>/planning/", planning.planning_page, name="run_plan"),
    re_path(
        rf"^runs/(?P<code>[^/]+)/planning/(?P<action>{_PLANS})/$", planning.plan, name="plan_run"
    ),
    path("runs/<str:code>/change/", details.change_run_page, name="change_run"),
    path("runs/<str:code>/sessions/new/", details.add_session_page, name="add_session"),
    path(
        "runs/<str:code>/sessions/<int:number>/", details.change_session_page, name="change_session"
    ),
    path("runs/<str:code>/decisions/<slug:kind>/", details.decision_page, name="run_decision"),
    path(
        "runs/<str:code>/decisions/<slug:kind>/file/", details.decision_file, name="decision_file"
    ),
    path("runs/<str:code>/class-opening.pdf", planning.opening_list, name="opening_list"),
]
