from django.urls import path

from courses import views
from courses.views import office

urlpatterns = [
    path("courses/", views.catalogue, name="courses"),
    path("courses/new/", office.new_course, name="new_course"),
    path("courses/<str:code>/", views.course_page, name="course"),
    path("courses/<str:code>/change/", office.change_course_page, name="change_course"),
    path("runs/", views.run_list, name="runs"),
    path("runs/new/", office.new_run, name="new_run"),
]
