"""``manage.py import_listing``, in this process and as one of its own."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from papers.models import Listing, Paper
from tests.importing.texts import BROKEN, SORTING, TIDES, listing


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "page.txt"
    file.write_bytes(listing(TIDES, BROKEN, SORTING))
    return str(file)


def run(file, **options):
    out = io.StringIO()
    call_command("import_listing", file, **{"captured_on": "2025-11-26"} | options, stdout=out)
    return out.getvalue()


def test_it_imports_and_says_what_came_of_it(file, group):
    out = run(file, group=group.slug)

    assert "2 entries, 1 problems" in out
    assert "line 2: " in out
    assert "2 created, 0 updated, 0 unchanged, 0 left out" in out
    assert group.papers.count() == 2


def test_a_second_time_all_is_unchanged(file, group):
    run(file, group=group.slug)
    out = json.loads(run(file, group=group.slug, json=True))

    assert out["result"] == {"created": 0, "updated": 0, "unchanged": 2, "left_out": 0}
    assert Listing.objects.count() == 2


def test_json_has_every_entry_and_every_problem(file, group):
    out = json.loads(run(file, group=group.slug, json=True))

    first = out["entries"][0]
    assert 0 < first.pop("confidence") <= 1
    assert first == {
        "line": 1,
        "title": "Tides Under the Ice of Small Moons",
        "abstract": "We show that the shells of small moons bend enough to keep an ocean warm.",
        "upvotes": 12,
        "author_count": 3,
        "published_on": "2025-11-04",
        "year_inferred": True,
        "comment_count": 2,
    }
    (problem,) = out["problems"]
    assert problem["line"] == 2
    assert problem["reason"]
    assert "Thirtieth" in problem["excerpt"]
    assert out["result"]["created"] == 2


def test_a_dry_run_needs_no_database(file):
    out = json.loads(run(file, dry_run=True, json=True))

    assert len(out["entries"]) == 2
    assert out["result"] is None


def test_standard_input_is_read(group, monkeypatch):
    raw = io.BytesIO(listing(TIDES))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=raw))
    run("-", group=group.slug)

    assert group.papers.count() == 1


def test_what_a_killed_run_left_is_gone_on_with(file, group, monkeypatch):
    monkeypatch.setattr("papers.services.importing.run_batches", lambda **options: None)
    run(file, group=group.slug)
    assert not group.papers.exists()
    monkeypatch.undo()

    run(file, group=group.slug)
    assert group.papers.count() == 2
    assert Listing.objects.get().state == "applied"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"captured_on": None}, "--captured-on is missing"),
        ({"captured_on": "26.11.2025"}, "is no date"),
        ({"captured_on": str(timezone.localdate() + timedelta(2))}, "is in the future"),
        ({"group": None}, "--group is missing"),
        ({"group": "nobody"}, "There is no group 'nobody'; the groups are:"),
    ],
)
def test_wrong_options_are_said(file, group, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        run(file, **{"group": group.slug} | options)
    assert not Paper.objects.exists()


def test_a_file_that_is_not_there_is_said(group):
    with pytest.raises(CommandError, match="cannot be read"):
        run("/no/such/file", group=group.slug)


def in_a_process(*arguments, stdin=b"", **environment):
    return subprocess.run(
        [sys.executable, "manage.py", "import_listing", *arguments],
        cwd=settings.BASE_DIR,
        input=stdin,
        capture_output=True,
        env=os.environ | environment,
        check=False,
    )


def test_the_status_of_a_dry_run_without_a_database_is_0(tmp_path):
    done = in_a_process(
        *["-", "--captured-on", "2025-11-26", "--dry-run", "--json"],
        stdin=listing(TIDES),
        DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing",
    )

    assert done.returncode == 0
    assert done.stderr == b""
    assert len(json.loads(done.stdout)["entries"]) == 1


@pytest.mark.parametrize("raw", [b"", b"%PDF-1.4", b"<html>", b"a letter", b"\x00\x01" * 99])
def test_what_is_no_listing_is_one_line_and_status_1(raw):
    done = in_a_process("-", "--captured-on", "2025-11-26", "--dry-run", stdin=raw)

    assert done.returncode == 1
    assert done.stdout == b""
    assert len(done.stderr.strip().splitlines()) == 1
