"""When the group meets, and over what."""

from django.db import models
from django.db.models import Q

from papers.models.groups import Group
from papers.models.papers import Paper


class Discussion(models.Model):
    """A meeting of a group."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled"
        HELD = "held"
        CANCELLED = "cancelled"

    group = models.ForeignKey(Group, models.PROTECT, related_name="discussions", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SCHEDULED)
    starts_at = models.DateTimeField()

    class Meta:
        ordering = ["-starts_at", "-id"]
        indexes = [models.Index(fields=["group", "state", "-starts_at"], name="discussion_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "held", "cancelled"]), name="discussion_state"
            ),
        ]

    def __str__(self):
        return f"{self.group}, {self.starts_at:%Y-%m-%d}"


class AgendaItem(models.Model):
    """A paper on the agenda of a meeting."""

    discussion = models.ForeignKey(
        Discussion, models.CASCADE, related_name="agenda", db_index=False
    )
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="agenda_items")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint("discussion", "paper", name="once_on_an_agenda"),
        ]

    def __str__(self):
        return f"{self.paper}, {self.discussion}"
