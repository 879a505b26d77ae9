"""What is to be asked at a meeting: the comments that are marked so, paper by paper."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from papers.models import Comment, Discussion, Paper
from papers.rendering import render_markdown

CARRIED_OVER_FOR = 10  # meetings


@dataclass(frozen=True)
class Question:
    comment: Comment
    html: str


@dataclass(frozen=True)
class PaperQuestions:
    """The questions on one paper, the oldest first; ``is_carried_over``: from earlier meetings."""

    paper: Paper
    questions: list[Question]
    is_carried_over: bool

    @property
    def open_questions(self):
        """Those that nobody has ticked off."""
        return [one for one in self.questions if not one.comment.answered_at]


def questions_for(discussion):
    """The comments in the queue of ``discussion``, a queryset.

    Open ones on its papers, and on those of the meetings that were held before it, which left
    them; and those that were ticked off at it. A meeting that was held takes over no more.
    """
    papers = Q(paper__agenda_items__discussion=discussion)
    if not discussion.is_held:
        papers |= Q(paper__agenda_items__discussion__in=_earlier_discussion_ids(discussion))
    comments = Comment.objects.filter(
        papers & Q(answered_at=None) | Q(answered_in=discussion),
        paper__group=discussion.group_id,
        is_question=True,
        removed_at=None,
    )
    return comments.distinct().order_by("created_at", "pk")


def _earlier_discussion_ids(discussion):
    """The last meetings held before it: what nobody ticks off stays in line for so many."""
    at = discussion.starts_at or timezone.now()
    held = Discussion.objects.in_group(discussion.group).filter(state=Discussion.State.HELD)
    held = held.filter(starts_at__lt=at).exclude(pk=discussion.pk)
    return list(held.order_by("-starts_at", "-pk").values_list("pk", flat=True)[:CARRIED_OVER_FOR])


def questions_by_paper(discussion, papers, handles):
    """A list of `PaperQuestions`: the ``papers`` of the agenda in their order, then what was left.

    ``handles``: whom a mention may name. Two queries.
    """
    found = {}
    for comment in questions_for(discussion).select_related("user", "paper"):
        question = Question(comment, render_markdown(comment.body, handles))
        found.setdefault(comment.paper, []).append(question)
    on_agenda = [PaperQuestions(one, found.pop(one), False) for one in papers if one in found]
    return on_agenda + [PaperQuestions(paper, asked, True) for paper, asked in found.items()]


def count_open(asked):
    """How many of ``asked``, a `questions_by_paper`, nobody has ticked off."""
    return sum(len(group.open_questions) for group in asked)
