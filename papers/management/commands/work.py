"""``manage.py work``: sends the mails and applies the listings that wait, until it is stopped."""

from django.core.management import call_command
from django.core.management.base import BaseCommand

from papers import mail


class Command(BaseCommand):
    help = "Do what waits for a worker: send mail, apply listings. Several may run side by side."

    def add_arguments(self, parser):
        parser.add_argument("--interval", type=float, default=0.5, help="seconds between looks")

    def handle(self, *, interval, **options):
        mail.sweep()  # what a worker that was killed left behind
        mail.prune()
        call_command("prune_db_task_results", verbosity=0)
        call_command("clearsessions")
        call_command("db_worker", interval=interval, reload=False, verbosity=0)
