from django.urls import path

from courses import views

urlpatterns = [
    path("courses/", views.catalogue, name="courses"),
    path("courses/<str:code>/", views.course_page, name="course"),
]
