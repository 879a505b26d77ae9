"""Answers whether members attend a meeting, in the order of which seats are given."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.discussions import Discussion


class Rsvp(models.Model):
    """One member's answer whether they attend a meeting.

    Those who are coming queue in the order of ``turn``: if seats are limited, the first have one
    and the others are on the waiting list (`papers.discussions.attendance`). Joining online takes
    no seat.
    """

    class Answer(models.TextChoices):
        COMING = "coming", "Going"
        REMOTE = "remote", "Joining online"
        NOT = "not", "Can't go"

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="rsvps", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="rsvps")
    answer = models.CharField(max_length=6, choices=Answer.choices)
    turn = models.PositiveIntegerField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["turn", "id"]
        constraints = [
            models.UniqueConstraint("discussion", "user", name="one_rsvp"),
            models.UniqueConstraint("discussion", "turn", name="one_in_each_turn"),
            models.CheckConstraint(
                condition=Q(answer="coming", turn__isnull=False)
                | Q(answer__in=["remote", "not"], turn=None),
                name="rsvp_turn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_answer_display().lower()}"
