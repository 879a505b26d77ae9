"""Threads that run at once, and points at which they wait for each other."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.db import close_old_connections, connection

LANES = 40  # threads at a time, since a database limits its connections


def at_once(act, *arguments):
    """Call ``act`` with each argument in a thread of its own; return the exceptions raised."""
    raised = []

    def run(argument):
        try:
            act(argument)
        except Exception as error:  # noqa: BLE001 - the test checks the exceptions
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


def rendezvous(number):
    """A function that waits until ``number`` threads have called it, or for a few seconds."""
    barrier = threading.Barrier(number)

    def meet():
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=4)

    return meet


def in_lanes(act, arguments):
    """Call ``act`` with each of ``arguments``, ``LANES`` at a time; return the results in order."""

    def run(argument):
        try:
            return act(argument)
        finally:
            connection.close()

    with ThreadPoolExecutor(LANES) as pool:
        return list(pool.map(run, arguments))


def wait_until(condition, seconds=120):
    """Wait until ``condition()`` is true; fail after ``seconds``."""
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
