from django.urls import URLPattern, URLResolver, include, path, re_path

from enrollment import views
from enrollment.views import (
    agency_kinds,
    attendance,
    calendars,
    check_in,
    class_messages,
    corrections,
    details,
    enrollments,
    materials,
    outside,
    planning,
    results,
    scores,
    seats,
    selection,
    session_marks,
    split_assignments,
    taking_back,
)

_PLANS = "pattern|trainer|remove-trainer|announce|copy|move|cancel|remove-session"

_enrollment = [
    re_path(r"^(?P<action>approve|reject)/$", enrollments.decide, name="decide_enrollment"),
    path("details/", details.change_details_page, name="enrollment_details"),
    path("withdraw/", enrollments.withdraw_enrollment, name="withdraw_enrollment"),
    path("take-back/", taking_back.take_back, name="take_seat_back"),
    path("replace/", enrollments.replace_page, name="replace_enrollment"),
]
_attendance = [
    path("", attendance.attendance_page, name="run_attendance"),
    path("mark/", attendance.mark_attendance, name="mark_attendance"),
    path("<int:number>/", session_marks.save_session, name="save_session"),
    path("rest/", attendance.mark_rest, name="mark_rest"),
    path("file/", attendance.take_attendance, name="take_attendance"),
    path("log/", attendance.conference_log, name="conference_log"),
    path("walk-in/", attendance.walk_in, name="walk_in"),
]
_closing = [
    path("", results.results_page, name="run_results"),
    path("scores/", scores.save_scores, name="run_scores"),
    path("scores.xlsx", scores.score_sheet, name="score_sheet"),
    path("scores/file/", scores.take_scores, name="take_scores"),
    path("scans/", corrections.add_scan, name="add_scan"),
    path("scans/<int:scan>/", corrections.scan_file, name="scan_file"),
    path("resit/<int:enrollment_id>/", corrections.resit_page, name="resit"),
    path("correct/<int:result>/", corrections.correct_result, name="correct_result"),
    path("close/", results.close, name="close_run"),
    path("exception/<int:enrollment_id>/", results.exception_page, name="completion_exception"),
    path("void/<int:result>/", corrections.void_result, name="void_result"),
]
_messages = [
    path("", class_messages.class_messages, name="class_messages"),
    path("new/", class_messages.new_class_message, name="new_class_message"),
    path("<int:pk>/", class_messages.class_message, name="class_message"),
    path("<int:pk>/<int:file>/", class_messages.class_message_file, name="class_message_file"),
]
_run: list[URLPattern | URLResolver] = [
    path("", views.run_page, name="run"),
    path("timetable.ics", calendars.run_calendar, name="run_calendar"),
    path("materials/", materials.new_material, name="new_material"),
    path("materials/<int:material>/", materials.material_file, name="material_file"),
    path("materials/<int:material>/remove/", materials.delete_material, name="delete_material"),
    path("messages/", include(_messages)),
    path("seats/", seats.seats_page, name="run_seats"),
    path("capacity/", seats.set_capacity, name="run_capacity"),
    path("share/", seats.set_seat_share, name="run_share"),
    path("request/", enrollments.ask_for_enrollment, name="request_enrollment"),
    path("nominate/", enrollments.nominate_page, name="nominate"),
    path("enrollments/", selection.act_on_selection, name="act_on_selection"),
    path("enrollments/<int:enrollment_id>/", include(_enrollment)),
    path("letters/<int:letter>/file/", enrollments.letter_file, name="letter_file"),
    path("attendance/", include(_attendance)),
    path("attendance.pdf", attendance.attendance_sheet_file, name="sheet_file"),
    path("closing/", include(_closing)),
    path("planning/", planning.planning_page, name="run_plan"),
    re_path(rf"^planning/(?P<action>{_PLANS})/$", planning.plan, name="plan_run"),
    path("change/", details.change_run_page, name="change_run"),
    path("sessions/new/", details.add_session_page, name="add_session"),
    path("sessions/<int:number>/", details.change_session_page, name="change_session"),
    path("sessions/<int:number>/code/", check_in.check_in_code, name="check_in_code"),
    path("decisions/<slug:kind>/", details.decision_page, name="run_decision"),
    path("decisions/<slug:kind>/file/", details.decision_file, name="decision_file"),
    path("class-opening.pdf", planning.opening_list, name="opening_list"),
]
urlpatterns = [
    path("runs/<str:code>/", include(_run)),
    path(
        "agencies/successions/<int:pk>/assignments/",
        split_assignments.split_assignments_page,
        name="split_assignments",
    ),
    path("agencies/<slug:slug>/results/", agency_kinds.agency_kind_page, name="agency_kind"),
    path("outside-courses/", outside.outside_courses, name="outside_courses"),
    path("outside-courses/new/", outside.match_course, name="match_course"),
    path("outside-courses/<str:code>/", outside.rematch_course, name="rematch_course"),
    path("calendar/<str:token>.ics", calendars.calendar_feed, name="calendar_feed"),
    path("my/calendars/", calendars.my_calendars, name="my_calendars"),
    path("my/calendars/new/", calendars.create_calendar, name="create_calendar"),
    path("my/calendars/<int:pk>/revoke/", calendars.revoke_calendar, name="revoke_calendar"),
    path("check-in/", check_in.check_in, name="check_in"),
    path("check-in/<str:token>/", check_in.check_in_scan, name="check_in_scan"),
]
