"""What is to be asked at a meeting: the comments that are marked so, paper by paper."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from papers.models import Comment, Discussion, Paper
from papers.rendering import markdown


@dataclass(frozen=True)
class Question:
    comment: Comment
    html: str


@dataclass(frozen=True)
class Asked:
    """The questions on one paper, the oldest first; ``is_left``: the meeting before left them."""

    paper: Paper
    questions: list[Question]
    is_left: bool


def of(discussion):
    """The comments in the queue of ``discussion``, a queryset.

    Open ones on its papers, and on those of the last meeting that was held before it, which left
    them; and those that were ticked off at it. A meeting that was held takes over no more.
    """
    papers = Q(paper__agenda_items__discussion=discussion)
    before = None if discussion.is_held else _before(discussion)
    if before:
        papers |= Q(paper__agenda_items__discussion=before)
    comments = Comment.objects.filter(
        papers & Q(answered_at=None) | Q(answered_in=discussion),
        paper__group=discussion.group_id,
        is_question=True,
        removed_at=None,
    )
    return comments.distinct().order_by("created_at", "pk")


def _before(discussion):
    at = discussion.starts_at or timezone.now()
    held = Discussion.objects.of(discussion.group).filter(state=Discussion.State.HELD)
    held = held.filter(starts_at__lt=at).exclude(pk=discussion.pk)
    return held.order_by("-starts_at", "-pk").first()


def queue(discussion, papers, handles):
    """A list of `Asked`: the ``papers`` of the agenda in their order, then what was left.

    ``handles``: whom a mention may name. Two queries.
    """
    found = {}
    for comment in of(discussion).select_related("user", "paper"):
        question = Question(comment, markdown(comment.body, handles))
        found.setdefault(comment.paper, []).append(question)
    on_agenda = [Asked(one, found.pop(one), False) for one in papers if one in found]
    return on_agenda + [Asked(paper, asked, True) for paper, asked in found.items()]


def still_open(asked):
    """How many of ``asked``, a `queue`, nobody has ticked off."""
    return sum(not one.comment.answered_at for group in asked for one in group.questions)
