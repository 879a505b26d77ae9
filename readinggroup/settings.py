"""Django settings, read from the environment. README.md lists the variables.

An error is an ImproperlyConfigured with one sentence that names the variable.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

PACKAGE_DIR = Path(__file__).resolve().parent
# A wheel has the templates inside this package, a checkout beside it.
IS_INSTALLED = (PACKAGE_DIR / "templates").is_dir()
TEMPLATES_DIR = (PACKAGE_DIR if IS_INSTALLED else PACKAGE_DIR.parent) / "templates"
# The folder of .env, var/ and staticfiles/: the checkout or, if installed, the current directory.
BASE_DIR = Path.cwd() if IS_INSTALLED else PACKAGE_DIR.parent
VAR_DIR = BASE_DIR / "var"  # written by a default installation: the database and nothing else


class Environment(environ.Env):
    """Reads the kinds of values that ``environ`` reads too leniently or not at all."""

    def switch(self, name: str, default: bool) -> bool:
        word = self.str(name, default=str(default)).strip().lower()
        if word in ("1", "true", "yes", "on"):
            return True
        if word in ("", "0", "false", "no", "off"):
            return False
        raise ValueError(f"say 1 or 0, not {word!r}")

    def positive_number(self, name: str, default: int) -> int:
        number = self.int(name, default=default)
        if number < 1:
            raise ValueError(f"{number} is less than 1")
        return number

    def time_zone(self, name: str, default: str) -> str:
        return ZoneInfo(self.str(name, default=default)).key


env = Environment()
env.read_env(BASE_DIR / ".env")


def read_variable(cast: str, name: str, **default: Any) -> Any:
    """The variable ``name``, read by the method ``cast`` of ``env``.

    Raises ImproperlyConfigured if it cannot be read.
    """
    try:
        return getattr(env, cast)(name, **default)
    except (ValueError, KeyError, AttributeError, OSError, ImproperlyConfigured) as error:
        if name not in env.ENVIRON:
            raise
        raise ImproperlyConfigured(
            f"{name} in the environment cannot be read as {cast.replace('_', ' ')}: {error}"
        ) from None


def required_variable(cast: str, name: str, why: str, stand_in: Any) -> Any:
    """Like ``read_variable``, but the variable is required unless DEBUG is on.

    With DEBUG, ``stand_in`` is its default. ``why`` is a part of the error message.
    """
    value = read_variable(cast, name, default=None)
    if value:
        return value
    if not DEBUG:
        raise ImproperlyConfigured(
            f"{name} is not set: {why} (or set DEBUG=1 to try the app out on your own machine)."
        )
    return stand_in


DEBUG = read_variable("switch", "DEBUG", default=False)
SECRET_KEY = required_variable(
    "str", "SECRET_KEY", "give it 50 random characters", "only for development"
)
# Older keys, which still decrypt what was encrypted with them.
SECRET_KEY_FALLBACKS = read_variable("list", "SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = required_variable(
    "list",
    "ALLOWED_HOSTS",
    "name the hosts this installation serves, separated by commas",
    ["localhost", "127.0.0.1", "[::1]", "testserver"],
)
CSRF_TRUSTED_ORIGINS = read_variable("list", "CSRF_TRUSTED_ORIGINS", default=[])
# The base of links in mails and calendars, which are made outside requests.
BASE_URL = read_variable("str", "BASE_URL", default="").rstrip("/")
if not BASE_URL:
    BASE_URL = "http://127.0.0.1:8000" if DEBUG else f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
if not re.fullmatch(r"https?://([\w.-]+|\[[0-9a-f:.]+\])(:\d+)?(/[\w./~-]*)?", BASE_URL, re.I):
    raise ImproperlyConfigured(
        f"BASE_URL is to be the address of this installation, not {BASE_URL!r}: set it in the "
        "environment, to https://papers.example.org, say. Unset, it follows the first of "
        "ALLOWED_HOSTS."
    )

INSTALLED_APPS = [
    "papers.apps.PapersConfig",
    "papers.apps.ReadingGroupAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.forms",  # for its templates, which our form renderer uses
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "papers.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "papers.middleware.security_headers",
    "papers.middleware.request_limits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "papers.form_addresses.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "papers.middleware.require_second_factor",
    "papers.middleware.user_time_zone",
    "papers.middleware.former_addresses",
    "papers.form_addresses.not_a_page",
]
if DEBUG:
    MIDDLEWARE += ["papers.middleware.not_found"]

ROOT_URLCONF = "readinggroup.urls"
WSGI_APPLICATION = "readinggroup.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [TEMPLATES_DIR],
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
FORM_RENDERER = "papers.forms.rendering.FormRenderer"


def database_config(url: str) -> dict[str, Any]:
    """The entry of DATABASES for ``url``, with the options that this project relies on."""
    if not url.startswith(("sqlite:", "postgres:", "postgresql:")):
        raise ImproperlyConfigured(
            "DATABASE_URL names a database this project is not made for: "
            "use sqlite:///path or postgres://user:password@host/name."
        )
    try:
        config = environ.Env.db_url_config(url)
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}.") from None
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # A writer takes its lock when the transaction begins, so that it waits up to 20 s for
        # another writer instead of failing half-way. With WAL, readers never wait.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;",
        }
    else:
        config["CONN_MAX_AGE"] = 60
        config["CONN_HEALTH_CHECKS"] = True
    return config


DATABASE_URL = read_variable("str", "DATABASE_URL", default="")
if not DATABASE_URL:
    try:
        VAR_DIR.mkdir(exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL is not set, and the default folder cannot be made: {error}"
        ) from None
    DATABASE_URL = f"sqlite:///{VAR_DIR / 'readinggroup.sqlite3'}"
DATABASES = {"default": database_config(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Limits on attempts are counted in the cache, so all processes must share it. The one in the
# database is large enough that nobody can evict the counts.
CACHES = {"default": read_variable("cache_url", "CACHE_URL", default="dbcache://cache")}
if CACHES["default"]["BACKEND"] == "django.core.cache.backends.db.DatabaseCache":
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 50_000}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
# With DEBUG, mails go to a folder, and /demo/outbox/ shows them.
OUTBOX_DIR = VAR_DIR / "outbox"
vars().update(read_variable("email_url", "EMAIL_URL", default="consolemail://"))
if DEBUG and "EMAIL_URL" not in env.ENVIRON:
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", OUTBOX_DIR
EMAIL_TIMEOUT = 30  # seconds; a silent server must not block a worker forever
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read_variable(
    "str", "EMAIL_FROM", default="Reading Group <reading-group@localhost>"
)

# Logs go to stderr, with or without DEBUG: failures with tracebacks, and messages of our own.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "readinggroup.logs.RequestFilter"}},
    "formatters": {
        "line": {"()": "readinggroup.logs.LineFormatter"},
        "json": {"()": "readinggroup.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if DEBUG else "json",
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # papers.security_log logs the refusals
        "papers": {"level": "INFO"},
    },
}

AUTH_USER_MODEL = "papers.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"

# Accounts: an e-mail address with a password, a passkey or a mailed code.
ACCOUNT_ADAPTER = "papers.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "papers.forms.SignupForm",
    "request_login_code": "papers.forms.LoginCodeForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 10 * 60  # seconds
ACCOUNT_CHANGE_EMAIL = True  # one address per account; a new one counts once verified
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60  # seconds
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # of this session; all others end
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = read_variable("int", "TRUSTED_PROXY_COUNT", default=0)

# Second factors: an authenticator app or a passkey, and recovery codes.
MFA_ADAPTER = "papers.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Reading Group"
MFA_TOTP_TOLERANCE = 0  # a code is valid no longer than it is remembered as used
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
# Whether superusers and organisers need a second factor.
REQUIRE_MFA = read_variable("switch", "REQUIRE_MFA", default=not DEBUG)

# Sign-in through another site, if all four are set.
OIDC = {
    name: read_variable("str", f"OIDC_{name.upper()}", default="")
    for name in ("name", "server_url", "client_id", "secret")
}
if all(OIDC.values()):
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_ADAPTER = "papers.accounts.SocialAccountAdapter"
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            # An account there with the same, verified address opens the account here.
            "EMAIL_AUTHENTICATION": True,
            "EMAIL_AUTHENTICATION_AUTO_CONNECT": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": OIDC["name"],
                    "client_id": OIDC["client_id"],
                    "secret": OIDC["secret"],
                    "settings": {"server_url": OIDC["server_url"]},
                }
            ],
        }
    }
elif any(OIDC.values()):
    missing = ", ".join(f"OIDC_{name.upper()}" for name, value in OIDC.items() if not value)
    raise ImproperlyConfigured(f"OIDC_* in the environment is incomplete: {missing} is not set.")

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "readinggroup.formats"
TIME_ZONE = read_variable("time_zone", "TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = False

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Bytes of the largest listing that may be uploaded or pasted.
LISTING_MAX_BYTES = read_variable("positive_number", "LISTING_MAX_BYTES", default=20 * 2**20)
# The form accepts twice as much, so that it can report the size without losing a pasted text.
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
# Bytes that any other form may send.
FORM_MAX_BYTES = 2**20

if all(OIDC.values()):  # the sign-in form redirects to that site
    oidc_origin = "{0.scheme}://{0.netloc}".format(urlsplit(OIDC["server_url"]))
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append(oidc_origin)
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
HTTPS = read_variable("switch", "HTTPS", default=not DEBUG)
BEHIND_PROXY = read_variable("switch", "BEHIND_PROXY", default=False)
if HTTPS:
    # The prefix binds the cookies to this host, so that no sibling domain can set them.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = read_variable("int", "HSTS_SECONDS", default=365 * 86400)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # HSTS preloading is a decision for the owner of the domain, not for one host.
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
