"""Secret addresses, and the contents of the calendars and news at them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from papers.models import AgendaItem, Availability, Discussion, Feed, Group, Paper, Rsvp, Vote
from papers.security_log import log_on_commit
from papers.services.memberships import lock_user

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from papers.models import User
    from papers.models.discussions import DiscussionQuerySet

    AnsweredDiscussion = WithAnnotations[Discussion, "OwnAnswer"]

MAX_FEEDS = 20  # of one member
CALENDAR_LOOKBACK = timedelta(days=366)
MAX_CALENDAR_DISCUSSIONS = 1000  # in a calendar
MAX_NEWS_ENTRIES = 50  # entries
MIN_USE_INTERVAL = timedelta(hours=1)  # a use that follows another sooner is not recorded
Kind, Answer = Feed.Kind, Rsvp.Answer


class OwnAnswer(TypedDict):
    """The member's answer to a meeting; None for no answer."""

    answer: str | None


@transaction.atomic
def create_feed(
    *,
    user: User,
    kind: str,
    group: Group | None = None,
    label: str = "",
    alarm_minutes: int | None = None,
) -> tuple[Feed, str]:
    """Create a feed of ``user``. Returns it and the token of its address, which is not stored.

    Raises ValidationError if the user has too many.
    """
    lock_user(user.pk)  # two feeds that are created at once count each other
    if _has_max_feeds(user):
        raise ValidationError(
            f"You have {MAX_FEEDS} links, which is the limit. Revoke one you no longer use."
        )
    token = Feed.new_token()
    feed = Feed.objects.create(
        user=user,
        kind=kind,
        group=group,
        label=label,
        alarm_minutes=alarm_minutes,
        digest=Feed.digest_of(token),
    )
    log_on_commit("feed made", user=user.pk, feed=feed.pk, kind=kind)
    return feed, token


def _has_max_feeds(user: User) -> bool:
    return user.feeds.count() >= MAX_FEEDS


def revoke_feed(*, feed: Feed) -> None:
    """Delete the feed: its address never works again."""
    log_on_commit("feed revoked", user=feed.user_id, feed=feed.pk)
    feed.delete()


def feed_for_token(token: str, kinds: Iterable[str]) -> Feed | None:
    """The feed with this ``token`` and one of ``kinds``, if its member may still read it.

    None otherwise, after one query in any case. A member reads nothing with a closed account, or
    of a group that they have left.
    """
    is_in = Q(group=None) | Q(group__memberships__user=F("user"))
    feeds = Feed.objects.select_related("user", "group").filter(is_in, kind__in=kinds)
    return feeds.filter(digest=Feed.digest_of(token), user__is_active=True).first()


def record_use(*, feed: Feed) -> None:
    """Record that the feed was read, once an hour at most: programs ask all day."""
    now = timezone.now()
    if feed.last_used_at is None or feed.last_used_at < now - MIN_USE_INTERVAL:
        Feed.objects.filter(pk=feed.pk).update(last_used_at=now)


def calendar_discussions(feed: Feed) -> QuerySet[AnsweredDiscussion]:
    """The discussions in a calendar, latest first, back to a year ago, with group and agenda.

    Cancelled ones are among them, for calendars to learn of it. Annotated with `OwnAnswer`.
    """
    mine = Rsvp.objects.filter(discussion=OuterRef("pk"), user=feed.user)
    discussions = (
        _dated_discussions(feed)
        .select_related("group")
        .with_agenda()
        .annotate(answer=Subquery(mine.values("answer")))
    )
    if feed.kind == Kind.ANSWERED:
        # A reopened poll has no RSVPs: its withdrawn date stays in the calendars it was in.
        answered = Availability.objects.filter(option__discussion=OuterRef("pk"), user=feed.user)
        withdrawn = Q(withdrawn_starts_at__isnull=False) & Exists(answered)
        discussions = discussions.filter(Q(answer__isnull=False) | withdrawn)
    elif feed.kind == Kind.WANTED:
        wanted = Vote.objects.wanting().filter(user=feed.user, paper=OuterRef("paper"))
        items = AgendaItem.objects.filter(Exists(wanted), discussion=OuterRef("pk"))
        discussions = discussions.filter(Q(answer__isnull=False) | Exists(items))
    elif feed.kind == Kind.MINE:
        items = AgendaItem.objects.filter(presenter=feed.user, discussion=OuterRef("pk"))
        discussions = discussions.filter(Exists(items))
    start = Coalesce("starts_at", "withdrawn_starts_at")
    return discussions.order_by(start.desc(), "-pk")[:MAX_CALENDAR_DISCUSSIONS]


def _dated_discussions(feed: Feed) -> DiscussionQuerySet:
    """Discussions with a date, in the feed's group or in all groups of its member.

    Also those whose date was withdrawn: calendars show it as cancelled.
    """
    groups = [feed.group] if feed.group else Group.objects.with_member(feed.user)
    since = timezone.now() - CALENDAR_LOOKBACK
    is_recent = Q(ends_at__gt=since) | Q(withdrawn_ends_at__gt=since)
    return Discussion.objects.filter(is_recent, group__in=groups)


def has_declined(feed: Feed, discussion: AnsweredDiscussion) -> bool:
    """Whether the calendar shows a discussion as cancelled because the member cannot come.

    A calendar of meetings that the member attends keeps it, as cancelled, so that it does not stay
    there unchanged. In calendars of a whole group, or of own presentations, answers do not count.
    """
    return feed.kind in (Kind.ANSWERED, Kind.WANTED) and discussion.answer == Answer.NOT


def newest_papers(group: Group) -> QuerySet[Paper]:
    """The papers that were added last, newest first."""
    return Paper.objects.in_group(group).order_by("-created_at", "-pk")[:MAX_NEWS_ENTRIES]


def recently_changed_discussions(group: Group) -> QuerySet[Discussion]:
    """The discussions and date polls that changed last, newest change first."""
    return (
        Discussion.objects.in_group(group)
        .with_agenda()
        .order_by("-changed_at", "-pk")[:MAX_NEWS_ENTRIES]
    )
