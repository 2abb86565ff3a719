from django.urls import path, re_path

from rosters.views import corrections, exports, schedules, uploads

urlpatterns = [
    path("rosters/", uploads.roster_list, name="rosters"),
    path("rosters/new/", uploads.new_roster, name="new_roster"),
    path("rosters/export/", exports.export_rosters, name="export_rosters"),
    path("people/export/", exports.export_people, name="export_people"),
    path("rosters/views/<int:pk>/", exports.saved_columns, name="saved_columns"),
    path("rosters/views/<int:pk>/remove/", exports.remove_columns, name="remove_columns"),
    path("rosters/exports/<int:pk>/", exports.export_file, name="export_file"),
    path("rosters/monthly/", schedules.schedule_list, name="schedules"),
    path("rosters/monthly/<int:pk>/", schedules.schedule_page, name="schedule"),
    path(
        "rosters/monthly/<int:pk>/<str:action>/",
        schedules.act_on_schedule,
        name="act_on_schedule",
    ),
    path("rosters/<int:pk>/", uploads.roster_page, name="roster"),
    path("rosters/<int:pk>/confirm/", uploads.confirm_roster, name="confirm_roster"),
    path("rosters/<int:pk>/discard/", uploads.discard_roster, name="discard_roster"),
    path("rosters/<int:pk>/rejected.xlsx", uploads.rejected_rows, name="rejected_rows"),
    path("rosters/<int:pk>/columns/", corrections.roster_columns, name="roster_columns"),
    path("rosters/<int:pk>/rows/<int:number>/", corrections.roster_row, name="roster_row"),
    path("rosters/<int:pk>/rest/", corrections.stage_rest, name="stage_rest"),
    path("rosters/<int:pk>/undo/", corrections.undo_roster, name="undo_roster"),
    re_path(
        r"^runs/(?P<code>[^/]+)/roster-sample\.xlsx$", exports.sample_file, name="roster_sample"
    ),
    re_path(
        r"^runs/(?P<code>[^/]+)/roster\.(?P<form>xlsx|csv)$",
        exports.roster_file,
        name="roster_file",
    ),
]
