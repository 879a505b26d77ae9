"""Shared fixtures of the concurrency tests."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from tests.concurrency.test_kill import _url
from tests.smtp import Server


@pytest.fixture
def server():
    """A mail server for this test."""
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def manage(server):
    """A function that starts a command of manage.py in a separate process."""
    environment = os.environ | {
        "DATABASE_URL": _url(connection.settings_dict),
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
    }
    started = []

    def start(*command, stderr=subprocess.DEVNULL):
        process = subprocess.Popen(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=environment,
            stderr=stderr,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def worker(manage):
    """A function that starts ``manage.py work``."""
    return lambda **how: manage("work", "--interval", "0.01", **how)
