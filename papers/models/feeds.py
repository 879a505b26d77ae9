"""Secret addresses at which a member's programs read what the member may read."""

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.groups import Group


class Feed(models.Model):
    """One secret address of a member. Only a hash of its token is stored."""

    class Kind(models.TextChoices):
        GROUP = "group", "Calendar: all meetings of a group"
        ANSWERED = "answered", "Calendar: meetings I am going to"
        WANTED = "wanted", "Calendar: meetings on papers I want to discuss, and those I am going to"
        MINE = "mine", "Calendar: only meetings where I present"
        PAPERS = "papers", "Feed: new papers in a group"
        MEETINGS = "meetings", "Feed: meetings of a group"

    # Feeds of one group; the others cover all groups of the member.
    GROUP_KINDS = (Kind.GROUP, Kind.PAPERS, Kind.MEETINGS)
    NEWS_KINDS = (Kind.PAPERS, Kind.MEETINGS)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    label = models.CharField(
        max_length=60, blank=True, help_text="Where you use it, such as “phone”."
    )
    alarm_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    # When the time zone of its owner last changed, in which news of meetings are written.
    zone_changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["group", "papers", "meetings"], group__isnull=False)
                | Q(kind__in=["answered", "wanted", "mine"], group=None),
                name="feed_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.get_kind_display()

    @staticmethod
    def new_token() -> str:
        """32 random bytes as text for an address."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def digest_of(token: str) -> str:
        """The hash that is stored for ``token``. A plain hash of random bytes reveals nothing."""
        return hashlib.sha256(token.encode()).hexdigest()
