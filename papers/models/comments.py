"""Comments on papers, and how far each member has read them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from papers.models.discussions import Discussion
from papers.models.papers import Paper
from papers.models.people import former_member

MAX_COMMENT_LENGTH = 10_000  # characters
MAX_COMMENT_DEPTH = 3  # replies to replies: four levels


class Comment(models.Model):
    """A comment on a paper. A removed comment keeps its row, for the replies below it."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", models.RESTRICT, null=True, related_name="replies")
    depth = models.PositiveSmallIntegerField(default=0)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET(former_member), related_name="comments"
    )
    body = models.TextField(max_length=MAX_COMMENT_LENGTH)
    is_question = models.BooleanField("ask this at the meeting", default=False)
    # When, and at which meeting, the question was answered.
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

    def __str__(self) -> str:
        return f"{self.user}, {self.created_at:%Y-%m-%d}"


class CommentRevision(models.Model):
    """An earlier text of an edited comment, and when it was written."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    body = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.comment}, as of {self.written_at:%Y-%m-%d}"


class Watch(models.Model):
    """How far one member has read the thread of a paper, and whether they follow the paper.

    ``follows`` is the member's own choice; NULL: they follow the paper if they voted, commented or
    offered to present.
    """

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="watches", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    seen_at = models.DateTimeField(null=True)
    # Comments that were new at a visit stay marked until it ends: the start of the visit, and
    # ``seen_at`` before it.
    visited_at = models.DateTimeField(null=True)
    seen_before = models.DateTimeField(null=True)
    follows = models.BooleanField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint("paper", "user", name="one_watch")]

    def __str__(self) -> str:
        return f"{self.user} and {self.paper}"
