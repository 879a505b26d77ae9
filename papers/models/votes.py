"""Votes for papers, and offers to present them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.conf import settings
from django.db import models

from papers.models.papers import Paper

if TYPE_CHECKING:
    from papers.models.groups import Group

_Row = TypeVar("_Row", bound=models.Model, covariant=True)


class PerMemberQuerySet(models.QuerySet[_Row]):
    def of_members(self, group: Group) -> Self:
        """The rows of users who are active members of ``group`` now: only these count."""
        return self.filter(user__in=group.active_user_ids())

    def few_of_users(self, user_ids: models.QuerySet[Any, Any]) -> Self:
        """The rows of ``user_ids``, a subquery, for use with another condition that few rows meet.

        A sum is not a column, so the database finds the rows by the other condition, and does not
        look up each user.
        """
        return self.alias(summed_id=models.F("user") + 0).filter(summed_id__in=user_ids)


class VoteQuerySet(PerMemberQuerySet["Vote"]):
    def wanting(self) -> Self:
        """The votes to discuss the paper, now or later."""
        return self.filter(stance__in=Vote.WANTING)


class Vote(models.Model):
    """One member's stance on one paper. No row means no stance."""

    class Stance(models.TextChoices):
        WANT = "want", "I want to discuss this"
        WAIT = "wait", "Wait for me"
        NOT = "not", "Not for me"

    WANTING = (Stance.WANT, Stance.WAIT)

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="votes", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="votes", db_index=False
    )
    stance = models.CharField(max_length=4, choices=Stance.choices, default=Stance.WANT)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = VoteQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint("paper", "user", name="one_vote"),
            models.CheckConstraint(
                condition=models.Q(stance__in=["want", "wait", "not"]), name="vote_stance"
            ),
        ]
        indexes = [models.Index(fields=["user", "stance", "paper"], name="vote_of_user")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_stance_display().lower()}"


class Offer(models.Model):
    """One member's offer to present a paper."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="offers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offers")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PerMemberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint("paper", "user", name="one_offer")]

    def __str__(self) -> str:
        return f"{self.user} can present {self.paper}"
