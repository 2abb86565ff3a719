"""Places, attendance and results: the same deeds as the pages, by the same services."""

from django.urls import path

from enrollment.api import enrollments, results, sessions

_PLACE, _RESULT = "enrollments/<str:run>/<str:trainee>/", "completions/<str:run>/<str:trainee>/"
urlpatterns = [
    path("runs/<str:code>/", enrollments.RunWithSeats.as_view(), name="run"),
    path("runs/<str:code>/close/", enrollments.RunClosing.as_view(), name="run_close"),
    path("runs/<str:code>/cancel/", enrollments.RunCancellation.as_view(), name="run_cancel"),
    path("sessions/<str:run>/<int:number>/", sessions.SessionWithNotices.as_view(), name="session"),
    path(
        "sessions/<str:run>/<int:number>/remove/",
        sessions.SessionRemoval.as_view(),
        name="session_remove",
    ),
    path("enrollments/", enrollments.EnrollmentList.as_view(), name="enrollments"),
    path(_PLACE, enrollments.EnrollmentDetail.as_view(), name="enrollment"),
    path(f"{_PLACE}approve/", enrollments.EnrollmentApproval.as_view(), name="enrollment_approve"),
    path(f"{_PLACE}reject/", enrollments.EnrollmentRejection.as_view(), name="enrollment_reject"),
    path(
        f"{_PLACE}withdraw/", enrollments.EnrollmentWithdrawal.as_view(), name="enrollment_withdraw"
    ),
    path("attendance/", results.AttendanceList.as_view(), name="attendance"),
    path("completions/", results.CompletionList.as_view(), name="completions"),
    path(_RESULT, results.CompletionDetail.as_view(), name="completion"),
    path(f"{_RESULT}heir/", results.CompletionHeir.as_view(), name="completion_heir"),
    path(f"{_RESULT}void/", results.CompletionVoid.as_view(), name="completion_void"),
]
