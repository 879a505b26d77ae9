"""When the digests of each reader are due: every day at one hour of theirs."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from papers.discussions import times
from papers.models import first_known_zone

DIGEST_HOUR = time(7)  # in the reader's zone, else UTC


def last_digest_at(user, at):
    """The last moment at or before ``at`` when a digest of ``user`` was due, in their zone."""
    zone = ZoneInfo(first_known_zone(user.time_zone) or "UTC")
    day = at.astimezone(zone).date()
    due = times.local_moment(day, DIGEST_HOUR, zone)
    return due if due <= at else times.local_moment(day - timedelta(days=1), DIGEST_HOUR, zone)


def next_digest_at(user, at):
    """The first moment after ``at`` when one is due."""
    last = last_digest_at(user, at)
    return times.local_moment(last.date() + timedelta(days=1), DIGEST_HOUR, last.tzinfo)
