from django.urls import path

from targets.api import number, targets, tasks

_INDICATOR, _REPORT = "indicators/<str:slug>/", "reports/<str:code>/"
_TASK = "tasks/<int:pk>/"
urlpatterns = [
    path("progress/", number.Progress.as_view(), name="progress"),
    path("forecast/", number.ForecastDetail.as_view(), name="forecast"),
    path("quality/", number.NumberQuality.as_view(), name="quality"),
    path("reconcile/", number.Reconcile.as_view(), name="reconcile"),
    path("indicators/", targets.IndicatorList.as_view(), name="indicators"),
    path(_INDICATOR, targets.IndicatorDetail.as_view(), name="indicator"),
    path(f"{_INDICATOR}measure/", targets.IndicatorMeasure.as_view(), name="measure"),
    path(f"{_INDICATOR}silent/", targets.SilentAgencies.as_view(), name="silent"),
    path("values/", targets.ValueList.as_view(), name="values"),
    path("quotas/", targets.QuotaList.as_view(), name="quotas"),
    path("road-map/", targets.RoadMap.as_view(), name="road_map"),
    path("tasks/", tasks.TaskList.as_view(), name="tasks"),
    path(_TASK, tasks.TaskDetail.as_view(), name="task"),
    path(f"{_TASK}answer/", tasks.TaskAnswer.as_view(), name="task_answer"),
    path(f"{_TASK}progress/", tasks.TaskProgress.as_view(), name="task_progress"),
    path(
        f"{_TASK}progress/<int:report>/decision/",
        tasks.TaskDecision.as_view(),
        name="task_decision",
    ),
    path("reports/", number.ReportList.as_view(), name="reports"),
    path(_REPORT, number.ReportDetail.as_view(), name="report"),
    path(f"{_REPORT}adjustments/", number.ReportAdjustments.as_view(), name="adjustments"),
]
