"""The command ``work``, which runs the task queue and the clock in one process."""

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

# Seconds between attempts to reach the database, doubled after each failure.
SHORTEST_WAIT, LONGEST_WAIT = 0.25, 30
NAP = 0.1  # seconds; a waiting worker notices a stop signal after this long


class Worker(db_worker.Worker):
    """A worker that ends, when it is stopped, only between two looks at its queue."""

    def run(self):
        """Work through the queue until stopped, and wait while the database is unreachable.

        A task that was running then is abandoned, as if the worker had been killed: its caller or
        the clock takes care of the rest.
        """
        wait = SHORTEST_WAIT
        while self.running:
            began = time.monotonic()
            try:
                close_old_connections()
                outbox.requeue_lost()  # left behind by a killed worker, or by this one just now
                super().run()
                return
            except (InterfaceError, OperationalError) as error:
                if time.monotonic() - began > LONGEST_WAIT:  # it was reachable in between
                    wait = SHORTEST_WAIT
                why = str(error).partition("\n")[0]
                log.error("worker: the database is away, next try in %g s: %s", wait, why)
                self._rest(wait)
                wait, self.startup_delay = min(2 * wait, LONGEST_WAIT), False

    def _rest(self, seconds):
        """Sleep for ``seconds``, or until stopped."""
        end = time.monotonic() + seconds
        while self.running and time.monotonic() < end:
            time.sleep(NAP)

    def shutdown(self, signum, frame):
        """Stop after the current task; on a second signal, abandon it.

        The library's method exits at once unless a task is running. In the middle of a query that
        leaves a connection that cannot be closed properly, and the exit status is an error.
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
        # 0, because the traceback of a task may contain an e-mail address.
        db_worker.Command().configure_logging(verbosity=0)
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
        stop_clock = clock.start_thread()
        try:
            worker.run()
        finally:
            stop_clock()
