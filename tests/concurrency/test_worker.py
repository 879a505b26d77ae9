"""A worker that is told to stop, in the middle of whatever it does."""

import signal

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
