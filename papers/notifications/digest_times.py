"""When the daily digest of each reader is due: at the same hour in every reader's zone."""

from datetime import datetime, time, timedelta

from papers.discussions import times
from papers.models import User

DIGEST_HOUR = time(7)  # in the reader's zone


def last_digest_at(user: User, at: datetime) -> datetime:
    """The last moment at or before ``at`` when a digest was due for ``user``, in their zone."""
    zone = times.reader_zone(user)
    day = at.astimezone(zone).date()
    due = times.local_moment(day, DIGEST_HOUR, zone)
    return due if due <= at else times.local_moment(day - timedelta(days=1), DIGEST_HOUR, zone)


def next_digest_at(user: User, at: datetime) -> datetime:
    """The first moment after ``at`` when a digest is due for ``user``, in their zone."""
    last = last_digest_at(user, at)
    return times.local_moment(last.date() + timedelta(days=1), DIGEST_HOUR, times.reader_zone(user))
