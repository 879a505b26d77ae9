"""The sample group: what somebody sees who tries the app out."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from papers.management.commands.demo import make_sample
from papers.models import Group, User
from tests.factories import make_group
from tests.pages import text_of

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ada(client, db):
    if not Group.objects.exists():  # tests that run in transactions of their own take it away
        make_group("Reading group")
    make_sample()
    make_sample()  # a second time changes nothing
    client.force_login(User.objects.get(username="ada"))
    return client


def test_the_group_is_lively(ada):
    group = Group.objects.get()
    assert group.memberships.count() == 8
    home = text_of(ada.get(f"/{group.slug}/"))
    assert "Pinned by the organisers" in home
    assert "+1 Grace can present, +1 for Sonia: nothing they voted for came up in the" in home
    assert "Next meeting" in home
    assert "Denoising Diffusion Probabilistic Models Emmy presents" in home
    assert "1 reply or mention for you" in home
    assert "3 new" in home
    assert "Recently discussed Deep Residual Learning" in home


def test_one_meeting_was_held_one_is_to_come_and_one_has_no_date_yet(ada):
    group = Group.objects.get()
    held, scheduled, poll = (
        group.discussions.filter(state=state).latest("pk")
        for state in ("held", "scheduled", "polling")
    )
    assert "Deeper is only better if the identity is easy to learn" in text_of(
        ada.get(held.get_absolute_url())
    )
    assert "4 of 5 seats taken." in text_of(ada.get(scheduled.get_absolute_url()))
    asked = text_of(ada.get(poll.get_absolute_url()))
    assert "3 of the 4 who want it can come; 1 has not answered. Lise can present." in asked
    assert "“Wait for me”: Henri cannot come." in asked
    ada.force_login(User.objects.get(username="emmy"))
    assert "Dates to answer" in text_of(ada.get(f"/{group.slug}/"))


def test_threads_have_math_questions_history_and_a_removed_comment(ada):
    group = Group.objects.get()
    denoising, mamba = (
        ada.get(group.papers.get(title__startswith=title).get_absolute_url())
        for title in ("Denoising", "Mamba")
    )
    assert denoising.text.count("<math") == 3
    assert "Questions for the meeting" in text_of(denoising)
    assert "edited" in text_of(mamba)
    assert "Let us talk about papers, not about people." in text_of(mamba)
    assert "has not read past" not in text_of(mamba)


def run_demo(tmp_path, address):
    """Start ``manage.py demo`` with a database of its own, as ``make demo`` does."""
    environment = os.environ | {"DEBUG": "1", "DATABASE_URL": f"sqlite:///{tmp_path}/demo.sqlite3"}
    environment |= {"DJANGO_SETTINGS_MODULE": "readinggroup.settings"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--address", address],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_on_a_taken_port_the_demo_says_so_and_leaves_nothing_running(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        demo = run_demo(tmp_path, address)
        said, _ = demo.communicate(timeout=60)  # a worker left behind would hold the pipe open
    assert demo.returncode == 1
    assert f"cannot be served at {address}: Address already in use" in said
    assert "--address 127.0.0.1:8001" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["127.0.0.1:http", "127.0.0.1:99999", "no.such.invalid:80"])
def test_an_address_that_is_none_is_refused(tmp_path, address):
    said, _ = run_demo(tmp_path, address).communicate(timeout=60)
    assert f"cannot be served at {address}" in said


def test_a_server_that_ends_by_itself_takes_the_worker_along(monkeypatch, tmp_path):
    """As when the port is taken just after the demo has looked."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code = f"from papers.management.commands.demo import *; serve_with_worker('{address}')"
        code = f"import django; django.setup(); {code}"
        environment = {"DEBUG": "1", "DATABASE_URL": f"sqlite:///{tmp_path}/demo.sqlite3"}
        environment |= {"DJANGO_SETTINGS_MODULE": "readinggroup.settings"}
        ended = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
        )
    assert ended.returncode == 1
    assert "The demo has stopped" in ended.stdout
