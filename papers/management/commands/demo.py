"""The command ``demo``, which creates a sample group and serves it."""

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from papers.management.demo_votes import add_demo_activity
from papers.models import Group, Listing, Membership, Paper, User
from papers.services import importing, status_and_topics

NAP = 0.2  # seconds between looks at whether server and worker are alive
PASSWORD = "reading-group-demo"  # noqa: S105 - printed for everyone to see
SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "listing.txt"
ADDRESS = "127.0.0.1:8000"
CAPTURED_ON = date(2025, 11, 26)
ORGANISER = "ada@example.org"
MEMBERS = ["ada", "emmy", "grace", "henri", "kurt", "lise", "paul", "sonia"]
TOPICS = {
    "language models": ["Attention Is All", "Scaling Laws", "Training Compute", "LoRA", "Language"],
    "theory": ["Grokking", "Deep Double", "A direct proof", "Random walks"],
    "generative models": ["Denoising", "Direct Preference"],
}
STATUS = {
    Paper.Status.DISCUSSED: ["Attention Is All", "Deep Residual"],
    Paper.Status.SET_ASIDE: ["On the Electrodynamics"],
}


class Command(BaseCommand):
    help = "Make a sample group, and serve it on this machine. Only with DEBUG=1."

    def add_arguments(self, parser):
        parser.add_argument("--no-serve", action="store_true", help="only make the sample")
        parser.add_argument(
            "--address", default=ADDRESS, help=f"host:port to serve at; the default is {ADDRESS}"
        )

    def handle(self, *, no_serve, address, **options):
        address = address if ":" in address else f"127.0.0.1:{address}"
        if not settings.DEBUG:
            raise CommandError("The demo has a password everyone knows: it needs DEBUG=1.")
        if not no_serve:
            _check_address(address)
        call_command("migrate", verbosity=0)
        _check_database()
        make_sample()
        self.stdout.write(
            f"\n  Reading Group is at http://{address}/\n"
            f"  Organiser:  {ORGANISER}\n"
            f"  Member:     emmy@example.org\n"
            f"  Superuser:  admin@example.org\n"
            f"  Password:   {PASSWORD}, for each\n"
            f"  Mail:       http://{address}/demo/outbox/\n"
            f"  (Passkeys need a name: http://localhost:{address.rpartition(':')[2]}/)\n"
        )
        if not no_serve:
            serve_with_worker(address)


def _check_address(address):
    """Refuse an address that cannot be served, before anything is made or started."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host.strip("[]"), int(port)), family=family):
            pass
    except (OSError, OverflowError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "write it as host:port"
        raise CommandError(
            f"The demo cannot be served at {address}: {reason}. Choose another address: "
            "`make demo ADDRESS=127.0.0.1:8001`, or `manage.py demo --address 127.0.0.1:8001`."
        ) from None


def _check_database():
    """Refuse a real installation's database, and one with the tables of an earlier version."""
    try:
        is_real = User.objects.first() and not User.objects.filter(email=ORGANISER).exists()
    except DatabaseError:
        raise CommandError(
            "The database was made by an earlier version. Delete the folder var/ and start again."
        ) from None
    if is_real:
        raise CommandError("This database has people of its own. Give the demo another one.")


def make_sample() -> None:
    """Create the sample group, its members and papers, unless they exist."""
    admin = _get_or_create_person("admin", is_superuser=True, is_staff=True)
    group = Group.objects.order_by("pk").first()
    Group.objects.filter(pk=group.pk, set_up_at=None).update(
        name="Monday Readers", set_up_at=timezone.now()
    )
    for name in MEMBERS:
        role = Membership.Role.ORGANISER if name == "ada" else Membership.Role.MEMBER
        Membership.objects.get_or_create(
            group=group, user=_get_or_create_person(name), defaults={"role": role}
        )
    if not group.listings.exists():
        _import_sample(group, admin)
        add_demo_activity(group)


def _get_or_create_person(name, **fields):
    user, is_new = User.objects.get_or_create(
        username=name,
        defaults={"name": name.capitalize(), "email": f"{name}@example.org", **fields},
    )
    if is_new:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _import_sample(group, by):
    listing = importing.store_upload(
        raw=SAMPLE.read_bytes(), group=group, name=SAMPLE.name, captured_on=CAPTURED_ON, by=by
    )
    importing.stage_listing(listing=listing)
    importing.start_work(listing=listing, state=Listing.State.APPLYING, in_background=False)
    importing.run_batches(listing=listing)
    for name, beginnings in TOPICS.items():
        for beginning in beginnings:
            papers = group.papers.filter(title__startswith=beginning)
            status_and_topics.add_topic(papers=papers, name=name)
    for status, beginnings in STATUS.items():
        for beginning in beginnings:
            papers = group.papers.filter(title__startswith=beginning)
            status_and_topics.set_status(papers=papers, status=status)


def serve_with_worker(address: str) -> None:
    """Serve, and run a worker, each in a process of its own; the end of one is the end of both.

    The server is not in this process because ``runserver`` ends it at once if it fails, and the
    worker would be left behind. Raises CommandError if one ends by itself.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    processes = []
    try:
        processes += [_start("work", "--interval", "0.3", address=address)]
        processes += [_start("runserver", address, "--noreload", address=address)]
        while all(process.poll() is None for process in processes):
            time.sleep(NAP)
    except KeyboardInterrupt:
        return
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    raise CommandError("The demo has stopped: the reason is above.")


def _start(*arguments, address):
    """Start a command of ours in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "readinggroup", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"BASE_URL": f"http://{address}"},
    )
