"""Settings. Everything that differs between places comes from the environment or ``.env``.

``DEBUG`` is on by default only where neither DATABASE_URL nor ``.env`` is set. With
``DEBUG=0`` the keys must be given (SECRET_KEY, FIELD_KEYS, INDEX_KEY, AUDIT_KEY); nothing insecure
is assumed. See docs/operations.md for every variable.
"""

import os
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from lms.caches import cache_settings
from lms.keys import development_keys, is_seed
from lms.logs import logging_config
from lms.queues import queue_settings
from lms.stores import file_store
from lms.watching import watching_settings

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
env = environ.Env()

_env_file = BASE_DIR / ".env"
if _env_file.exists():
    environ.Env.read_env(_env_file)

DEBUG = env.bool("DEBUG", default=not (_env_file.exists() or "DATABASE_URL" in env.ENVIRON))

# ── Keys ──────────────────────────────────────────────────────────────────────────────
_development = development_keys(VAR) if DEBUG else {}


def _key(name: str, *, at_least: int) -> str:
    file = env.str(f"{name}_FILE", default="")
    value = Path(file).read_text().strip() if file else env.str(name, default="")
    value = value or _development.get(name, "")
    if len(value) < at_least or value == len(value) * value[0]:
        raise ImproperlyConfigured(
            f"{name} is missing or too weak: set it to at least {at_least} random letters "
            "(docs/operations.md), or DEBUG=1 for development."
        )
    return value


SECRET_KEY = _key("SECRET_KEY", at_least=50)
# Newest first, separated by commas: the first encrypts, all decrypt.
FIELD_KEYS = _key("FIELD_KEYS", at_least=44).split(",")
INDEX_KEY = _key("INDEX_KEY", at_least=32)
# Signs the audit log (Ed25519, 32 bytes in base64); public keys of those before it verify on.
AUDIT_KEY = _key("AUDIT_KEY", at_least=43)
AUDIT_PUBLIC_KEYS = env.list("AUDIT_PUBLIC_KEYS", default=[])
if not all(is_seed(value) for value in (AUDIT_KEY, *AUDIT_PUBLIC_KEYS)):
    raise ImproperlyConfigured(
        "AUDIT_KEY is missing or too weak: AUDIT_KEY and each of AUDIT_PUBLIC_KEYS is 32 bytes "
        "in base64 (docs/operations.md)."
    )
# A second copy of the signed audit heads, so that a change of the database alone is noticed.
AUDIT_HEADS_DIR = Path(env.str("AUDIT_HEADS_DIR", default=str(VAR / "audit-heads")))

# ── Where it answers ──────────────────────────────────────────────────────────────────
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEBUG else []
)
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The proxies in front, whose X-Forwarded-… headers are believed.
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=["127.0.0.1", "::1"])
ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"

# ── Our apps, highest first: imports run only downward (docs/architecture.md) ──────────
APPS = [
    "lms", "retention", "profiles", "targets", "counting", "rosters", "certificates", "evaluations",
    "learning", "competencies", "enrollment", "people", "courses", "agencies", "notices", "jobs",
    "accounts", "audit",
]  # fmt: skip
INSTALLED_APPS = [
    *APPS,
    "common",
    "lms.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular_sidecar",
    "knox",
    "lucide",
    "template_partials",
]
MIDDLEWARE = [
    "lms.metrics.MetricsMiddleware",
    "common.request_ids.RequestIdMiddleware",
    "common.caching.NoStoreMiddleware",
    "common.methods.KnownMethodsMiddleware",
    "common.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "common.drawn_pages.DrawnPagesMiddleware",
    "common.security_policy.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "common.uploads.UploadLimitsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "common.nul.RefuseNulMiddleware",
    "common.lookups.RefuseLookupsMiddleware",
    "common.methods.WrongMethodPageMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "common.templatetags.formats",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]
FORM_RENDERER = "common.form_rendering.QuickRenderer"

# ── Database ──────────────────────────────────────────────────────────────────────────
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # A writer takes its place in the queue at BEGIN; readers never wait for writers.
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364; "
            "PRAGMA cache_size=-12000;"
        ),
    }
    # A file, as in production, and one per process: two runs of the tests must not share it.
    _database["TEST"] = {
        "NAME": env.str(
            "TEST_DATABASE", default=str(Path(gettempdir()) / f"lms-test-{os.getpid()}.sqlite3")
        )
    }
elif _database["ENGINE"] == "django.db.backends.postgresql":
    _database["ENGINE"] = "common.postgresql"
    # Behind PgBouncer with a pool of transactions: no cursor outlives its transaction.
    _database["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DATABASE_POOLED", default=False)
# Kept by each thread: to open one and tune it is half of an empty page on SQLite.
_database["CONN_MAX_AGE"] = 60
_database["CONN_HEALTH_CHECKS"] = True
CACHES = cache_settings(env)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ── Sign-in ───────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm"}
# Off: accounts are opened by invitation. On: anybody may, with an address that answers.
OPEN_REGISTRATION = env.bool("OPEN_REGISTRATION", default=False)
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if OPEN_REGISTRATION else "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "accounts.password_resets.ResetTokenGenerator"  # noqa: S105 - a name
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "30/m/ip"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an invitation has reached its address, or is a letter
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG  # http://localhost
MFA_TOTP_ISSUER = "699"
MFA_ADAPTER = "accounts.adapter.EncryptedMFAAdapter"
# Single sign-on: off unless a provider is named; it never opens an account (docs/operations.md).
OIDC_SERVER_URL = env.str("OIDC_SERVER_URL", default="")
OIDC_NAME = env.str("OIDC_NAME", default="SSO")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID") if OIDC_SERVER_URL else ""
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET") if OIDC_SERVER_URL else ""
OIDC_SCOPE = env.str("OIDC_SCOPE", default="openid email profile")
# What names the account at the first sign-in (email, personal_number, staff_number), and the
# claim that carries it.
OIDC_IDENTIFIES_BY = env.str("OIDC_IDENTIFIES_BY", default="email")
OIDC_CLAIM = env.str("OIDC_CLAIM", default=OIDC_IDENTIFIES_BY)
OIDC_SIGN_OUT = env.bool("OIDC_SIGN_OUT", default=False)  # of the provider's session too
# Browsers count the redirect after a form as part of it: the provider's pages must be allowed.
OIDC_ORIGINS = env.list(
    "OIDC_ORIGINS",
    default=["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))]
    if OIDC_SERVER_URL
    else [],
)

# ── Safety of the pages ───────────────────────────────────────────────────────────────
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *OIDC_ORIGINS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_NAME = "sessionid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_ENDS_AFTER = 12 * 3600  # seconds since sign-in, however busy
SESSION_IDLES_FOR = env.int("SESSION_IDLE_MINUTES", default=120) * 60
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no names in cookies
CSRF_COOKIE_HTTPONLY = True
if not DEBUG:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
ROSTER_MAX_BYTES = 20_000_000
# A whole form with its files; the largest is a material of 50 MB. Visitors: a certificate.
UPLOAD_MAX_BYTES = 54_000_000
UPLOAD_MAX_BYTES_OF_ANYBODY = 21_500_000
# Of each web process, as the server is started; uploads get half of them (common/uploads.py).
WEB_THREADS = env.int("WEB_THREADS", default=4)
# Files from outside that are parsed at once on this machine, of each lane (common/bounded).
PARSERS_AT_ONCE = env.int("PARSERS_AT_ONCE", default=2)

# ── API (docs/api.md) ─────────────────────────────────────────────────────────────────
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api.authentication.BearerToken",
        "accounts.api.authentication.SignedInSession",
    ],
    # Shut until a view says otherwise.
    "DEFAULT_PERMISSION_CLASSES": ["accounts.api.permissions.RolePermission"],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.api.throttling.UserThrottle"],
    "DEFAULT_FILTER_BACKENDS": [
        "common.api.filters.FilterBackend",
        "common.api.filters.OrderingFilter",
    ],
    "DEFAULT_PAGINATION_CLASS": "common.api.pagination.KeysetPagination",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.api.parsers.IgnoreAcceptNegotiation",
    "DEFAULT_PARSER_CLASSES": ["common.api.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["common.api.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "common.api.schema.AutoSchema",
    "EXCEPTION_HANDLER": "common.api.errors.handle",
}
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105 - a name; given since a row of ours points there
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "lms_"}
API_TOKEN_DAYS = 30  # by default, and
API_TOKEN_MOST_DAYS = 366  # at most
API_CALLS_PER_MINUTE = env.int("API_CALLS_PER_MINUTE", default=600)  # of one user
API_CALLS_PER_ADDRESS = env.int("API_CALLS_PER_ADDRESS", default=1_800)  # of all users behind it
SPECTACULAR_SETTINGS = {
    "TITLE": "Training API",
    "SERVERS": [{"url": "/", "description": "This site"}, {"url": SITE_URL}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "DESCRIPTION": "Courses, people, results and the number. See docs/api.md.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": [],  # choices are inlined where they are used
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer", "description": "manage.py api_token"},
            "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE_NAME},
        }
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "list", "filter": True},
}

# ── Languages and time ────────────────────────────────────────────────────────────────
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale/libraries"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# ── Files ─────────────────────────────────────────────────────────────────────────────
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Collecting takes a quarter of the time without packing what no page asks for.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    "jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "tgz", "bz2", "tbz", "xz", "br",
    "woff", "woff2", "map",
)  # fmt: skip
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(VAR / "media")))
MEDIA_URL = "files/"
# Of the account that runs the site alone.
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o600, 0o700
_manifest = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": file_store(env),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else _manifest
    },
}

# ── Mail, jobs ────────────────────────────────────────────────────────────────────────
REPLY_TO_SENDER = env.bool("REPLY_TO_SENDER", default=False)
NOTICE_RETENTION_DAYS = env.int("NOTICE_RETENTION_DAYS", default=365)
DIGEST_HOUR = env.int("DIGEST_HOUR", default=7)  # in Hanoi
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
EMAIL_BACKEND = "notices.backends.OutboxBackend"
_delivery = f"django.core.mail.backends.{'dummy' if DEBUG else 'smtp'}.EmailBackend"
DELIVERY_EMAIL_BACKEND = env.str("DELIVERY_EMAIL_BACKEND", default=_delivery)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="699@localhost")
for _name, _value in env.email_url("EMAIL_URL", default="smtp://localhost:25").items():
    if _name not in {"EMAIL_BACKEND", "EMAIL_FILE_PATH"}:
        globals()[_name] = _value
# A provider's own settings by their names in anymail: ANYMAIL_POSTMARK_SERVER_TOKEN and the like.
ANYMAIL = {"REQUESTS_TIMEOUT": EMAIL_TIMEOUT, "IGNORE_UNSUPPORTED_FEATURES": True}
ANYMAIL |= {name[8:]: value for name, value in os.environ.items() if name.startswith("ANYMAIL_")}
# Mail that comes back: to which address, where it is read, and with which secret it is reported.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="")
BOUNCE_MAILBOX_URL = env.str("BOUNCE_MAILBOX_URL", default="")
BOUNCE_SECRET = _key("BOUNCE_SECRET", at_least=32) if env.str("BOUNCE_SECRET", default="") else ""
TASKS, RQ_QUEUES, _queue_apps = queue_settings(env)
INSTALLED_APPS += _queue_apps

# ── Certificates ──────────────────────────────────────────────────────────────────────
COMPILED_DESIGNS = env.path("COMPILED_DESIGNS", default=str(MEDIA_ROOT / "compiled-designs"))
# Where PKCS#12 files of signing keys lie that are not kept encrypted in the database.
KEY_FOLDER = Path(env.str("KEY_FOLDER", default=str(VAR / "keys")))
# The PKCS#11 token of keys that lie in one; TOKEN in their names keeps them out of error pages.
SIGNING_TOKEN_MODULE = env.str("SIGNING_TOKEN_MODULE", default="")
SIGNING_TOKEN_LABEL = env.str("SIGNING_TOKEN_LABEL", default="")
SIGNING_TOKEN_PIN = _key("SIGNING_TOKEN_PIN", at_least=4) if SIGNING_TOKEN_MODULE else ""
# load_reference makes a signing key of its own in KEY_FOLDER; never outside development.
DEVELOPMENT_SIGNING = DEBUG
# Without a signing key nothing is issued, unless this allows it.
ISSUE_UNSIGNED = env.bool("ISSUE_UNSIGNED", default=False)
# Time stamps on signatures (PAdES B-T) come from here; empty: none.
TSA_URL = env.str("TSA_URL", default="")
# With them, the proof that nothing was revoked (PAdES B-LT), where certificates say who has it.
LONG_TERM_SIGNATURES = env.bool("LONG_TERM_SIGNATURES", default=False)
LONG_TERM_CRLS = env.list("LONG_TERM_CRLS", default=[])

# Who knows it may read /metrics from another machine; empty: only this machine may.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

LOGGING = logging_config(env)
WATCHING = watching_settings(env)
