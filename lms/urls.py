from importlib import import_module

from django.contrib import admin
from django.urls import include, path

from common.address_index import by_first_word
from lms import health
from lms.views.demo import demo_sign_in
from lms.views.filters import filter_list, new_filter, remove_saved_filter, saved_filter
from lms.views.help import help_page
from lms.views.language import switch_language
from lms.views.my import first_steps, my_page, to_approve
from lms.views.search import search_page, switch_shortcuts
from lms.views.style import style_page

# Named here, not discovered: libraries bring pages of their own that would change accounts.
import_module("jobs.admin")
import_module("notices.admin")

_APPS = (
    "targets", "counting", "rosters", "certificates", "evaluations", "learning", "competencies",
    "courses", "enrollment", "agencies", "jobs", "notices", "accounts", "audit", "profiles",
    "retention",
)  # fmt: skip
urlpatterns = [
    path("api/", include("lms.api")),  # first: its calls are many and its answers short
    *by_first_word(f"{app}.urls" for app in _APPS),
    path("my/", my_page, name="my"),
    path("my/first-steps/", first_steps, name="first_steps"),
    path("my/to-approve/", to_approve, name="to_approve"),
    path("my/filters/", filter_list, name="saved_filters"),
    path("my/filters/new/", new_filter, name="new_filter"),
    path("my/filters/<int:pk>/", saved_filter, name="saved_filter"),
    path("my/filters/<int:pk>/remove/", remove_saved_filter, name="remove_saved_filter"),
    path("demo/sign-in/", demo_sign_in, name="demo_sign_in"),
    path("search/", search_page, name="search"),
    path("search/shortcuts/", switch_shortcuts, name="shortcuts"),
    path("help/", help_page, name="help"),
    path("language/", switch_language, name="language"),
    path("style/", style_page, name="style"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]
