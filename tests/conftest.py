"""Shared fixtures, and the skipping of tests without a browser or PostgreSQL."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections

from papers.models import Mail, Notice
from papers.notifications import fan_out
from papers.notifications.outbox import deliver_mail
from tests.environment import POSTGRESQL
from tests.factories import make_group, make_user
from tests.stale_counts import StaleCounts
from tests.stale_entries import StaleEntries

# A strong hash takes a tenth of a second, and almost every test creates users.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RACES = Path(__file__).parent / "concurrency"
NO_POSTGRESQL = "PostgreSQL does not answer (POSTGRESQL_URL says where it is)"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_configure():
    """Where everything must run, a run in which something is missing does not begin."""
    if os.environ.get("REQUIRE_ALL") and (missing := _missing()):
        raise pytest.UsageError(f"{missing}, and here everything must run")


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by marker
def pytest_collection_modifyitems(config, items):
    """Select the tests that use the database if it is PostgreSQL; skip what cannot run."""
    for item in items:
        if item.path.is_relative_to(RACES):
            item.add_marker("race")
    if POSTGRESQL:
        on_database = [item for item in items if _uses_database(item) and not _in_browser(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in on_database])
        items[:] = on_database
    if reason := _missing():
        for item in items if POSTGRESQL else filter(_in_browser, items):
            item.add_marker(pytest.mark.skip(reason=reason))


def _missing():
    """What is not there that tests need, in words."""
    if POSTGRESQL:
        return not _postgresql_answers() and NO_POSTGRESQL
    return not CHROMIUM and "Chromium is not installed"


def _uses_database(item):
    fixtures = {"db", "transactional_db", "live_server", "scratch"}
    return bool(fixtures & set(item.fixturenames)) or item.get_closest_marker("django_db")


def _in_browser(item):
    return item.get_closest_marker("browser") is not None


def _postgresql_answers():
    database = settings.DATABASES["default"]
    try:
        psycopg.connect(
            host=database["HOST"],
            port=database["PORT"] or None,
            user=database["USER"],
            password=database["PASSWORD"],
            dbname=database["NAME"],
            connect_timeout=3,
        ).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory):
    """Give each process its own database; SQLite needs a file, since in memory it has no WAL."""
    file = tmp_path_factory.mktemp("database") / "test.sqlite3"
    name = f"test_readinggroup_{os.getpid()}" if POSTGRESQL else str(file)
    connections["default"].settings_dict["TEST"]["NAME"] = name


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory):
    """The file that ``django_db_setup`` makes for SQLite: a database as its migrations leave it."""
    return tmp_path_factory.mktemp("fresh") / "fresh.sqlite3"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, fresh_database):
    """The test database; a copy of it is for processes that have a database of their own."""
    if not POSTGRESQL:
        with django_db_blocker.unblock(), connections["default"].cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(fresh_database)])


@pytest.fixture
def alice(db):
    """The organiser of the group."""
    return make_user("alice")


@pytest.fixture
def bob(db):
    """A member of the group."""
    return make_user("bob")


@pytest.fixture
def charlie(db):
    """A member of another group only, who must not see this one."""
    charlie = make_user("charlie")
    make_group("Others", members=[charlie])
    return charlie


@pytest.fixture
def group(alice, bob):
    return make_group(organisers=[alice], members=[bob])


@pytest.fixture
def send_mails(db):
    """A function that sends the waiting mails, like a worker."""

    def send_mails():
        for waiting in Mail.objects.filter(state=Mail.State.WAITING).order_by("pk"):
            deliver_mail.func(waiting.pk)

    return send_mails


@pytest.fixture
def tell(mailoutbox, send_mails):
    """A function that sends the mails of all notices, and returns who got which subject."""

    def tell():
        mailoutbox.clear()
        for pk in Notice.objects.filter(told_at=None).values_list("pk", flat=True):
            fan_out.send_notifications.call(pk)
        send_mails()
        return sorted((one.to[0].partition("@")[0], one.subject) for one in mailoutbox)

    return tell


@pytest.fixture(autouse=True)
def reset_attempt_limits(request):
    """Clear the cache, which counts attempts, before each test."""
    if _uses_database(request.node):
        request.getfixturevalue("db" if "db" in request.fixturenames else "transactional_db")
        cache.clear()


@pytest.fixture(autouse=True)
def stale_counts(request, reset_attempt_limits):
    """No test passes in which the app changes papers and not the version they are cached under."""
    if not _uses_database(request.node):
        yield []
        return
    caught = StaleCounts(connection)
    with connection.execute_wrapper(caught):
        yield caught
        caught.settle()
    assert not caught


@pytest.fixture(autouse=True)
def stale_entries(request, reset_attempt_limits):
    """No test passes in which the app changes what calendars or feeds show, and does not say so."""
    if not _uses_database(request.node):
        yield []
        return
    caught = StaleEntries(connection)
    with connection.execute_wrapper(caught):
        yield caught
        caught.settle()
    assert not caught
