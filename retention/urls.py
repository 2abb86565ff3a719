from django.urls import include, path

from retention import views

_package = [
    path("", views.package_page, name="archive_package"),
    path("file", views.package_file, name="archive_package_file"),
    path("hand-over/", views.hand_over, name="hand_over_package"),
    path("approve/", views.approve_deletion, name="approve_record_deletion"),
    path("withdraw/", views.withdraw, name="withdraw_package"),
    path("remove-file/", views.remove_file, name="remove_package_file"),
]
urlpatterns = [
    path("retention/", views.retention_page, name="retention"),
    path("retention/kinds/<str:kind>/", views.kind_page, name="retention_kind"),
    path("retention/packages/new/", views.new_package, name="new_archive_package"),
    path("retention/packages/<uuid:pk>/", include(_package)),
]
