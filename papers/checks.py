"""Deployment checks of our own for ``manage.py check --deploy``."""

import sqlite3
from email.utils import parseaddr

from django.conf import settings
from django.core.checks import Tags, Warning, register

# The WAL-reset bug (sqlite.org/wal.html): two connections writing at once can damage the file.
WAL_BUG_SINCE, WAL_BUG_UNTIL = (3, 7, 0), (3, 51, 3)
WAL_BUG_FIXED = {(3, 44): 6, (3, 50): 7}  # older branches, and their first release with the fix

PER_PROCESS_CACHES = {"locmem.LocMemCache", "dummy.DummyCache"}
# Modules of mail backends.
NON_SENDING_BACKENDS = {"console", "filebased", "dummy", "locmem"}


def deploy_warning(number: int, message: str, hint: str) -> Warning:
    return Warning(message, hint=hint, id=f"papers.W{number:03}")


@register(Tags.security, deploy=True)
def check_cache(app_configs, **_):
    """Require a shared cache, which counts the attempts that are limited."""
    backend = settings.CACHES["default"]["BACKEND"]
    if not backend.endswith(tuple(PER_PROCESS_CACHES)):
        return []
    message = "The cache is not shared: limits on attempts hold in each process by itself."
    return [
        deploy_warning(
            1, message, "Leave CACHE_URL unset (the database), or set redis://host:6379/0."
        )
    ]


@register(Tags.security, deploy=True)
def check_sqlite(app_configs, **_):
    """Require settings that let several processes write to SQLite, and a version that is safe."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return []
    options, warnings = database.get("OPTIONS", {}), []
    if "journal_mode=wal" not in options.get("init_command", "").lower().replace(" ", ""):
        hint = "Put PRAGMA journal_mode = WAL into the init_command of DATABASES."
        warnings.append(
            deploy_warning(2, "SQLite is not in WAL mode: readers and writers wait.", hint)
        )
    if str(options.get("transaction_mode")).upper() != "IMMEDIATE":
        message = "Transactions of SQLite do not begin IMMEDIATE: they can fail half-way."
        warnings.append(
            deploy_warning(3, message, "Set transaction_mode to IMMEDIATE in DATABASES.")
        )
    if has_wal_bug(sqlite3.sqlite_version_info):
        message = f"SQLite {sqlite3.sqlite_version} can, rarely, damage the database in WAL mode."
        hint = "pip install pysqlite3, which brings a newer one, or set DATABASE_URL to PostgreSQL."
        warnings.append(deploy_warning(4, message, hint))
    return warnings


def has_wal_bug(version: tuple[int, ...]) -> bool:
    """Whether a ``version`` of SQLite, of three numbers, has the WAL-reset bug."""
    *minor, release = version
    is_mended = release >= WAL_BUG_FIXED.get(tuple(minor), float("inf"))
    return WAL_BUG_SINCE <= version < WAL_BUG_UNTIL and not is_mended


@register(Tags.security, deploy=True)
def check_second_factor(app_configs, **_):
    if settings.REQUIRE_MFA:
        return []
    message = "Superusers and organisers may act without a second factor."
    return [deploy_warning(5, message, "Leave REQUIRE_MFA unset, or set it to 1.")]


@register(Tags.security, deploy=True)
def check_mail(app_configs, **_):
    """Require a mail server, since sign-in codes and address verification need mail."""
    warnings = []
    if settings.EMAIL_BACKEND.split(".")[-2] in NON_SENDING_BACKENDS:
        message = "Mail is not sent: members cannot confirm their address or reset a password."
        hint = "Set EMAIL_URL, for example to smtp+tls://user:password@host:587."
        warnings.append(deploy_warning(6, message, hint))
    if parseaddr(settings.DEFAULT_FROM_EMAIL)[1].endswith("@localhost"):
        hint = "Set EMAIL_FROM, for example to Reading Group <papers@example.org>."
        warnings.append(
            deploy_warning(7, "Mail comes from localhost: others will refuse it.", hint)
        )
    return warnings


@register(Tags.security, deploy=True)
def check_proxy(app_configs, **_):
    """Require the number of proxies, since attempts are counted by client address."""
    if not settings.BEHIND_PROXY or settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0:
        return []
    message = "To limits and logs all clients have the one address of the proxy."
    hint = "Set TRUSTED_PROXY_COUNT to the number of proxies that add to X-Forwarded-For."
    return [deploy_warning(8, message, hint)]


@register(Tags.security, deploy=True)
def check_base_url(app_configs, **_):
    """Require HTTPS in BASE_URL, which links in mails and calendars use.

    Such a link may change something: one of them unsubscribes from mails.
    """
    if not settings.HTTPS or settings.BASE_URL.startswith("https://"):
        return []
    message = "Links in mails and calendars lead to a page without HTTPS."
    return [deploy_warning(9, message, "Set BASE_URL, for example to https://reading.example.org.")]
