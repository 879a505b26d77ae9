"""The command ``demo``, which creates a sample group and serves it."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from papers.management.demo_votes import add_demo_activity
from papers.models import Group, Listing, Membership, Paper, User
from papers.services import importing, status_and_topics

PASSWORD = "reading-group-demo"  # noqa: S105 - printed for everyone to see
SAMPLE = Path(__file__).resolve().parents[2] / "sample" / "listing.txt"
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
        parser.add_argument("--address", default="127.0.0.1:8000")

    def handle(self, *, no_serve, address, **options):
        if not settings.DEBUG:
            raise CommandError("The demo has a password everyone knows: it needs DEBUG=1.")
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


def _check_database():
    """Refuse a real installation's database, and one with the tables of an earlier version."""
    try:
        is_real = User.objects.first() and not User.objects.filter(email=ORGANISER).exists()
    except DatabaseError:
        raise CommandError(
            "The database is of an earlier version: delete the folder var/, and start again."
        ) from None
    if is_real:
        raise CommandError("This database has people of its own: give the demo another one.")


def make_sample() -> None:
    """Create the sample group, its members and papers, unless they exist."""
    admin = _get_or_create_person("admin", is_superuser=True, is_staff=True)
    group = Group.objects.order_by("pk").first()
    Group.objects.filter(pk=group.pk, name="Reading group").update(name="Monday Readers")
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
    """Serve, and run a worker in a second process, until interrupted."""
    settings.BASE_URL = f"http://{address}"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    worker = subprocess.Popen(
        [sys.executable, "-m", "readinggroup", "work", "--interval", "0.3"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"BASE_URL": settings.BASE_URL},
    )
    try:
        call_command("runserver", address, use_reloader=False)
    finally:
        worker.terminate()
        worker.wait()
