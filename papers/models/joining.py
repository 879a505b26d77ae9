"""The two ways into a group: an invitation, or asking."""

import secrets
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from papers.models.groups import Group, Membership
from papers.models.people import former_member

TOKEN_BYTES = 32


class InvitationQuerySet(models.QuerySet):
    def usable(self, at):
        """Those that still let somebody in."""
        return self.filter(revoked_at=None, expires_at__gt=at, uses_left__gt=0)


class Invitation(models.Model):
    """A link that lets people in. The link is not kept, only a hash of its token."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="invitations")
    role = models.CharField(
        max_length=10, choices=Membership.Role.choices, default=Membership.Role.MEMBER
    )
    # Where it is set, the link is for whoever proves to have this address, and nobody else.
    email = models.EmailField(blank=True)
    # Went to the address alone: who has the link has the address.
    was_mailed = models.BooleanField(default=False, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    uses_left = models.PositiveSmallIntegerField(default=1)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), related_name="invitations_made"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["group", "-id"], name="invitation_new")]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=["member", "organiser"]), name="invitation_role"
            ),
            models.CheckConstraint(
                condition=Q(was_mailed=False) | ~Q(email=""), name="invitation_mailed_to_somebody"
            ),
        ]

    def __str__(self):
        return f"Invitation to {self.group}"

    @staticmethod
    def new_token():
        """32 random bytes, as they stand in a link."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    @staticmethod
    def hash_of(token):
        return sha256(token.encode()).hexdigest()

    def problem(self, at=None):
        """Why it lets nobody in any more, as a sentence; "" where it does."""
        if self.revoked_at:
            return "This invitation was withdrawn. Ask the person who sent it for a new one."
        if self.expires_at <= (at or timezone.now()):
            return "This invitation has expired. Ask the person who sent it for a new one."
        if not self.uses_left:
            return "This invitation has been used already. Ask the person who sent it for another."
        return ""


class JoinRequest(models.Model):
    """Somebody asks to be let in, and waits for an organiser."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests")
    message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("group", "user", name="one_join_request_each"),
        ]

    def __str__(self):
        return f"{self.user} asks to join {self.group}"
