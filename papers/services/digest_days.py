"""When the digests of each reader are due: every day at one hour of theirs."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from papers import times
from papers.models import first_known_zone

HOUR = time(7)  # in the reader's zone, else UTC


def last_digest(user, at):
    """The last moment at or before ``at`` when a digest of ``user`` was due, in their zone."""
    zone = ZoneInfo(first_known_zone(user.time_zone) or "UTC")
    day = at.astimezone(zone).date()
    due = times.local(day, HOUR, zone)
    return due if due <= at else times.local(day - timedelta(days=1), HOUR, zone)


def next_digest(user, at):
    """The first moment after ``at`` when one is due."""
    last = last_digest(user, at)
    return times.local(last.date() + timedelta(days=1), HOUR, last.tzinfo)
