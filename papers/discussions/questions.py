"""The questions for a meeting: comments marked as questions, grouped by paper."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from papers.models import Comment, Discussion, Paper
from papers.rendering import opening_line, render_markdown

if TYPE_CHECKING:
    from django.db.models import QuerySet

CARRIED_OVER_FOR = 10  # meetings


@dataclass(frozen=True)
class Question:
    comment: Comment
    html: str

    @property
    def first_line(self) -> str:
        """Its first line as plain text, for a label."""
        return opening_line(self.comment.body)


@dataclass(frozen=True)
class PaperQuestions:
    """The questions on one paper, oldest first; ``is_carried_over`` from earlier meetings."""

    paper: Paper
    questions: list[Question]
    is_carried_over: bool

    @property
    def open_questions(self) -> list[Question]:
        """The questions that nobody has ticked off."""
        return [one for one in self.questions if not one.comment.answered_at]


def questions_for(discussion: Discussion) -> QuerySet[Comment]:
    """The questions to show at ``discussion``, oldest first.

    These are the open ones on its papers and on the papers of earlier meetings, and those ticked
    off at it. Nothing is carried over to a meeting that was held.
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


def _earlier_discussion_ids(discussion: Discussion) -> list[int]:
    """The last meetings held before ``discussion``, as many as a question is carried over for."""
    at = discussion.starts_at or timezone.now()
    held = Discussion.objects.in_group(discussion.group).filter(state=Discussion.State.HELD)
    held = held.filter(starts_at__lt=at).exclude(pk=discussion.pk)
    return list(held.order_by("-starts_at", "-pk").values_list("pk", flat=True)[:CARRIED_OVER_FOR])


def questions_by_paper(
    discussion: Discussion, papers: Iterable[Paper], handles: Set[str]
) -> list[PaperQuestions]:
    """The questions for ``discussion``, by paper; those carried over come last.

    ``papers``: its agenda, in order. ``handles``: of the members who can be mentioned. Two queries.
    """
    found: dict[Paper, list[Question]] = {}
    for comment in questions_for(discussion).select_related("user", "paper"):
        question = Question(comment, render_markdown(comment.body, handles))
        found.setdefault(comment.paper, []).append(question)
    on_agenda = [PaperQuestions(one, found.pop(one), False) for one in papers if one in found]
    return on_agenda + [PaperQuestions(paper, asked, True) for paper, asked in found.items()]


def count_open(asked: Iterable[PaperQuestions]) -> int:
    """The number of open questions in ``asked``."""
    return sum(len(group.open_questions) for group in asked)
