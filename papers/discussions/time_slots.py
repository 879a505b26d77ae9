"""The time slots of a meeting: when each paper of its agenda is planned to be discussed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from papers.models import AgendaItem, Discussion

READING_MINUTES = 20
READING_PLAN = f"First {READING_MINUTES} minutes: we read together."


@dataclass(frozen=True)
class TimeSlot:
    """The plan for one agenda item; ``item`` is None while the group reads together.

    ``minutes`` is None if none are planned and no time is left to share. ``starts_at`` and
    ``ends_at`` are None if the length of an earlier slot is unknown.
    """

    item: AgendaItem | None
    minutes: int | None
    starts_at: datetime | None
    ends_at: datetime | None


def time_slots(discussion: Discussion, items: Sequence[AgendaItem]) -> list[TimeSlot]:
    """The slots of ``items``, in the same order, after one for reading together if planned.

    Items without planned minutes share the rest of the meeting evenly. A discussion without a
    date, or in writing, has slots without times.
    """
    planned: list[tuple[AgendaItem | None, int | None]] = [(item, item.minutes) for item in items]
    if discussion.reads_together:
        planned.insert(0, (None, READING_MINUTES))
    if discussion.is_written or discussion.starts_at is None:
        return [TimeSlot(item, minutes, None, None) for item, minutes in planned]
    share = _minutes_each(discussion, [minutes for _, minutes in planned])
    slots: list[TimeSlot] = []
    at: datetime | None = discussion.starts_at
    for item, planned_minutes in planned:
        minutes = planned_minutes or share
        ends_at = at + timedelta(minutes=minutes) if at and minutes else None
        slots.append(TimeSlot(item, minutes, at, ends_at))
        at = ends_at
    return slots


def _minutes_each(discussion: Discussion, minutes: list[int | None]) -> int | None:
    """The share of each item without planned minutes; None if no time is left."""
    assert discussion.starts_at and discussion.ends_at
    unplanned = sum(1 for one in minutes if not one)
    whole = int((discussion.ends_at - discussion.starts_at).total_seconds() // 60)
    left = whole - sum(one or 0 for one in minutes)
    return left // unplanned or None if unplanned and left > 0 else None
