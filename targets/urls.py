from django.urls import path

from targets import views

urlpatterns = [
    path("", views.public_progress, name="home"),
]
