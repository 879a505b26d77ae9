"""Secret addresses: how they come to be, and what is read at them."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from papers.models import AgendaItem, Discussion, Feed, Group, Paper, Rsvp, Vote
from papers.security_log import log_on_commit
from papers.services.memberships import lock_user

MAX_FEEDS = 20  # of one member
CALENDAR_LOOKBACK = timedelta(days=366)
MAX_CALENDAR_DISCUSSIONS = 1000  # in a calendar
MAX_NEWS_ENTRIES = 50  # entries
MIN_USE_INTERVAL = timedelta(hours=1)  # a use that follows another sooner is not written down
Kind, Answer = Feed.Kind, Rsvp.Answer


@transaction.atomic
def create_feed(*, user, kind, group=None, label="", alarm_minutes=None):
    """A new feed of ``user``, and the token of its address, which is kept nowhere: (feed, token).

    ValidationError where they have too many.
    """
    lock_user(user.pk)  # two that are made at once count each other
    if _has_max_feeds(user):
        raise ValidationError(
            f"You have {MAX_FEEDS} addresses, and that is the limit: revoke one you do not use."
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


def _has_max_feeds(user):
    return user.feeds.count() >= MAX_FEEDS


def revoke_feed(*, feed):
    """Make the address lead nowhere, for good."""
    log_on_commit("feed revoked", user=feed.user_id, feed=feed.pk)
    feed.delete()


def feed_for_token(token, kinds):
    """The feed at ``token``, one of ``kinds``, where its member may still read it; else None.

    One query, whatever the reason. Of an account that is closed, and of a group that its member
    has left, there is nothing to read.
    """
    is_in = Q(group=None) | Q(group__memberships__user=F("user"))
    found = Feed.objects.select_related("user", "group").filter(is_in, kind__in=kinds)
    return found.filter(digest=Feed.digest_of(token), user__is_active=True).first()


def record_use(feed):
    """Write down that the feed was read, once an hour at most: programs ask all day."""
    now = timezone.now()
    if feed.last_used_at is None or feed.last_used_at < now - MIN_USE_INTERVAL:
        Feed.objects.filter(pk=feed.pk).update(last_used_at=now)


def calendar_discussions(feed):
    """The meetings in a calendar, by date, with group and agenda; those of a year back, too.

    What was called off stays among them, for calendars to learn of it. Each has ``answer``, what
    the member said (None: nothing), and ``answered_at``.
    """
    mine = Rsvp.objects.filter(discussion=OuterRef("pk"), user=feed.user)
    found = _dated_discussions(feed).annotate(
        answer=Subquery(mine.values("answer")), answered_at=Subquery(mine.values("updated_at"))
    )
    if feed.kind == Kind.ANSWERED:
        found = found.exclude(answer=None)
    elif feed.kind == Kind.WANTED:
        wanted = Vote.objects.wanting().filter(user=feed.user, paper=OuterRef("paper"))
        items = AgendaItem.objects.filter(Exists(wanted), discussion=OuterRef("pk"))
        found = found.filter(Q(answer__isnull=False) | Exists(items))
    elif feed.kind == Kind.MINE:
        items = AgendaItem.objects.filter(presenter=feed.user, discussion=OuterRef("pk"))
        found = found.filter(Exists(items))
    found = found.select_related("group").with_agenda()
    return found.order_by("-starts_at", "-pk")[:MAX_CALENDAR_DISCUSSIONS]


def _dated_discussions(feed):
    """Meetings with a date: of the feed's group, or of all groups of its member."""
    groups = [feed.group] if feed.group else Group.objects.with_member(feed.user)
    since = timezone.now() - CALENDAR_LOOKBACK
    found = Discussion.objects.filter(group__in=groups, ends_at__gt=since)
    return found.exclude(state=Discussion.State.POLLING)


def has_declined(feed, meeting):
    """Whether a meeting of `calendar_discussions` is off for the member alone: they cannot come.

    In a calendar of what one comes to it stays, as called off, so that it does not stand there
    as it was. In that of a whole group, or of what one presents, answers do not count.
    """
    return feed.kind in (Kind.ANSWERED, Kind.WANTED) and meeting.answer == Answer.NOT


def newest_papers(group):
    """The papers that were added last, the newest first."""
    return Paper.objects.in_group(group).order_by("-created_at", "-pk")[:MAX_NEWS_ENTRIES]


def recently_changed_discussions(group):
    """The meetings and date polls that changed last, the newest change first."""
    return (
        Discussion.objects.in_group(group)
        .with_agenda()
        .order_by("-changed_at", "-pk")[:MAX_NEWS_ENTRIES]
    )
