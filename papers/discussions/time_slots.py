"""At which hours each paper of an agenda is talked about: as planned, from the meeting's start."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

READING_MINUTES = 20
READING_PLAN = f"First {READING_MINUTES} minutes: we read together."


@dataclass(frozen=True)
class TimeSlot:
    """What is planned for one item of an agenda; ``item`` is None where the group reads together.

    ``minutes`` is None where nothing is planned for it and no time is left to share. The hours are
    None where they follow something of which nobody knows how long it takes.
    """

    item: Any
    minutes: int | None
    starts_at: datetime | None
    ends_at: datetime | None


def time_slots(discussion, items):
    """The slots of ``items``, in their order.

    Items without a plan share evenly what the others leave of the meeting. What has no date, or is
    in writing, has no hours.
    """
    planned = [(item, item.minutes) for item in items]
    if discussion.reads_together:
        planned.insert(0, (None, READING_MINUTES))
    if discussion.is_written or discussion.starts_at is None:
        return [TimeSlot(item, minutes, None, None) for item, minutes in planned]
    share = _minutes_each(discussion, [minutes for _, minutes in planned])
    slots, at = [], discussion.starts_at
    for item, planned_minutes in planned:
        minutes = planned_minutes or share
        ends_at = at + timedelta(minutes=minutes) if at and minutes else None
        slots.append(TimeSlot(item, minutes, at, ends_at))
        at = ends_at
    return slots


def _minutes_each(discussion, minutes):
    """The minutes for each without a plan; None where nothing is left for them."""
    unplanned = sum(1 for one in minutes if not one)
    whole = int((discussion.ends_at - discussion.starts_at).total_seconds() // 60)
    left = whole - sum(one or 0 for one in minutes)
    return left // unplanned or None if unplanned and left > 0 else None
