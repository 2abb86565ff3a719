"""For gunicorn: what ``bench.load`` asks. BENCH_VARIANT says which: the site, or a bare view."""

import os

from bench.web import BARE_MIDDLEWARE, add_empty_pages, lift_limits

os.environ["LOG_LEVEL"] = "ERROR"
os.environ["DJANGO_SETTINGS_MODULE"] = "lms.settings"

import django

django.setup()

from django.conf import settings  # noqa: E402 - the settings first

settings.DEBUG = False  # keys of development, but no record of every query
add_empty_pages()
settings.ALLOWED_HOSTS = ["127.0.0.1"]
if os.environ["BENCH_VARIANT"] == "bare":
    settings.MIDDLEWARE = BARE_MIDDLEWARE
lift_limits()
from lms.wsgi import application  # noqa: E402, F401 - the settings first; gunicorn asks for it
