"""What waits for one member of a group."""

from django.db.models import Count, Q
from django.http import QueryDict
from django.utils import timezone

from papers import cached, reading, times
from papers.filters import PaperFilter
from papers.models import AgendaItem, Paper
from papers.services import polling

SHOWN = 3  # of each kind; the lists have the rest


def all_of(user, group):
    """The context of "needs you"."""
    papers, number = unvoted(user, group)
    answers, answer_number = replies(user, group)
    return {
        "polls": polls(user, group),
        "asked": asked_to_present(user, group),
        "unvoted": papers,
        "unvoted_number": number,
        "replies": answers,
        "replies_number": answer_number,
        "followed_news": followed_news(user, group),
    }


def polls(user, group):
    """The open date polls that ``user`` has not answered, the first to close first."""
    found = list(polling.waiting_for(user, group).with_agenda()[:SHOWN])
    for poll in found:
        poll.answer_until = times.deadline(poll, group, user)
    return found


def asked_to_present(user, group):
    """What ``user`` is asked to present at meetings to come, or offered for what they do."""
    wanted = Q(presenter=user, is_confirmed=False)
    wanted |= Q(swap_for__presenter=user, swap_for__is_confirmed=True)
    asked = AgendaItem.objects.filter(wanted, discussion__group=group)
    asked = asked.filter(discussion__state__in=["polling", "scheduled"])
    asked = asked.exclude(discussion__ends_at__lte=timezone.now())
    return list(asked.select_related("paper").order_by("pk")[:SHOWN])


def unvoted(user, group):
    """The newest open papers that ``user`` has not voted on, and how many there are."""
    choice = PaperFilter(QueryDict("status=open&mine=unvoted"), group=group, user=user)
    choice.is_valid()
    counts, _ = cached.counts_and_first(choice)
    return list(choice.papers().order_by("-pk")[:SHOWN]), counts.total


def replies(user, group):
    """The newest comments, new to ``user``, that answer or mention them, and how many there are."""
    news = reading.new_comments(user, group)
    mine = news.filter(Q(parent__user=user) | Q(mentions=user)).distinct()
    newest = mine.order_by("-created_at", "-pk").select_related("user", "paper")
    return list(newest[:SHOWN]), mine.count()


def followed_news(user, group):
    """Papers that ``user`` follows and that have new comments: each with ``new_comments``."""
    news = reading.new_comments(user, group).order_by()
    numbers = dict(news.values_list("paper").annotate(Count("pk")))
    papers = reading.followed_by(Paper.objects.few_of(group), user).filter(pk__in=list(numbers))
    found = list(papers.order_by("-pk")[:SHOWN])
    for paper in found:
        paper.new_comments = numbers[paper.pk]
    return found
