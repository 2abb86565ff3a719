"""Every address of the site."""

from importlib import import_module

from django.contrib import admin
from django.urls import include, path, re_path

from lms import health
from lms.views import data_requests, holidays, own_data, pairs, people_accounts, person, transfers
from lms.views.language import switch_language
from lms.views.my import my_page
from lms.views.people import people_list
from lms.views.style import style_page
from lms.views.trainee import my_calendar, record_page

# Named here, not discovered: libraries bring pages of their own that would change accounts.
import_module("jobs.admin")
import_module("notices.admin")

urlpatterns = [
    path("", include("targets.urls")),
    path("", include("rosters.urls")),
    path("", include("certificates.urls")),
    path("", include("courses.urls")),
    path("", include("enrollment.urls")),
    path("", include("agencies.urls")),
    path("", include("jobs.urls")),
    path("", include("accounts.urls")),
    path("", include("audit.urls")),
    path("people/", people_list, name="people"),
    path("people/accounts/", people_accounts.people_accounts, name="people_accounts"),
    path("people/accounts/invite/", people_accounts.invite_people, name="invite_people"),
    path("people/accounts/letters/", people_accounts.print_letters, name="print_letters"),
    path("people/pairs/", pairs.pair_list, name="pairs"),
    path("people/pairs/<int:pk>/", pairs.pair_page, name="pair"),
    path("people/merges/", pairs.merge_list, name="merges"),
    path("people/merges/<int:pk>/undo/", pairs.undo, name="undo_merge"),
    path("people/requests/", data_requests.request_list, name="data_requests"),
    path("people/requests/holidays/", holidays.holiday_list, name="holidays"),
    path("people/requests/holidays/<int:pk>/remove/", holidays.remove, name="remove_holiday"),
    path("people/requests/<int:pk>/", data_requests.request_page, name="data_request"),
    path("people/requests/<int:pk>/copy.pdf", data_requests.request_copy, name="request_copy"),
    path("people/transfers/", transfers.transfer_requests, name="transfer_requests"),
    path("people/transfers/<int:pk>/accept/", transfers.accept, name="accept_transfer"),
    path("people/transfers/<int:pk>/decline/", transfers.decline, name="decline_transfer"),
    path("people/transfers/<int:pk>/withdraw/", transfers.withdraw, name="withdraw_transfer"),
    path("people/<str:code>/", person.person_page, name="person"),
    path("people/<str:code>/correct/", person.correct_person, name="correct_person"),
    path("people/<str:code>/move/", person.transfer_person, name="transfer_person"),
    path("people/<str:code>/request/", data_requests.record_request, name="record_request"),
    path("people/<str:code>/number/", person.reveal, name="reveal_number"),
    path("my/", my_page, name="my"),
    path("my/data/", own_data.my_data, name="my_data"),
    re_path(r"^my/data\.(?P<form>json|pdf)$", own_data.my_data_file, name="my_data_file"),
    path("my/record/", record_page, name="my_record"),
    path("my/timetable.ics", my_calendar, name="my_calendar"),
    path("language/", switch_language, name="language"),
    path("style/", style_page, name="style"),
    path("admin/", admin.site.urls),
    path("api/", include("lms.api")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
