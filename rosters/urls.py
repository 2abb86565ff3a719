from django.urls import path

from rosters import views

urlpatterns = [
    path("rosters/", views.roster_list, name="rosters"),
    path("rosters/new/", views.new_roster, name="new_roster"),
    path("rosters/<int:pk>/", views.roster_page, name="roster"),
]
