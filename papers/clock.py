"""What is due by the clock: reminders, deadlines, digests, and what a killed worker left behind.

Every job is idempotent and begins again where it was stopped; several clocks may go side by side.
"""

import logging
import threading
from datetime import timedelta

from django.core.management import call_command
from django.db import close_old_connections, connections
from django.utils import timezone

from papers import digests, mail
from papers.models import Pulse
from papers.services import polling, reminding, telling

log = logging.getLogger(__name__)

EVERY = 30  # seconds
CLEANED_EVERY = timedelta(days=1)
NAME, CLEANING = "clock", "cleaning"


def tick(at):
    """Do all that is due at ``at``. A job that fails is told of, and the others are done."""
    for job in JOBS:
        try:
            job(at)
        except Exception:
            log.exception("clock: %s failed", job.__name__)
    _beat(NAME, at)


def run(stop):
    """Go round, until ``stop``, a threading.Event, is set: for a thread of its own."""
    try:
        while not stop.is_set():
            try:
                close_old_connections()  # one that broke in the last round, too
                tick(timezone.now())
            except Exception:
                log.exception("clock: a round failed")
            stop.wait(EVERY)
    finally:
        connections.close_all()


def start():
    """Start the clock beside the worker of this process; returns a function that ends it."""
    stop = threading.Event()
    thread = threading.Thread(target=run, args=[stop], name="clock", daemon=True)
    thread.start()

    def end():
        stop.set()
        thread.join(timeout=10)  # then it ends with the process: every job may be interrupted

    return end


def sweep_mails(at):
    """Take up the mails that nobody is about to send."""
    mail.sweep()


def close_polls(at):
    """Let date polls end whose deadline is over."""
    polling.close_due(at=at)


def clean(at):
    """Forget what is done with, once a day."""
    if Pulse.objects.filter(name=CLEANING, beat_at__gt=at - CLEANED_EVERY).exists():
        return
    mail.prune()
    telling.prune(at)
    call_command("prune_db_task_results", verbosity=0)
    call_command("clearsessions")
    _beat(CLEANING, at)


JOBS = [
    sweep_mails,
    close_polls,
    reminding.ask_for_answers,
    reminding.remind,
    telling.tell_untold,
    digests.send_due,
    clean,
]


def _beat(name, at):
    Pulse.objects.bulk_create(
        [Pulse(name=name, beat_at=at)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beat_at"],
    )
