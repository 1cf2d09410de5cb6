"""Settings, read from the environment (`contract.md`, Environment); safe where nothing is set.

`manage.py quickstart` writes a `.env` with only what a local try needs; the tests have `tests/settings.py`.
"""

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Give it a long random value in the environment or in .env; "
        "to try nkwatch on this machine, run `uv run manage.py quickstart`, which makes one."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]

FOUR_EYES = env.bool("FOUR_EYES", default=True)

INSTALLED_APPS = [
    "nkwatch.site",
    "missions",
    "sources",
    "nkwatch.editorial",
    "simple_history",
    "import_export",
    "rest_framework",
    "corsheaders",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "django_tasks",
    "django_tasks_db",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages hold no secret but the CSRF token, which Django masks anew each time; beside that this middleware
    # pads what it compresses by a random length, so that nobody guesses from lengths (BREACH).
    "nkwatch.editorial.middleware.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "nkwatch.editorial.middleware.DeskMethodsMiddleware",
    "nkwatch.editorial.middleware.DoorMiddleware",
    "nkwatch.editorial.api.throttles.LimitHeadersMiddleware",
]

ROOT_URLCONF = "nkwatch.urls"
WSGI_APPLICATION = "nkwatch.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "nkwatch.site.context.site",
            ],
            "builtins": ["nkwatch.editorial.templatetags.editorial"],
        },
    },
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}"),
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers go on while an editor writes; IMMEDIATE makes a second writer wait its turn
    # at BEGIN, where SQLite's time-out applies, and not fail when its first write comes.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# What a sheet may hold (event-sheet.md, "Decisions on hard cases").
SHEET_LIMITS = {
    "bytes": 50_000_000,
    "rows": 200_000,
    "columns": 200,
    "cells": 4_000_000,
    "cell": 32_767,
    "characters": 50_000_000,
    "sheets": 50,
    # What a workbook's archive may hold: its parts, and what they unpack to, also as a multiple of the file.
    "members": 1_000,
    "unpacked_bytes": 500_000_000,
    "ratio": 200,
    # What the process that reads it may take: bytes of memory, seconds.
    "memory": 280_000_000,
    "seconds": 120,
}

# Imports of more rows than this are handed to a worker, where there is one (event-sheet.md, point 5).
IMPORT_INLINE_ROWS = env.int("IMPORT_INLINE_ROWS", default=500)
# So many rows at most are tried, for one page of a preview, to show what readers would see change.
IMPORT_EFFECT_ROWS = env.int("IMPORT_EFFECT_ROWS", default=200)
# A worker that gave no sign for so long is asked after: it stopped unless it still holds its transaction.
IMPORT_SILENT_SECONDS = env.int("IMPORT_SILENT_SECONDS", default=60)
# Uploads go after a day while nothing came of them; those behind written records stay a month, for whoever
# reviews what they brought, or takes it back.
UPLOADS_KEPT_HOURS = {"unwritten": 24, "written": 720}

# What may be pasted of a report: characters, elements of its HTML, how deep they stand in each other, and how
# many characters of its text are compared and kept.
PASTE_LIMITS = {"characters": 1_000_000, "elements": 10_000, "depth": 250, "text": 200_000}
# What one form may send: a page's HTML in any script, four bytes a character, and the fields of many cards.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
# How many cards of one kind a report may have.
REPORT_MOST_CARDS = 20

# How many suggestions of readers are taken from one network address within an hour.
SUGGESTIONS_AN_HOUR = env.int("SUGGESTIONS_AN_HOUR", default=5)

TASK_BACKENDS = {
    "inline": "django_tasks.backends.immediate.ImmediateBackend",
    "worker": "django_tasks_db.DatabaseBackend",
}
if (where := env.str("TASKS", default="inline")) not in TASK_BACKENDS:
    raise ImproperlyConfigured(f"TASKS is “{where}”; it takes inline or worker.")
TASKS = {"default": {"BACKEND": TASK_BACKENDS[where]}}

# Everything that readers see is marked for translation. A second language has a catalogue in nkwatch/locale, is named
# here, and then takes django.middleware.locale.LocaleMiddleware to be chosen.
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
LOCALE_PATHS = [BASE_DIR / "nkwatch" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = env.path("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "nkwatch" / "static"]
MEDIA_ROOT = env.path("MEDIA_ROOT", default=str(BASE_DIR / "media"))
# Captured copies of sources stand apart from whatever else is uploaded: nothing serves this folder.
PRIVATE_ROOT = env.path("PRIVATE_ROOT", default=str(BASE_DIR / "private"))
# What a captured copy may be: bytes of a file, how many a source may have; of a web page, how many bytes are read
# for its words, and how many characters of these are kept.
CAPTURED_COPY_LIMITS = {
    "bytes": 25_000_000,
    "of_one_source": 20,
    "read_for_text": 4_000_000,
    "characters": 500_000,
}
# How far an import is, and whether it is to stop, is told outside of its transaction, and between processes:
# on one machine through files that only nkwatch may read, on several through a cache that they share.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "progress": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": f"{MEDIA_ROOT}-progress",
    },
}
if env.str("CACHE_URL", default=""):
    CACHES = dict.fromkeys(CACHES, env.cache_url("CACHE_URL"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": str(PRIVATE_ROOT),
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "nkwatch.site.static_files.StaticFiles"
    },
}

# The pages' rule (`pages.md`, section 0): nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "script-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": [],
    "geolocation": [],
    "microphone": [],
    "payment": [],
    "usb": [],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("HTTPS", default=not DEBUG):
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# How many requests a minute the API takes from one address, and by one token; 0 is no limit.
API_LIMITS = {
    "address": env.int("API_REQUESTS_PER_ADDRESS", default=6_000),
    "token": env.int("API_REQUESTS_PER_TOKEN", default=600),
}
# The API: JSON only; anybody reads what is public, and tokens do what their owners may (contract.md, API v1).
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["nkwatch.editorial.api.parsing.PlainJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "nkwatch.editorial.api.negotiation.FirstRenderer",
    "DEFAULT_AUTHENTICATION_CLASSES": ["nkwatch.editorial.api.tokens.TokenAuthentication"],
    "DEFAULT_THROTTLE_CLASSES": [
        "nkwatch.editorial.api.throttles.AddressThrottle",
        "nkwatch.editorial.api.throttles.TokenThrottle",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "nkwatch.editorial.api.paging.Paging",
    "DEFAULT_SCHEMA_CLASS": "nkwatch.editorial.api.schema.Schema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_HANDLER_CLASS": "nkwatch.editorial.api.errors.ErrorsInOneForm"}
# Pages of other sites may read the API as anybody may, and no more: no cookie goes along, and no token.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_ALL_ORIGINS = True
CORS_ALLOW_METHODS = ("GET", "HEAD", "OPTIONS")
CORS_ALLOW_HEADERS = ("accept", "if-modified-since", "if-none-match")
CORS_EXPOSE_HEADERS = (
    *("ETag", "Last-Modified", "Next-Since"),
    *("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"),
)
SPECTACULAR_SETTINGS = {
    "TITLE": "nkwatch",
    "DESCRIPTION": "North Korea's diplomatic missions: what was said of each, by whom, printed where. "
    "How to begin, and what version 1 promises: [/api/](/api/).",
    "TAGS": [
        {"name": "missions", "description": "Embassies and other missions, and where each stands."},
        {"name": "events", "description": "Dated steps in the lives of missions."},
        {"name": "sources", "description": "Published items, and what each says of others."},
        {"name": "quotes", "description": "Statements, each with its speaker and its carriers."},
        {"name": "actors", "description": "Who speaks and publishes."},
        {"name": "figures", "description": "Numbers that somebody gave, held against the record."},
        {"name": "reasons", "description": "Explanations that somebody gave for closures."},
        {"name": "countries", "description": "Countries and territories."},
        {"name": "find", "description": "Is this address known, and whom may a name mean?"},
        {"name": "reports", "description": "A report whole, in one call."},
        {"name": "desk", "description": "What the desk has, drafts and all, for tokens."},
        {"name": "imports", "description": "Sheets: upload, preview, confirmation, undo."},
    ],
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"validatorUrl": None, "deepLinking": True, "docExpansion": "none"},
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "ActorKindEnum": "sources.models.vocabulary.ActorKind",
        "CapacityEnum": "sources.models.vocabulary.Capacity",
        "SourceKindEnum": "sources.models.vocabulary.SourceKind",
        "TranslatedByEnum": "sources.models.vocabulary.TranslatedBy",
        "MissionKindEnum": "missions.models.vocabulary.MissionKind",
        "StageEnum": "missions.models.vocabulary.Stage",
        "StatusEnum": "missions.models.vocabulary.Status",
        "SupportLevelEnum": "missions.models.vocabulary.SupportLevel",
        "MetricEnum": "missions.models.vocabulary.Metric",
        "SheetKindEnum": "missions.importing.imports.KINDS",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
