"""Enrollments, attendance and results: the same actions as on the pages, by the same services."""

from django.urls import path

from enrollment.api import calendars, class_messages, enrollments, results, runs, sessions

_RUN, _SESSION = "runs/<str:code>/", "sessions/<str:run>/<int:number>/"
_ENROLLMENT = "enrollments/<str:run>/<str:trainee>/"
_RESULT = "completions/<str:run>/<str:trainee>/"
urlpatterns = [
    path(_RUN, runs.RunDetail.as_view(), name="run"),
    path(f"{_RUN}close/", runs.RunClosing.as_view(), name="run_close"),
    path(f"{_RUN}cancel/", runs.RunCancellation.as_view(), name="run_cancel"),
    path(_SESSION, sessions.SessionDetail.as_view(), name="session"),
    path(f"{_SESSION}remove/", sessions.SessionRemoval.as_view(), name="session_remove"),
    path("enrollments/", enrollments.EnrollmentList.as_view(), name="enrollments"),
    path(_ENROLLMENT, enrollments.EnrollmentDetail.as_view(), name="enrollment"),
    path(
        f"{_ENROLLMENT}approve/",
        enrollments.EnrollmentApproval.as_view(),
        name="enrollment_approve",
    ),
    path(
        f"{_ENROLLMENT}reject/",
        enrollments.EnrollmentRejection.as_view(),
        name="enrollment_reject",
    ),
    path(
        f"{_ENROLLMENT}withdraw/",
        enrollments.EnrollmentWithdrawal.as_view(),
        name="enrollment_withdraw",
    ),
    path("calendars/", calendars.CalendarList.as_view(), name="calendars"),
    path(
        "calendars/<int:number>/revoke/",
        calendars.CalendarRevocation.as_view(),
        name="calendar_revoke",
    ),
    path("class-messages/", class_messages.ClassMessageList.as_view(), name="class_messages"),
    path(
        "class-messages/<int:message>/recipients/",
        class_messages.ClassMessageRecipientList.as_view(),
        name="class_message_recipients",
    ),
    path("attendance/", results.AttendanceList.as_view(), name="attendance"),
    path("completions/", results.CompletionList.as_view(), name="completions"),
    path(_RESULT, results.CompletionDetail.as_view(), name="completion"),
    path(
        f"{_RESULT}assignment/", results.CompletionSuccessor.as_view(), name="completion_assignment"
    ),
    path(f"{_RESULT}void/", results.CompletionVoid.as_view(), name="completion_void"),
]
