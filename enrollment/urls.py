from django.urls import path

from enrollment import views

urlpatterns = [
    path("runs/<str:code>/", views.run_page, name="run"),
]
