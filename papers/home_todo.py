"""What waits for one member of a group."""

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils import timezone

from papers.discussions import times
from papers.library import cached_counts, unread
from papers.library.filters import PaperFilter
from papers.models import AgendaItem, Paper
from papers.services import date_polls

MOST_SHOWN = 3  # of each kind; the lists have the rest


def todo_for(user, group):
    """The context of "needs you"."""
    papers, number = unvoted_papers(user, group)
    answers, answer_number = new_replies(user, group)
    return {
        "polls": unanswered_polls(user, group),
        "asked": asked_to_present(user, group),
        "unvoted": papers,
        "unvoted_number": number,
        "replies": answers,
        "replies_number": answer_number,
        "followed_news": followed_news(user, group),
    }


def unanswered_polls(user, group):
    """The open date polls that ``user`` has not answered, the first to close first."""
    found = list(date_polls.unanswered_polls(user, group).with_agenda()[:MOST_SHOWN])
    for poll in found:
        poll.answer_until = times.deadline_text(poll, group, user)
    return found


def asked_to_present(user, group):
    """What ``user`` is asked to present at meetings to come, or offered for what they do."""
    items = AgendaItem.objects.of_meetings_to_come(group, timezone.now())
    asked = items.awaiting_answer_from(user).select_related("paper")
    return list(asked.order_by("pk")[:MOST_SHOWN])


def unvoted_papers(user, group):
    """The newest open papers that ``user`` has not voted on, and how many there are."""
    choice = PaperFilter(QueryDict("status=open&mine=unvoted"), group=group, user=user)
    choice.is_valid()
    counts, _ = cached_counts.counts_and_first_ids(choice)
    return list(choice.filtered_papers().order_by("-pk")[:MOST_SHOWN]), counts.total


def new_replies(user, group):
    """The newest comments, new to ``user``, that answer or mention them, and how many there are."""
    news = unread.new_comments(user, group)
    mine = news.filter(Q(parent__user=user) | Q(mentions=user)).distinct()
    newest = mine.order_by("-created_at", "-pk").select_related("user", "paper")
    return list(newest[:MOST_SHOWN]), mine.count()


def followed_news(user, group):
    """Papers that ``user`` follows and that have new comments: each with ``new_comments``."""
    news = unread.new_comments(user, group).order_by()
    numbers = dict(news.values_list("paper").annotate(Count("pk")))
    papers = unread.followed_by(Paper.objects.few_in_group(group), user).filter(
        pk__in=list(numbers)
    )
    found = list(papers.order_by("-pk")[:MOST_SHOWN])
    for paper in found:
        paper.new_comments = numbers[paper.pk]
    return found
