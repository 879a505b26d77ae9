"""User accounts and their preferences."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.db.models.functions import Lower

from papers.models.time_zones import validate_time_zone

# The handle of the user who takes over what deleted accounts leave. The app makes no other handle
# with a space.
FORMER_MEMBER = "former member"


def clean_address(text: str) -> str:
    """The e-mail address ``text`` in lower case, as it is stored.

    Raises ValidationError if it is too long, or has letters beyond ASCII: databases do not agree
    which of those are the same.
    """
    text = text.lower()
    max_length = User._meta.get_field("email").max_length
    assert max_length is not None  # an EmailField has one
    if len(text) > max_length or not text.isascii():
        raise ValidationError("Enter an address with plain letters, at most 254 characters.")
    if not text.isprintable():
        raise ValidationError("The address contains a character that does not belong there.")
    return text


def unused_address(text: str) -> str:
    """The e-mail address ``text`` as `clean_address` has it.

    Raises ValidationError if it is none, or if an account has it.
    """
    text = text.strip()
    validate_email(text)
    address = clean_address(text)
    if User.objects.filter(email__iexact=address).exists():
        raise ValidationError("There is an account with this address already.")
    return address


class User(AbstractUser):
    """A person with an account.

    Users sign in by e-mail; ``username`` is a handle that the app makes from the name, and
    ``email`` a copy of the primary, verified address that the account app keeps.
    """

    class Theme(models.TextChoices):
        SYSTEM = "", "Same as system"
        LIGHT = "light"
        DARK = "dark"

    first_name = last_name = None  # type: ignore[assignment]  # removes fields of AbstractUser
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

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)

    def all_addresses(self) -> set[str]:
        """All addresses of the account, verified or not, in lower case."""
        # A reverse relation of allauth, which has no types.
        kept = self.emailaddress_set.values_list("email", flat=True)  # type: ignore[attr-defined]
        return {address.lower() for address in [*kept, self.email] if address}

    def is_organiser_or_superuser(self) -> bool:
        """Whether the user is a superuser or organises a group. One query per request."""
        if not hasattr(self, "_is_organiser_or_superuser"):
            self._is_organiser_or_superuser = self.is_active and (
                self.is_superuser or self.memberships.organisers().exists()
            )
        return self._is_organiser_or_superuser


def former_member() -> User:
    """The user who owns what people with deleted accounts wrote; created if missing."""
    fields = {"name": "a former member", "is_active": False, "password": "!"}
    return User.objects.get_or_create(username=FORMER_MEMBER, defaults=fields)[0]
