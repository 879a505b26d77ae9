"""What members want of a paper: to discuss it, to present it."""

from django.conf import settings
from django.db import models

from papers.models.papers import Paper


class PerMemberQuerySet(models.QuerySet):
    def of_members(self, group):
        """By those who are in ``group`` now: no others count."""
        return self.filter(user__in=group.active_user_ids())


class VoteQuerySet(PerMemberQuerySet):
    def wanting(self):
        """Votes of those who want to discuss the paper."""
        return self.filter(stance__in=Vote.WANTING)


class Vote(models.Model):
    """One member's stance on one paper; that there is none is the fourth."""

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

    def __str__(self):
        return f"{self.user}: {self.get_stance_display().lower()}"


class Offer(models.Model):
    """ "I can present this"."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="offers", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offers")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PerMemberQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint("paper", "user", name="one_offer")]

    def __str__(self):
        return f"{self.user} can present {self.paper}"
