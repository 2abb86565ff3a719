from django.urls import path

from agencies import views

urlpatterns = [
    path("agencies/", views.agency_list, name="agencies"),
    path("agencies/new/", views.new_agency, name="new_agency"),
    path("agencies/options/<slug:scope>/", views.agency_options, name="agency_options"),
    path("agencies/successions/new/", views.new_succession, name="new_succession"),
    path("agencies/successions/file/", views.successions_file, name="successions_file"),
    path("agencies/successions/<int:pk>/void/", views.void_succession_page, name="void_succession"),
    path("agencies/<slug:slug>/", views.agency_page, name="agency"),
    path("agencies/<slug:slug>/correct/", views.correct_agency_page, name="correct_agency"),
    path("agencies/<slug:slug>/coordinators/", views.coordinators, name="coordinators"),
    path("agencies/<slug:slug>/coordinators/new/", views.appoint, name="appoint_coordinator"),
    path("agencies/<slug:slug>/coordinators/<int:pk>/", views.hand_over_page, name="hand_over"),
]
