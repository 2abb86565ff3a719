from django.urls import path, re_path

from rosters import views

urlpatterns = [
    path("rosters/", views.roster_list, name="rosters"),
    path("rosters/new/", views.new_roster, name="new_roster"),
    path("rosters/<int:pk>/", views.roster_page, name="roster"),
    path("rosters/<int:pk>/confirm/", views.confirm_roster, name="confirm_roster"),
    path("rosters/<int:pk>/discard/", views.discard_roster, name="discard_roster"),
    path("rosters/<int:pk>/rejected.xlsx", views.rejected_rows, name="rejected_rows"),
    re_path(
        r"^runs/(?P<code>[^/]+)/roster\.(?P<form>xlsx|csv)$", views.roster_file, name="roster_file"
    ),
]
