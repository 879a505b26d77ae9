"""``manage.py work``: the queue and the clock, in one process, until it is stopped."""

import logging
import time

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands import db_worker

from papers import clock
from papers.notifications import outbox

log = logging.getLogger(__name__)

# Seconds between two tries where the database is away: twice as many each time.
SHORTEST_WAIT, LONGEST_WAIT = 0.25, 30
NAP = 0.1  # seconds: so soon a worker that waits hears that it is to stop


class Worker(db_worker.Worker):
    """A worker that ends between two looks at its queue when it is told to stop, and only then."""

    def run(self):
        """Look at the queue until there is an end to it; wait where the database is away.

        A task that was under way then is left as if the worker had been killed: who asked for it
        or the clock sees to what is still to do.
        """
        wait = SHORTEST_WAIT
        while self.running:
            began = time.monotonic()
            try:
                close_old_connections()
                outbox.requeue_lost()  # what a killed worker left behind, or this one just now
                super().run()
                return
            except (InterfaceError, OperationalError) as error:
                if time.monotonic() - began > LONGEST_WAIT:  # it was there meanwhile
                    wait = SHORTEST_WAIT
                why = str(error).partition("\n")[0]
                log.error("worker: the database is away, next try in %g s: %s", wait, why)
                self._rest(wait)
                wait, self.startup_delay = min(2 * wait, LONGEST_WAIT), False

    def _rest(self, seconds):
        """Do nothing for so long, or until it is told to stop."""
        end = time.monotonic() + seconds
        while self.running and time.monotonic() < end:
            time.sleep(NAP)

    def shutdown(self, signum, frame):
        """End after what is under way; told a second time, give that up.

        The library's own exits where it stands unless a task runs. In the middle of a query that
        leaves a connection that cannot be closed in order, and an error for an exit status.
        """
        if not self.running:
            super().shutdown(signum, frame)
        self.running = False


class Command(BaseCommand):
    help = (
        "Do what waits for a worker: send mail, apply listings, tell members, remind them. "
        "Several may run side by side."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--interval", type=db_worker.valid_interval, default=0.5, help="seconds between looks"
        )
        parser.add_argument("--batch", action="store_true", help="end when nothing waits")

    def handle(self, *, interval, batch, **options):
        db_worker.Command().configure_logging(
            verbosity=0
        )  # the traceback of a task may hold an address
        worker = Worker(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            excluded_queue_names=[],
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            worker_id=get_random_string(32),
            interval=interval,
            startup_delay=True,
            max_tasks=None,
            batch=batch,
        )
        worker.configure_signals()
        end = clock.start_thread()
        try:
            worker.run()
        finally:
            end()
