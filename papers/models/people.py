"""People with an account, and how they like the app to be."""

import zoneinfo
from functools import cache

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower

# The handle of whom what stays belongs to. With a space: the app makes none like it from a name.
FORMER_MEMBER = "former member"


def clean_address(text):
    """``text``, an e-mail address, as it is kept: in small letters.

    ValidationError where it is too long, or has letters beyond ASCII: databases do not agree which
    of those are the same.
    """
    text = text.lower()
    if len(text) > User._meta.get_field("email").max_length or not text.isascii():
        raise ValidationError("Write the address in plain letters, 254 of them at most.")
    if not text.isprintable():
        raise ValidationError("There is a sign in the address that does not belong there.")
    return text


@cache
def time_zones():
    """The names of all time zones: looked up on the disk, which takes a while, once."""
    return frozenset(zoneinfo.available_timezones())


def first_known_zone(*names):
    """The first of ``names`` that is a time zone; None where none is."""
    return next((name for name in names if name in time_zones()), None)


def validate_time_zone(name):
    """Refuse a zone that no clock could be read in."""
    if name not in time_zones():
        raise ValidationError("No such time zone: write it like Europe/Berlin, or UTC.")


class User(AbstractUser):
    """A person with an account.

    They sign in by e-mail; ``username`` is a handle that the app makes from the name, and
    ``email`` a copy of the primary, verified address that the account app keeps.
    """

    class Theme(models.TextChoices):
        SYSTEM = "", "As the system"
        LIGHT = "light"
        DARK = "dark"

    first_name = last_name = None
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(
        max_length=50, blank=True, validators=[validate_time_zone], help_text="Empty: the group's."
    )
    theme = models.CharField(max_length=5, choices=Theme.choices, blank=True)
    single_keys = models.BooleanField(
        "keyboard shortcuts", default=True, help_text="Single keys, such as j and k in lists."
    )

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="one_user_of_an_email",
                condition=~models.Q(email=""),
                violation_error_message="There is an account with this address already.",
            ),
            models.CheckConstraint(
                condition=models.Q(theme__in=["", "light", "dark"]), name="user_theme"
            ),
        ]

    def __str__(self):
        return self.name or self.username

    def get_full_name(self):
        return str(self)

    def get_short_name(self):
        return str(self)

    def all_addresses(self):
        """All addresses of theirs, verified or not, in small letters."""
        known = self.emailaddress_set.values_list("email", flat=True)
        return {one.lower() for one in [*known, self.email] if one}

    def is_organiser_or_superuser(self):
        """Whether superuser, or organiser of a group: asked once a request."""
        if not hasattr(self, "_is_organiser_or_superuser"):
            self._is_organiser_or_superuser = self.is_active and (
                self.is_superuser or self.memberships.organisers().exists()
            )
        return self._is_organiser_or_superuser


def former_member():
    """The one who stands for everybody whose account is gone: what they wrote is theirs now."""
    fields = {"name": "a former member", "is_active": False, "password": "!"}
    return User.objects.get_or_create(username=FORMER_MEMBER, defaults=fields)[0]
