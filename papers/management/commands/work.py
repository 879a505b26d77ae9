"""``manage.py work``: the queue and the clock, in one process, until it is stopped."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from papers import clock, mail


class Command(BaseCommand):
    help = (
        "Do what waits for a worker: send mail, apply listings, tell members, remind them. "
        "Several may run side by side."
    )

    def add_arguments(self, parser):
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between looks")

    def handle(self, *, interval, **options):
        mail.sweep()  # what a worker that was killed left behind, before anything else
        end = clock.start()
        try:
            call_command("db_worker", interval=interval, reload=False, verbosity=0)
        finally:
            end()
