"""What ``check --deploy`` says of an installation."""

import sqlite3
from secrets import token_urlsafe

import pytest
from django.conf import settings as configured
from django.core.checks import Tags, run_checks

from papers import checks
from tests.test_settings import check, start

PRODUCTION = {
    "SECRET_KEY": token_urlsafe(50),
    "ALLOWED_HOSTS": "reading.example.org",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "EMAIL_FROM": "Reading Group <papers@example.org>",
    "BEHIND_PROXY": "1",
    "TRUSTED_PROXY_COUNT": "1",
}


OPTIONS = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode = WAL;"}


def use_database(monkeypatch, engine="sqlite3", **options):
    described = {"ENGINE": f"django.db.backends.{engine}", "OPTIONS": OPTIONS | options}
    monkeypatch.setitem(configured.DATABASES, "default", described)


@pytest.fixture
def good(settings, monkeypatch):
    """An installation with nothing to warn of."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
    settings.REQUIRE_MFA = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = PRODUCTION["EMAIL_FROM"]
    use_database(monkeypatch)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 51, 3))
    return settings


def warned():
    found = run_checks(tags=[Tags.security], include_deployment_checks=True)
    assert all(warning.hint for warning in found if warning.id.startswith("papers."))
    return [warning.id for warning in found if warning.id.startswith("papers.")]


def test_of_a_good_installation_nothing_is_said(good):
    assert warned() == []


@pytest.mark.skipif(
    checks.has_wal_bug(sqlite3.sqlite_version_info),
    reason="the SQLite here is one that is warned of",
)
def test_a_good_environment_passes_without_a_word():
    done = start("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_a_plain_check_says_nothing_of_deploying():
    assert "papers.W" not in check(DEBUG="1").stderr


@pytest.mark.parametrize("backend", ["locmem.LocMemCache", "dummy.DummyCache"])
def test_a_cache_of_one_process(good, backend):
    good.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}"}}

    assert warned() == ["papers.W001"]


@pytest.mark.parametrize("command", ["", "PRAGMA journal_mode = DELETE;"])
def test_sqlite_without_wal(good, monkeypatch, command):
    use_database(monkeypatch, init_command=command)

    assert warned() == ["papers.W002"]


@pytest.mark.parametrize("mode", [None, "DEFERRED"])
def test_sqlite_whose_transactions_do_not_lock_at_once(good, monkeypatch, mode):
    use_database(monkeypatch, transaction_mode=mode)

    assert warned() == ["papers.W003"]


@pytest.mark.parametrize(
    ("version", "ids"),
    [((3, 6, 23), []), ((3, 7, 0), ["papers.W004"]), ((3, 40, 1), ["papers.W004"])]
    + [((3, 44, 5), ["papers.W004"]), ((3, 44, 6), []), ((3, 50, 6), ["papers.W004"])]
    + [((3, 50, 7), []), ((3, 51, 2), ["papers.W004"]), ((3, 51, 3), []), ((3, 53, 4), [])],
)
def test_sqlite_that_can_damage_the_database(good, monkeypatch, version, ids):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)

    assert warned() == ids


def test_postgresql_has_none_of_this(good, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    use_database(monkeypatch, "postgresql")

    assert warned() == []


def test_no_second_factor(good):
    good.REQUIRE_MFA = False

    assert warned() == ["papers.W005"]


@pytest.mark.parametrize("backend", ["console", "filebased", "dummy", "locmem"])
def test_mail_that_goes_nowhere(good, backend):
    good.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"

    assert warned() == ["papers.W006"]


@pytest.mark.parametrize("address", ["papers@localhost", "Papers <papers@localhost>"])
def test_mail_from_localhost(good, address):
    good.DEFAULT_FROM_EMAIL = address

    assert warned() == ["papers.W007"]


def test_a_proxy_that_hides_who_comes(good):
    good.BEHIND_PROXY, good.ALLAUTH_TRUSTED_PROXY_COUNT = True, 0
    assert warned() == ["papers.W008"]
    good.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert warned() == []


def test_links_in_mails_that_lead_to_no_https(good):
    good.HTTPS, good.BASE_URL = True, "http://reading.example.org"
    assert warned() == ["papers.W009"]
    good.BASE_URL = "https://reading.example.org"
    assert warned() == []
