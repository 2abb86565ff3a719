from django.urls import path

from targets.views import public, reports

urlpatterns = [
    path("", public.public_progress, name="home"),
    path("reports/", reports.report_list, name="reports"),
    path("reports/new/", reports.new_report, name="new_report"),
    path("reports/<str:code>/", reports.report_page, name="report"),
    path("reports/<str:code>/reopen/", reports.reopen_report, name="reopen_report"),
    path("reports/<str:code>/report.pdf", reports.report_file, {"form": "pdf"}, name="report_pdf"),
    path("reports/<str:code>/annex.xlsx", reports.report_file, {"form": "xlsx"}, name="annex"),
    path("reports/<str:code>/evidence.zip", reports.report_evidence, name="evidence_pack"),
]
