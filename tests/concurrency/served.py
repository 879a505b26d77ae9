"""The app in separate processes, and requests to it."""

import http.client
import socket
import subprocess
import sys
import time

import pytest
from django.conf import settings


def serve_at(workers, environment, folder):
    """Serve the app with so many ``workers``, which log into ``folder``; return (process, port)."""
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


def wait_until_served(port):
    """Wait until the app answers at ``port``."""
    for _ in range(150):
        try:
            if send_request(port, "GET", "/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the app did not begin to serve")


def send_request(port, method, path, body=None, headers=None):
    """Send a request; return (status, headers, text) of the response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    result = response.status, dict(response.getheaders()), response.read().decode()
    connection.close()
    return result
