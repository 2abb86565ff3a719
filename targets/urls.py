from django.urls import path

from targets.views import defending, indicators, outlook, promises, public, reports, rules

urlpatterns = [
    path("", public.public_progress, name="home"),
    path("open-data/progress.json", public.open_data, {"form": "json"}, name="open_data_json"),
    path("open-data/progress.csv", public.open_data, {"form": "csv"}, name="open_data_csv"),
    path("targets/", promises.targets_page, name="targets"),
    path("targets/quotas/new/", promises.quota_form, name="new_quota"),
    path("targets/quotas/<int:pk>/", promises.quota_form, name="quota"),
    path("targets/quotas/<int:pk>/remove/", promises.remove_quota_view, name="remove_quota"),
    path("targets/tasks/new/", promises.task_form, name="new_task"),
    path("targets/tasks/<int:pk>/", promises.task_form, name="task"),
    path("targets/tasks/<int:pk>/done/", promises.finish_task_view, name="finish_task"),
    path("targets/forecast/", outlook.forecast_page, name="forecast"),
    path("indicators/", indicators.indicators_page, name="indicators"),
    path("indicators/<slug:slug>/", indicators.indicator_page, name="indicator"),
    path("indicators/<slug:slug>/report/", indicators.report_value_form, name="report_value"),
    path("indicators/values/<int:pk>/", indicators.decide_value_view, name="decide_value"),
    path("indicators/values/<int:pk>/evidence", indicators.value_evidence, name="value_evidence"),
    path("explain/<str:code>/", defending.explain_page, name="explain"),
    path("targets/reconcile/", defending.reconcile_page, name="reconcile"),
    path(
        "targets/reconcile/<slug:step>/<slug:reason>/",
        defending.reconcile_names,
        name="reconcile_names",
    ),
    path("targets/sample/", defending.sample_page, name="counted_sample"),
    path("targets/rules/", rules.rule_list, name="counting_rules"),
    path("targets/rules/new/", rules.new_rule, name="new_rule"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new/", reports.new_report, name="new_report"),
    path("reports/<str:code>/", reports.report_page, name="report"),
    path("reports/<str:code>/reopen/", reports.reopen_report, name="reopen_report"),
    path("reports/<str:code>/report.pdf", reports.report_file, {"form": "pdf"}, name="report_pdf"),
    path("reports/<str:code>/annex.xlsx", reports.report_file, {"form": "xlsx"}, name="annex"),
    path("reports/<str:code>/evidence.zip", reports.report_evidence, name="evidence_pack"),
]
