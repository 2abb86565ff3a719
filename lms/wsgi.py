import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")

try:
    application = get_wsgi_application()
except ImproperlyConfigured as error:
    # One line, and the code that tells gunicorn not to try again.
    sys.stderr.write(f"{type(error).__name__}: {error}\n")
    sys.exit(3)
