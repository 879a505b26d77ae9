"""Timed jobs: reminders, deadlines, digests, lost mails and cleaning up.

Every job is idempotent and resumes after an interruption. Several clocks may run side by side.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.core.management import call_command
from django.db import close_old_connections, connections
from django.utils import timezone

from papers.models import Heartbeat
from papers.notifications import digests, fan_out, outbox, reminders
from papers.services import date_polls
from papers.submit_once import delete_old_submissions

log = logging.getLogger(__name__)

ROUND_SECONDS = 30
CLEANUP_INTERVAL = timedelta(days=1)
CLOCK_HEARTBEAT, CLEANUP_HEARTBEAT = "clock", "cleaning"


def run_due_jobs(at: datetime) -> None:
    """Run each job for the moment ``at``. A job that fails is logged, and the others still run."""
    for job in JOBS:
        try:
            job(at)
        except Exception:
            log.exception("clock: %s failed", job.__name__)
    _record_heartbeat(CLOCK_HEARTBEAT, at)


def run_until(stop: threading.Event) -> None:
    """Run the due jobs periodically until ``stop`` is set. Meant for a thread of its own."""
    try:
        while not stop.is_set():
            try:
                close_old_connections()  # also one that broke in the last round
                run_due_jobs(timezone.now())
            except Exception:
                log.exception("clock: a round failed")
            stop.wait(ROUND_SECONDS)
    finally:
        connections.close_all()


def start_thread() -> Callable[[], None]:
    """Start the clock in a thread, and return a function that stops it."""
    stop = threading.Event()
    thread = threading.Thread(target=run_until, args=[stop], name="clock", daemon=True)
    thread.start()

    def stop_thread():
        stop.set()
        thread.join(
            timeout=10
        )  # after that it ends with the process, since any job may be interrupted

    return stop_thread


def requeue_lost_mails(at: datetime) -> None:
    """Queue the mails that no worker is about to send."""
    outbox.requeue_lost()


def close_polls(at: datetime) -> None:
    """Close the date polls whose deadline has passed."""
    date_polls.close_due_polls(at=at)


def clean_up(at: datetime) -> None:
    """Delete old mails, notices, submissions, task results and sessions, once a day."""
    if Heartbeat.objects.filter(name=CLEANUP_HEARTBEAT, beat_at__gt=at - CLEANUP_INTERVAL).exists():
        return
    outbox.delete_old_mails()
    fan_out.delete_old(at)
    delete_old_submissions(at)
    call_command("prune_db_task_results", verbosity=0)
    call_command("clearsessions")
    _record_heartbeat(CLEANUP_HEARTBEAT, at)


JOBS = [
    requeue_lost_mails,
    close_polls,
    reminders.record_poll_reminders,
    reminders.record_discussion_reminders,
    fan_out.send_overdue,
    digests.send_due_digests,
    clean_up,
]


def _record_heartbeat(name, at):
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beat_at=at)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )
