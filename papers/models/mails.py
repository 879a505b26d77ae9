"""Outgoing mail."""

from django.db import models
from django.db.models import Q


class Mail(models.Model):
    """One mail to one person, and its state.

    The text may hold a code or a link that lets somebody in: it is stored encrypted, and only until
    it is sent. A worker claims a mail (``sending``) before it hands it over, and no mail is handed
    over twice: if the worker is killed in between, the mail stays claimed, and is reported, not
    sent again.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"  # refused at every try

    # Identifies what nobody may get twice, such as "invitation:12".
    key = models.CharField(max_length=200, blank=True)
    to = models.EmailField()
    content = models.BinaryField(default=b"")  # encrypted; see notifications/messages.py
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    claimed_at = models.DateTimeField(null=True)
    # From this time on the mail server may have the mail; before, it certainly has not.
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(
                fields=["state", "id"],
                name="mail_unsent",
                condition=Q(state__in=["waiting", "sending"]),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_mail_of_a_key", condition=~Q(key="")),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "sent", "failed"]), name="mail_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(content=b""), name="mail_sent_keeps_no_content"
            ),
        ]

    def __str__(self) -> str:
        return f"Mail to {self.to}"
