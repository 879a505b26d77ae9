"""The command ``changepassword``, which finds the account by its e-mail address."""

from django.contrib.auth.management.commands import changepassword
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS

from papers.models import User


class Command(changepassword.Command):
    help = "Set a new password for the account with this e-mail address."

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address that the person signs in with")

    def handle(self, *, email, **options):
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            raise CommandError(f"No account has the address {email}.")
        return super().handle(username=user.username, database=DEFAULT_DB_ALIAS)
