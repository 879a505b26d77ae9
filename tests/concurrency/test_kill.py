"""An import killed at any moment goes on where it was, and ends in the same papers."""

import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from papers.models import Listing, ListingEntry, Paper
from papers.services.importing.applying import BATCH_SIZE
from tests.factories import make_group
from tests.importing.texts import many

NUMBER = 4000
WHAT_MATTERS = ("identity", "title", "abstract", "upvotes", "author_count", "captured_on")
# manage.py, which says so and waits when it has run a statement of a kind so many times.
HELD = """
import sys, time
import django
django.setup()
from django.core.management import execute_from_command_line
from django.db import connection
kind, left = sys.argv.pop(1), int(sys.argv.pop(1))
def hold(execute, sql, *arguments):
    global left
    result = execute(sql, *arguments)
    left -= sql.replace('"', "").startswith(kind)
    if not left:
        print("held", flush=True)
        time.sleep(120)
    return result
with connection.execute_wrapper(hold):
    execute_from_command_line(sys.argv)
"""


@pytest.fixture
def run(transactional_db, tmp_path):
    """A function that starts ``import_listing`` for a group, as a process of its own.

    ``held_at``: (the beginning of a statement without its quotes, after how many of them it waits).
    """
    file = tmp_path / "listing.txt"
    file.write_bytes(many(NUMBER))
    environment = os.environ | {
        "DATABASE_URL": _url(connection.settings_dict),
        "DJANGO_SETTINGS_MODULE": "readinggroup.settings",
    }

    def run(slug, held_at=None):
        script = ["-c", HELD, *map(str, held_at)] if held_at else ["manage.py"]
        command = [sys.executable, *script, "import_listing", str(file), "--group", slug]
        return subprocess.Popen(
            [*command, "--captured-on", "2025-11-26"],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )

    return run


def _url(database):
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = f"{database['USER']}:{database['PASSWORD']}@" if database["USER"] else ""
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{user}{database['HOST']}{port}/{database['NAME']}"


def kill_at(process):
    """SIGKILL a process that is held where it is to be killed."""
    assert process.stdout.readline() == "held\n"
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def rows(group):
    return sorted(Paper.objects.in_group(group).values_list(*WHAT_MATTERS))


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_it_ends_in_the_same_papers(run):
    whole, killed = make_group("Whole"), make_group("Killed")
    assert run("whole").wait() == 0
    assert whole.papers.count() == NUMBER

    def is_left():
        """(listings, entries, papers) that the last kill has left."""
        entries = ListingEntry.objects.filter(listing__group=killed)
        return killed.listings.count(), entries.count(), killed.papers.count()

    # Each in the middle of a transaction, of which nothing is left.
    kill_at(run("killed", ("INSERT INTO papers_listingentry ", 1)))
    assert is_left() == (1, 0, 0)  # kept, not staged
    kill_at(run("killed", ("INSERT INTO papers_paper ", 1)))
    assert is_left() == (1, NUMBER, 0)  # staged
    end_of_a_batch = "UPDATE papers_listing SET worked_at"
    kill_at(run("killed", (end_of_a_batch, 2)))
    assert is_left() == (1, NUMBER, BATCH_SIZE)  # after the first batch
    kill_at(run("killed", (end_of_a_batch, 3)))
    assert is_left() == (1, NUMBER, 3 * BATCH_SIZE)  # amid the last

    last = run("killed")
    assert "created" in last.communicate()[0]
    assert last.returncode == 0
    assert rows(killed) == rows(whole)
    listing = Listing.objects.get(group=killed)
    assert listing.state == "applied"
    assert listing.entries.filter(outcome="created").count() == NUMBER
    assert len(listing.raw_bytes) == len(many(NUMBER))
