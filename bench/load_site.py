"""For gunicorn: what ``bench.load`` asks. BENCH_VARIANT says which: the site, or a bare view."""

import os
from importlib import import_module

from bench.web import BARE_MIDDLEWARE, add_empty_pages

os.environ["LOG_LEVEL"] = "ERROR"
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402 - the settings first

from common.throttle import declared  # noqa: E402 - the settings first

import_module("lms.urls")  # with all limits
settings.DEBUG = False  # keys of development, but no record of every query
add_empty_pages()
settings.ALLOWED_HOSTS = ["127.0.0.1"]
if os.environ["BENCH_VARIANT"] == "bare":
    settings.MIDDLEWARE = BARE_MIDDLEWARE
# One address asks as many visitors would: its tries are counted, and never used up.
for limit in declared.values():
    object.__setattr__(limit, "times", 10**9 - 1 if not limit.is_guess else limit.times)
application = import_module("lms.wsgi").application
