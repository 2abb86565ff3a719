from django.urls import path

from certificates import views

urlpatterns = [
    path("certificates/batches/<uuid:batch_id>/", views.batch_page, name="certificate_batch"),
    path("certificates/<str:code>/file", views.certificate_file, name="certificate_file"),
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>", views.verify_one, name="verify_code"),
]
