"""What members are notified of, the delivery that each chose, and what waits for a digest."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.discussions import Discussion
from papers.models.events import Event, EventSpec
from papers.models.groups import Group
from papers.models.mail_kinds import Delivery, MailKind

DEFAULT_DELIVERIES = {kind: kind.default for kind in MailKind}


class MailChoice(models.Model):
    """The delivery that a member chose for a kind of mail, if it is not the default."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="mail_choices", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    way = models.CharField(max_length=6, choices=Delivery.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("user", "kind", name="one_mail_choice"),
            models.CheckConstraint(condition=Q(kind__in=MailKind.values), name="mail_choice_kind"),
            models.CheckConstraint(condition=Q(way__in=Delivery.values), name="mail_choice_way"),
        ]

    def __str__(self):
        return f"{self.user}: {self.get_kind_display()}, {self.get_way_display().lower()}"


class Notice(models.Model):
    """One occurrence of an event, which the members are notified of.

    Recorded in the transaction in which it happens; a worker then sends each recipient a mail, and
    resumes where it was stopped. Its ``key`` sees to it that an occurrence is recorded once.
    """

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="notices")
    event = models.CharField(max_length=13, choices=Event.choices)
    key = models.CharField(max_length=100, unique=True)
    # The only recipient, if it is not for all; and who acted, who is not notified.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # When the last recipient was notified; NULL: a worker has yet to finish.
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], name="notice_untold", condition=Q(told_at=None))]
        constraints = [
            models.CheckConstraint(condition=Q(event__in=Event.values), name="notice_event"),
        ]

    def __str__(self):
        return self.key

    @property
    def spec(self) -> EventSpec:
        """The row of the table of events."""
        return Event(self.event).spec


class DigestItem(models.Model):
    """A mail that one member gets as a part of their next digest."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_items")
    group = models.ForeignKey(Group, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    # The key that the mail would have had: nobody is notified twice.
    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    # When the digest with it was queued; NULL: it waits.
    digested_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["user", "id"], name="digest_waiting", condition=Q(digested_at=None)
            )
        ]

    def __str__(self):
        return self.subject


class Heartbeat(models.Model):
    """When a recurring job of the clock last ran."""

    name = models.CharField(max_length=20, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self):
        return f"{self.name}, {self.beat_at:%Y-%m-%d %H:%M}"
