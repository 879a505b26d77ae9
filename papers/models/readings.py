"""How far each member has read a paper."""

from django.conf import settings
from django.db import models

from papers.models.papers import Paper
from papers.models.votes import PerMemberQuerySet


class Reading(models.Model):
    """How far one member says they have read one paper."""

    class State(models.TextChoices):
        WILL = "will", "Will read"
        SKIMMED = "skimmed"
        READ = "read"

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="readings", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="readings")
    state = models.CharField(max_length=7, choices=State.choices)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PerMemberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("paper", "user", name="one_reading"),
            models.CheckConstraint(
                condition=models.Q(state__in=["will", "skimmed", "read"]), name="reading_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_state_display().lower()}"
