"""The command ``createsuperuser``, which asks for what people sign in with: e-mail and password."""

import getpass
import os
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from papers.forms import clean_person_name
from papers.models import User
from papers.models.people import unused_address
from papers.services import superusers


class Command(BaseCommand):
    help = (
        "Create a superuser, who signs in with an e-mail address. Asks for what is not given. With "
        "--no-input, DJANGO_SUPERUSER_EMAIL, _NAME and _PASSWORD stand for what is not given; "
        "without a password, the superuser signs in with a mailed code."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser):
        parser.add_argument("--email", help="the address to sign in with")
        parser.add_argument("--name", help="the name that groups see")
        parser.add_argument(
            "--no-input", "--noinput", action="store_false", dest="interactive", help="ask nothing"
        )

    def handle(self, *, email, name, interactive, **options):
        given = {"email": email, "name": name}
        try:
            fields = self._ask(given) if interactive else _read_environment(given)
        except KeyboardInterrupt:
            raise CommandError("Cancelled. No superuser was created.") from None
        user = superusers.create_superuser(**fields)
        self.stdout.write(f"{user} can sign in with {user.email}.")

    def _ask(self, given):
        """Ask for the fields that are not given, each until it is valid."""
        if not sys.stdin.isatty():
            raise CommandError("There is no terminal to ask at: use --no-input.")
        fields = {
            "email": self._ask_for("E-mail address", unused_address, given["email"]),
            "name": self._ask_for("Name", clean_person_name, given["name"]),
        }
        return fields | {"password": self._ask_for_password(User(**fields))}

    def _ask_for(self, label, clean, value):
        while True:
            try:
                return clean(input(f"{label}: ") if value is None else value)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
                value = None

    def _ask_for_password(self, user):
        while True:
            password = getpass.getpass("Password: ")
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stderr.write(" ".join(error.messages))
                continue
            if password == getpass.getpass("Password (again): "):
                return password
            self.stderr.write("The passwords are not the same.")


def _read_environment(given):
    """The fields as given, or as the environment has them. Raises CommandError if one is wrong."""
    fields = {"password": os.environ.get("DJANGO_SUPERUSER_PASSWORD")}
    for name, clean in (("email", unused_address), ("name", clean_person_name)):
        value = given[name] or os.environ.get(f"DJANGO_SUPERUSER_{name.upper()}")
        if not value:
            raise CommandError(f"Give --{name}, or set DJANGO_SUPERUSER_{name.upper()}.")
        try:
            fields[name] = clean(value)
        except ValidationError as error:
            raise CommandError(f"--{name}: {' '.join(error.messages)}") from None
    return fields
