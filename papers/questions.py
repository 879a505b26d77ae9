"""What is to be asked at a meeting: the comments that are marked so, paper by paper."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from papers.models import Comment, Discussion, Paper
from papers.rendering import markdown

CARRIED_FOR = 10  # meetings


@dataclass(frozen=True)
class Question:
    comment: Comment
    html: str


@dataclass(frozen=True)
class Asked:
    """The questions on one paper, the oldest first; ``is_left``: meetings before left them."""

    paper: Paper
    questions: list[Question]
    is_left: bool

    @property
    def still_open(self):
        """Those that nobody has ticked off."""
        return [one for one in self.questions if not one.comment.answered_at]


def of(discussion):
    """The comments in the queue of ``discussion``, a queryset.

    Open ones on its papers, and on those of the meetings that were held before it, which left
    them; and those that were ticked off at it. A meeting that was held takes over no more.
    """
    papers = Q(paper__agenda_items__discussion=discussion)
    if not discussion.is_held:
        papers |= Q(paper__agenda_items__discussion__in=_before(discussion))
    comments = Comment.objects.filter(
        papers & Q(answered_at=None) | Q(answered_in=discussion),
        paper__group=discussion.group_id,
        is_question=True,
        removed_at=None,
    )
    return comments.distinct().order_by("created_at", "pk")


def _before(discussion):
    """The last meetings held before it: what nobody ticks off stays in line for so many."""
    at = discussion.starts_at or timezone.now()
    held = Discussion.objects.of(discussion.group).filter(state=Discussion.State.HELD)
    held = held.filter(starts_at__lt=at).exclude(pk=discussion.pk)
    return list(held.order_by("-starts_at", "-pk").values_list("pk", flat=True)[:CARRIED_FOR])


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
    return sum(len(group.still_open) for group in asked)
