from django.urls import path

from competencies.views import audiences, courses, frameworks

urlpatterns = [
    path("audiences/", audiences.audiences_page, name="audiences"),
    path("audiences/new/", audiences.new_audience, name="new_audience"),
    path("audiences/import/", audiences.import_page, name="import_audiences"),
    path("audiences/audiences.xlsx", audiences.audiences_file, name="audiences_file"),
    path("audiences/<slug:slug>/", audiences.audience_page, name="audience"),
    path("audiences/<slug:slug>/change/", audiences.change_audience_page, name="change_audience"),
    path("competencies/", frameworks.frameworks_page, name="frameworks"),
    path("competencies/new/", frameworks.new_framework, name="new_framework"),
    path("competencies/<int:pk>/", frameworks.framework_page, name="framework"),
    path("competencies/<int:pk>/adopt/", frameworks.adopt_page, name="adopt_framework"),
    path("competencies/<int:pk>/framework.xlsx", frameworks.framework_file, name="framework_file"),
    path(
        "courses/<str:code>/competencies/new/",
        courses.new_course_competency,
        name="new_course_competency",
    ),
    path("courses/competencies/<int:pk>/", courses.course_competency, name="course_competency"),
    path(
        "courses/competencies/<int:pk>/remove/",
        courses.remove_page,
        name="remove_course_competency",
    ),
]
