from django.urls import path

from certificates import views

urlpatterns = [
    path("certificates/<str:code>/file", views.certificate_file, name="certificate_file"),
    path("verify/", views.verify, name="verify"),
    path("verify/<str:code>", views.verify_one, name="verify_code"),
]
