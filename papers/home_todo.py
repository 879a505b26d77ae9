"""The to-do list of a member on the home page of a group."""

from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils import timezone

from papers.discussions import times
from papers.library import cached_counts, unread
from papers.library.filters import PaperFilter
from papers.models import AgendaItem, Comment, Discussion, Group, Paper, User
from papers.services import date_polls

MOST_SHOWN = 3  # of each kind; the list pages show the rest


def todo_for(user: User, group: Group) -> dict[str, Any]:
    """The template context of "To do"."""
    papers, paper_count = unvoted_papers(user, group)
    replies, reply_count = new_replies(user, group)
    return {
        "polls": unanswered_polls(user, group),
        "asked": asked_to_present(user, group),
        "without_outcome": awaiting_outcome(user, group),
        "unvoted": papers,
        "unvoted_number": paper_count,
        "replies": replies,
        "replies_number": reply_count,
        "followed_news": followed_news(user, group),
    }


def unanswered_polls(user: User, group: Group) -> list[tuple[Discussion, str]]:
    """Open date polls that ``user`` has not answered, by deadline; each with the deadline or ""."""
    polls = date_polls.unanswered_polls(user, group).with_agenda()[:MOST_SHOWN]
    return [(poll, times.deadline_text(poll, group, user)) for poll in polls]


def asked_to_present(user: User, group: Group) -> list[AgendaItem]:
    """Agenda items of coming meetings that ``user`` is asked to present or to swap with."""
    items = AgendaItem.objects.of_meetings_to_come(group, timezone.now())
    asked = items.awaiting_answer_from(user).select_related("paper")
    return list(asked.order_by("pk")[:MOST_SHOWN])


def awaiting_outcome(user: User, group: Group) -> list[tuple[Discussion, times.MeetingTime | None]]:
    """Discussions that are over and whose outcome ``user`` may record; the latest first.

    Those whom `Viewer.may_conclude` allows it: organisers, its creator and its presenters. Each
    with its time. One that was recorded, or cancelled because it did not take place, is done.
    """
    discussions = Discussion.objects.in_group(group).unfinished(timezone.now()).with_agenda()
    if not group.viewer.may_organise:
        items = AgendaItem.objects.filter(presenter=user, is_confirmed=True)
        mine = Q(pk__in=items.values("discussion"))
        if group.viewer.may_schedule:
            mine |= Q(created_by=user)
        discussions = discussions.filter(mine)
    latest = discussions.order_by("-ends_at", "-pk")[:MOST_SHOWN]
    return [(one, times.meeting_time(one, group, user)) for one in latest]


def unvoted_papers(user: User, group: Group) -> tuple[list[Paper], int]:
    """The newest open papers that ``user`` has not voted on, and the number of all of them."""
    paper_filter = PaperFilter(
        QueryDict("status=open&mine=unvoted&sort=new"), group=group, user=user
    )
    paper_filter.is_valid()
    counts, _ = cached_counts.counts_and_first_ids(paper_filter)
    return list(paper_filter.filtered_papers().order_by("-pk")[:MOST_SHOWN]), counts.total


def new_replies(user: User, group: Group) -> tuple[list[Comment], int]:
    """The newest unread comments that reply to or mention ``user``, and the number of all."""
    comments = unread.new_comments(user, group)
    mine = comments.filter(Q(parent__user=user) | Q(mentions=user)).distinct()
    newest = mine.order_by("-created_at", "-pk").select_related("user", "paper")
    return list(newest[:MOST_SHOWN]), mine.count()


def followed_news(user: User, group: Group) -> list[tuple[Paper, int]]:
    """Papers that ``user`` follows, each with the number of its unread comments."""
    comments = unread.new_comments(user, group).order_by()
    counts = dict(comments.values_list("paper").annotate(Count("pk")))
    followed = unread.followed_by(Paper.objects.few_in_group(group), user).filter(
        pk__in=list(counts)
    )
    return [(paper, counts[paper.pk]) for paper in followed.order_by("-pk")[:MOST_SHOWN]]
