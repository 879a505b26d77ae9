"""The app as processes of its own, and how to ask it."""

import http.client
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings


def serve_at(workers, environment, folder):
    """Serve by so many processes, which log into ``folder``; (process, port)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "readinggroup.wsgi", "-w", str(workers)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "-b", f"127.0.0.1:{port}"],
            cwd=settings.BASE_DIR,
            env=environment,
            stderr=log,
        )
    return process, port


def wait_for(port):
    """Until the app answers."""
    for _ in range(150):
        try:
            if ask(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app did not begin to serve")


def ask(port, method, path, body=None, headers=None):
    """(status, headers, text) of the answer."""
    there = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    there.request(method, path, body, headers or {})
    response = there.getresponse()
    found = response.status, dict(response.getheaders()), response.read().decode()
    there.close()
    return found
