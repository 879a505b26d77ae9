"""A demo to walk: a fresh database in a temporary folder, a free port, and a worker."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN, ENDS_WITHIN = 60, 15  # seconds


@contextmanager
def fresh_demo(log: Path) -> Iterator[str]:
    """Run ``manage.py demo`` until the block ends; yields its address.

    Its output goes to the file ``log``. Raises RuntimeError if it does not start.
    """
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="walk-") as folder, log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--address", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=_environment(Path(folder), port),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_served(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _environment(folder, port):
    """The settings of a demo, whatever ``.env`` says."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.walk.settings",
        "DEBUG": "1",
        "HTTPS": "0",
        "REQUIRE_MFA": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "BASE_URL": f"http://127.0.0.1:{port}",
        "CACHE_URL": "dbcache://cache",
        "DATABASE_URL": f"sqlite:///{folder / 'walk.sqlite3'}",
        "PYTHONUNBUFFERED": "1",
    }


def _wait_until_served(process, port, log):
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            there = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            there.request("GET", "/healthz")
            if there.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The demo did not start: {log} says why.")


def _stop(process):
    """Stop the server, which stops its worker; kill whatever is left of the two after a while."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(ENDS_WITHIN)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
