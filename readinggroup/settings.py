"""Every setting, from the environment. README.md lists the variables an installation sets.

An error here is an ImproperlyConfigured with one sentence that names the variable.
"""

from pathlib import Path
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # what a default installation writes: the database, nothing else


class Environment(environ.Env):
    """What ``environ`` reads too leniently, or not at all."""

    def switch(self, name, default):
        word = self.str(name, default=str(default)).strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("", "0", "false", "no", "off"):
            return False
        raise ValueError(f"say 1 or 0, not {word!r}")

    def positive_number(self, name, default):
        number = self.int(name, default=default)
        if number < 1:
            raise ValueError(f"{number} is less than 1")
        return number

    def time_zone(self, name, default):
        return ZoneInfo(self.str(name, default=default)).key


env = Environment()
env.read_env(BASE_DIR / ".env")


def read(cast, name, **default):
    """The variable ``name`` through ``cast``, a method of ``env``.

    Raises ImproperlyConfigured with a sentence that names the variable.
    """
    try:
        return getattr(env, cast)(name, **default)
    except (ValueError, KeyError, AttributeError, OSError, ImproperlyConfigured) as error:
        if name not in env.ENVIRON:
            raise
        raise ImproperlyConfigured(
            f"{name} in the environment cannot be read as {cast.replace('_', ' ')}: {error}"
        ) from None


def required(cast, name, why, stand_in):
    """Like ``read``, but outside DEBUG the variable must be there."""
    value = read(cast, name, default=None)
    if value:
        return value
    if not DEBUG:
        raise ImproperlyConfigured(
            f"{name} is not set: {why} (or set DEBUG=1 to try the app out on your own machine)."
        )
    return stand_in


DEBUG = read("switch", "DEBUG", default=False)
SECRET_KEY = required("str", "SECRET_KEY", "give it 50 random characters", "only for development")
ALLOWED_HOSTS = required(
    "list",
    "ALLOWED_HOSTS",
    "name the hosts this installation serves, separated by commas",
    ["localhost", "127.0.0.1", "[::1]", "testserver"],
)
CSRF_TRUSTED_ORIGINS = read("list", "CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "papers.apps.PapersConfig",
    "papers.apps.ReadingGroupAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "readinggroup.urls"
WSGI_APPLICATION = "readinggroup.wsgi.application"

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
            ],
        },
    },
]


def database(url):
    """Django's description of the database at ``url``, with what this project relies on."""
    if not url.startswith(("sqlite:", "postgres:", "postgresql:")):
        raise ImproperlyConfigured(
            "DATABASE_URL names a database this project is not made for: "
            "use sqlite:///path or postgres://user:password@host/name."
        )
    try:
        found = environ.Env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from None
    if found["ENGINE"] == "django.db.backends.sqlite3":
        # A writer takes its lock when the transaction begins, so that it waits (5 s) for another
        # instead of failing half-way; with WAL readers never wait.
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        }
    else:
        found["CONN_MAX_AGE"] = 60
        found["CONN_HEALTH_CHECKS"] = True
    return found


DATABASE_URL = read("str", "DATABASE_URL", default="")
if not DATABASE_URL:
    VAR_DIR.mkdir(exist_ok=True)
    DATABASE_URL = f"sqlite:///{VAR_DIR / 'readinggroup.sqlite3'}"
DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": read("cache_url", "CACHE_URL", default="dbcache://cache")}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
vars().update(read("email_url", "EMAIL_URL", default="consolemail://"))

# To stderr, whatever DEBUG is: what failed, with its traceback, and what our own code tells.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "level": "WARNING"}, "papers": {"level": "INFO"}},
}

AUTH_USER_MODEL = "papers.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = read("time_zone", "TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# The largest listing that may be uploaded or pasted, in bytes.
LISTING_MAX_BYTES = read("positive_number", "LISTING_MAX_BYTES", default=20 * 2**20)
# Twice as much gets as far as the form, which says what is too long without losing a pasted text.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * LISTING_MAX_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
HTTPS = read("switch", "HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
if HTTPS and read("switch", "BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
