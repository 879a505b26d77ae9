"""Invitations to a group, and requests to join it."""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from papers.models.groups import Group, Membership
from papers.models.people import former_member

if TYPE_CHECKING:
    from datetime import datetime

TOKEN_BYTES = 32


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def usable(self, at: datetime) -> Self:
        """The invitations that still admit somebody at ``at``."""
        return self.filter(revoked_at=None, expires_at__gt=at, uses_left__gt=0)


class Invitation(models.Model):
    """A link that admits people to a group. Only a hash of its token is stored."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="invitations")
    role = models.CharField(
        max_length=10, choices=Membership.Role.choices, default=Membership.Role.MEMBER
    )
    # If set, the link admits only somebody with this verified address.
    email = models.EmailField(blank=True)
    # Only mailed to the address, never shown: whoever has the link receives mail there.
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

    def __str__(self) -> str:
        return f"Invitation to {self.group}"

    @staticmethod
    def new_token() -> str:
        """32 random bytes as text for a link."""
        return secrets.token_urlsafe(TOKEN_BYTES)

    @staticmethod
    def hash_of(token: str) -> str:
        """The hash that is stored for ``token``."""
        return sha256(token.encode()).hexdigest()

    def problem(self, at: datetime | None = None) -> str:
        """Why the invitation admits nobody at ``at`` (default: now), as a sentence; else ""."""
        if self.revoked_at:
            return "This invitation was revoked. Ask the person who sent it for a new one."
        if self.expires_at <= (at or timezone.now()):
            return "This invitation has expired. Ask the person who sent it for a new one."
        if not self.uses_left:
            return "This invitation has been used. Ask the person who sent it for a new one."
        return ""


class JoinRequest(models.Model):
    """A user's pending request to join a group."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="join_requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="join_requests")
    message = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("group", "user", name="one_join_request_each"),
        ]

    def __str__(self) -> str:
        return f"{self.user} asks to join {self.group}"
