from django.urls import path

from targets.views import public

urlpatterns = [
    path("", public.public_progress, name="home"),
]
