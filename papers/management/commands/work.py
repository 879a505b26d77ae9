"""``manage.py work``: the queue and the clock, in one process, until it is stopped."""

from django.core.management.base import BaseCommand
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands import db_worker

from papers import clock
from papers.notifications import outbox


class Worker(db_worker.Worker):
    """A worker that ends between two looks at its queue when it is told to stop."""

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
        outbox.requeue_lost()  # what a worker that was killed left behind, before anything else
        end = clock.start_thread()
        try:
            worker.run()
        finally:
            end()
