"""The dates of a date poll, and each member's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from papers.models.discussions import Discussion

if TYPE_CHECKING:
    from datetime import datetime

    from papers.models.people import User

MAX_DATE_OPTIONS = 20


class DateOptionQuerySet(models.QuerySet["DateOption"]):
    def open_at(self, at: datetime) -> Self:
        """The dates that have not begun at ``at``: only these are still answered."""
        return self.filter(starts_at__gt=at)

    def unanswered_by(self, user: User | OuterRef) -> Self:
        """The dates that ``user`` has not answered; an `OuterRef` to them in a subquery."""
        answers = Availability.objects.filter(option=OuterRef("pk"), user=user)
        return self.exclude(Exists(answers))


class DateOption(models.Model):
    """A date proposed for a meeting. Unique positions below MAX_DATE_OPTIONS limit their number."""

    discussion = models.ForeignKey(
        Discussion, models.CASCADE, related_name="options", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = DateOptionQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.UniqueConstraint("discussion", "position", name="one_option_at_a_position"),
            models.UniqueConstraint("discussion", "starts_at", name="one_option_at_a_time"),
            models.CheckConstraint(
                condition=Q(position__lt=MAX_DATE_OPTIONS), name="twenty_options_at_most"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="option_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Availability(models.Model):
    """One member's answer to one option."""

    class Answer(models.TextChoices):
        YES = "yes"
        MAYBE = "maybe", "If necessary"
        NO = "no"

    option = models.ForeignKey(DateOption, models.CASCADE, related_name="answers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="availability")
    answer = models.CharField(max_length=5, choices=Answer.choices)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("option", "user", name="one_answer"),
            models.CheckConstraint(
                condition=Q(answer__in=["yes", "maybe", "no"]), name="availability_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_answer_display().lower()}"
