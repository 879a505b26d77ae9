"""What members say of a paper, and what each of them has read of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.discussions import Discussion
from papers.models.papers import Paper
from papers.models.people import former_member

MAX_COMMENT_LENGTH = 10_000  # characters
MAX_COMMENT_DEPTH = 3  # replies to replies: four levels


class Comment(models.Model):
    """A comment on a paper. One that was removed stays, for the replies below it."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", models.RESTRICT, null=True, related_name="replies")
    depth = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), related_name="comments"
    )
    body = models.TextField(max_length=MAX_COMMENT_LENGTH)
    is_question = models.BooleanField("ask this at the meeting", default=False)
    # A question that was talked about: when, and at which meeting.
    answered_at = models.DateTimeField(null=True)
    answered_in = models.ForeignKey(Discussion, models.SET_NULL, null=True, related_name="+")
    mentions = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), null=True, related_name="+"
    )
    removal_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["paper", "created_at", "id"], name="comment_of_paper")]
        constraints = [
            models.CheckConstraint(
                condition=Q(parent__isnull=True, depth=0)
                | Q(parent__isnull=False, depth__gte=1, depth__lte=MAX_COMMENT_DEPTH),
                name="comment_depth",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=False)
                | Q(removed_by__isnull=True, removal_reason=""),
                name="comment_removed",
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.created_at:%Y-%m-%d}"


class CommentRevision(models.Model):
    """What a comment said before it was edited; ``written_at`` is when it was written so."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    body = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.comment}, as of {self.written_at:%Y-%m-%d}"


class Watch(models.Model):
    """How far one member has read the thread of a paper, and whether they follow it.

    ``follows`` is what they said by hand; where they said nothing, who has voted, commented or
    offered to present follows.
    """

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="watches", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    seen_at = models.DateTimeField(null=True)
    # What was new at a visit stays marked until it ends: when it began, and what was seen before.
    visited_at = models.DateTimeField(null=True)
    seen_before = models.DateTimeField(null=True)
    follows = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint("paper", "user", name="one_watch")]

    def __str__(self):
        return f"{self.user} and {self.paper}"
