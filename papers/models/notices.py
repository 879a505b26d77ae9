"""What members are told of by mail, how each wants to be told, and what waits for a digest."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.discussions import Discussion
from papers.models.groups import Group


class MailKind(models.TextChoices):
    """What a member chooses about: one line each in their mail choices."""

    POLL = "poll", "A date poll is opened"
    UNANSWERED = "unanswered", "I have not answered a date poll"
    DATE = "date", "A date is fixed, moved or called off; a seat or a paper is mine"
    DAY = "day", "Reminder, 24 hours before"
    HOUR = "hour", "Reminder, 1 hour before"
    OUTCOMES = "outcomes", "What came of a meeting"


class Delivery(models.TextChoices):
    NOW = "now", "At once"
    DIGEST = "digest", "Daily digest"
    OFF = "off", "Never"


# Quiet by default: what one acts on comes at once, what one reads once a day.
DEFAULT_DELIVERIES = {
    MailKind.POLL: Delivery.NOW,
    MailKind.UNANSWERED: Delivery.NOW,
    MailKind.DATE: Delivery.NOW,
    MailKind.DAY: Delivery.NOW,
    MailKind.HOUR: Delivery.OFF,
    MailKind.OUTCOMES: Delivery.DIGEST,
}


class MailChoice(models.Model):
    """How one member is told of one kind of thing, where it is not the default."""

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
    """Something that happened to a meeting and that members are to be told.

    Made in the transaction of what happened; a worker makes a mail of it for each member, and
    begins again where it was stopped. ``key`` says what happened: it happens once.
    """

    class Event(models.TextChoices):
        POLL_OPENED = "poll-opened"
        POLL_REMINDED = "poll-reminded"  # an organiser asks for answers
        POLL_CLOSES = "poll-closes"  # two days before the deadline
        FIXED = "fixed"
        MOVED = "moved"
        CANCELLED = "cancelled"
        REINSTATED = "reinstated"
        SEAT = "seat"  # a seat has become free for somebody who waited
        PRESENT = "present"  # somebody is asked to present
        DAY = "day"
        HOUR = "hour"
        OUTCOMES = "outcomes"

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="notices")
    event = models.CharField(max_length=13, choices=Event.choices)
    key = models.CharField(max_length=100, unique=True)
    # To whom alone, where it is not for all; and whose act it was, who need not be told.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="notices"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], name="notice_untold", condition=Q(told_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    event__in=[
                        "poll-opened",
                        "poll-reminded",
                        "poll-closes",
                        "fixed",
                        "moved",
                        "cancelled",
                        "reinstated",
                        "seat",
                        "present",
                        "day",
                        "hour",
                        "outcomes",
                    ]
                ),
                name="notice_event",
            ),
        ]

    def __str__(self):
        return self.key


class DigestItem(models.Model):
    """What one member is told of in their next digest."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="digest_items")
    group = models.ForeignKey(Group, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    # The key of the mail that it would have been: nobody is told twice.
    key = models.CharField(max_length=200, unique=True)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    # In the digest that was queued then; NULL: it waits.
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
    """When the clock of a worker last went round."""

    name = models.CharField(max_length=20, unique=True)
    beat_at = models.DateTimeField()

    def __str__(self):
        return f"{self.name}, {self.beat_at:%Y-%m-%d %H:%M}"
