import gc
import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

try:
    # What is loaded stays: to look through it for garbage, now or later, takes time for nothing.
    gc.disable()
    application = get_wsgi_application()
    import_module(settings.ROOT_URLCONF)  # else the first visitor waits for all pages
    gc.freeze()
    gc.enable()
except ImproperlyConfigured as error:
    # One line, and the code that tells gunicorn not to try again.
    sys.stderr.write(f"{type(error).__name__}: {error}\n")
    sys.exit(3)
