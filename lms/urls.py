"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("sign-in/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
