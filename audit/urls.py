from django.urls import path

from audit import views

urlpatterns = [
    path("audit/", views.record, name="audit"),
    path("audit/chain/", views.chain, name="audit_chain"),
    path("audit/record.<str:form>", views.audit_log_file, name="audit_file"),
    path("audit/<int:pk>/", views.entry_page, name="audit_entry"),
]
