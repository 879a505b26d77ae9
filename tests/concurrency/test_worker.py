"""A worker that is told to stop, in the middle of whatever it does, or loses its database."""

import signal
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from papers.models import Mail
from papers.notifications import outbox
from tests.concurrency.together import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def slow_commits():
    """Every commit of a change to a task takes two seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION take_two_seconds() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END'"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER take_two_seconds AFTER UPDATE "
            f"ON {DBTaskResult._meta.db_table} "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION take_two_seconds()"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION take_two_seconds CASCADE")


def changes_a_task():
    """Whether somebody commits, so long that it is a slow commit: the worker takes up a task."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active' "
            "AND clock_timestamp() - query_start > interval '0.5 seconds'"
        )
        return cursor.fetchone() is not None


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL alone")
def test_told_to_stop_amid_a_commit_it_ends_in_order(slow_commits, worker):
    outbox.queue_mail(to="ada@example.org", subject="Hello", text="Hello.")
    process = worker()
    wait_until(changes_a_task)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    assert Mail.objects.get().state == "sent"  # what it had taken up it finished


@contextmanager
def database_away():
    """For others the database is not there: PostgreSQL lets nobody in, SQLite finds no table."""
    if connection.vendor == "postgresql":
        with _administration() as administer:
            name = connection.settings_dict["NAME"]
            administer(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            try:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                yield
            finally:
                administer(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        return
    table = DBTaskResult._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE away RENAME TO {table}")


@contextmanager
def _administration():
    """A function that executes a statement from outside of the tests' database."""
    given = connection.get_connection_params()
    given = {key: given[key] for key in ("host", "port", "user", "password") if key in given}
    with psycopg.connect(**given, dbname="postgres", autocommit=True) as outside:
        yield outside.execute


def is_sent(queued):
    return lambda: Mail.objects.get(pk=queued.pk).state == "sent"


@pytest.fixture
def working(worker, tmp_path):
    """A worker that has worked already, and a function that says what it has logged."""
    file = tmp_path / "worker.log"
    with file.open("wb") as stderr:
        process = worker(stderr=stderr)
    wait_until(is_sent(outbox.queue_mail(to="ada@example.org", subject="Hello", text="Hello.")))
    return process, file.read_text


def test_where_the_database_is_away_it_waits_and_goes_on(working):
    process, logged = working
    with database_away():
        wait_until(lambda: logged().count("the database is away") >= 3)
        assert process.poll() is None
    later = outbox.queue_mail(to="ada@example.org", subject="Again", text="Hello.")
    wait_until(is_sent(later))
    with database_away():  # and again
        wait_until(lambda: logged().count("the database is away") >= 6)
    wait_until(is_sent(outbox.queue_mail(to="ada@example.org", subject="Once more", text="Hello.")))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def test_it_may_start_before_its_database(worker, tmp_path):
    file = tmp_path / "worker.log"
    with file.open("wb") as stderr, database_away():
        process = worker(stderr=stderr)
        wait_until(lambda: "the database is away" in file.read_text())
    wait_until(is_sent(outbox.queue_mail(to="ada@example.org", subject="Hello", text="Hello.")))
    assert process.poll() is None


def test_told_to_stop_while_the_database_is_away_it_ends_in_order(working):
    process, logged = working
    with database_away():
        wait_until(lambda: "the database is away" in logged())
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
