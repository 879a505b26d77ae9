"""Many at once, and how they meet in the middle."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import close_old_connections, connection

LANES = 40  # at a time: a database has only so many connections


def at_once(act, *arguments):
    """Call ``act`` with each of ``arguments``, each in a thread; the exceptions they raised."""
    raised = []

    def run(argument):
        try:
            act(argument)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            raised.append(error)
        finally:
            connection.close()
            close_old_connections()

    threads = [threading.Thread(target=run, args=[argument]) for argument in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def meeting(number):
    """A function that waits until ``number`` have called it, or for a few seconds."""
    barrier = threading.Barrier(number)

    def meet():
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=4)

    return meet


def in_lanes(act, arguments):
    """What ``act`` returned for each of ``arguments``, ``LANES`` of them at any time."""

    def run(argument):
        try:
            return act(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(LANES) as pool:
        return list(pool.map(run, arguments))


def wait_until(condition, seconds=120):
    """Look again and again until ``condition()`` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.005)


def kill_when(process, condition):
    """SIGKILL the process as soon as ``condition`` holds; False where it ended before."""
    while process.poll() is None:
        if condition():
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.005)
    return False
