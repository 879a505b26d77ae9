"""An import killed at any moment goes on where it was, and ends in the same papers."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.db import connection

from papers.models import Listing, ListingEntry, Paper
from tests.factories import make_group
from tests.importing.texts import many

NUMBER = 4000
WHAT_MATTERS = ("identity", "title", "abstract", "upvotes", "author_count", "captured_on")


@pytest.fixture
def run(transactional_db, tmp_path):
    """A function that starts ``manage.py import_listing`` for a group, as a process of its own."""
    file = tmp_path / "listing.txt"
    file.write_bytes(many(NUMBER))
    environment = os.environ | {"DATABASE_URL": _url(connection.settings_dict)}

    def run(slug):
        command = [sys.executable, "manage.py", "import_listing", str(file), "--group", slug]
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


def kill_when(process, condition):
    """SIGKILL the process as soon as ``condition`` holds; False where it ended before."""
    while process.poll() is None:
        if condition():
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.005)
    return False


def rows(group):
    return sorted(Paper.objects.in_group(group).values_list(*WHAT_MATTERS))


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_it_ends_in_the_same_papers(run):
    whole, killed = make_group("Whole"), make_group("Killed")
    assert run("whole").wait() == 0
    assert whole.papers.count() == NUMBER

    entries = ListingEntry.objects.filter(listing__group=killed)
    moments = [
        lambda: Listing.objects.filter(group=killed).exists(),  # kept, not staged
        lambda: entries.exists(),  # staged
        lambda: killed.papers.exists(),  # after the first batch
        lambda: killed.papers.count() > NUMBER // 2,
    ]
    assert sum(kill_when(run("killed"), moment) for moment in moments) >= 3
    assert killed.papers.count() < NUMBER

    last = run("killed")
    assert "created" in last.communicate()[0]
    assert last.returncode == 0
    assert rows(killed) == rows(whole)
    listing = Listing.objects.get(group=killed)
    assert listing.state == "applied"
    assert listing.entries.filter(outcome="created").count() == NUMBER
    assert len(listing.raw_bytes) == len(many(NUMBER))
