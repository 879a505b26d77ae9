"""Dates to propose in a new date poll: different days and hours that have suited the group."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count

from papers.discussions import times
from papers.models import Availability, Discussion, Rsvp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from papers.models import Group

Slot = tuple[int, time]  # weekday, 0 for Monday; hour in the group's zone

LOOKED_BACK = timedelta(days=183)  # at polls and held meetings
TIME_TO_ANSWER = timedelta(days=3)  # before the first proposed date
WEEKS_AHEAD = 8  # searched for a free day
WORKING_DAYS = 5
# How well an answer speaks for its day and hour.
ANSWER_POINTS: dict[str, int] = {
    Availability.Answer.YES: 2,
    Availability.Answer.MAYBE: 1,
    Availability.Answer.NO: -1,
}
COMING_POINTS = 2  # per member who came to a held meeting
MOST_AT_ONE_HOUR = 2
# Hours beside the usual one, in the afternoon and in the morning.
AFTERNOON_OFFSETS, MORNING_OFFSETS = (0, -2, 1, -3), (0, 2, -1, 4)


def proposed_dates(group: Group, now: datetime, count: int) -> list[datetime]:
    """At most ``count`` moments in the group's zone, in their order, on days without a meeting.

    The days and hours that suited most members lately come first, then the usual day and hour of
    the group and others near it, but for those that suited nobody. Each is on a weekday of its own,
    and `MOST_AT_ONE_HOUR` are at the same hour. Three queries.
    """
    zone = times.group_zone(group)
    first = (now + TIME_TO_ANSWER).astimezone(zone).date()
    taken = _days_with_meetings(group, zone, now)
    points = _points_by_slot(group, zone, now)
    liked = sorted(
        (slot for slot in points if points[slot] > 0), key=lambda one: (-points[one], one)
    )
    usual = [slot for slot in _usual_slots(group) if points[slot] >= 0]
    chosen = islice(_different_slots([*liked, *usual]), count)
    found = [_next_free(slot, first, taken, zone) for slot in chosen]
    return sorted(moment for moment in found if moment)


def _different_slots(slots: Iterable[Slot]) -> Iterator[Slot]:
    """The first of ``slots`` on each weekday, passing over hours that have come often enough."""
    days: set[int] = set()
    hours: Counter[time] = Counter()
    for day, hour in slots:
        if day not in days and hours[hour] < MOST_AT_ONE_HOUR:
            days.add(day)
            hours[hour] += 1
            yield day, hour


def _points_by_slot(group: Group, zone: ZoneInfo, now: datetime) -> Counter[Slot]:
    """How well each day and hour has suited the members lately, by their answers and meetings."""
    points: Counter[Slot] = Counter()
    since = now - LOOKED_BACK
    members = group.active_user_ids()
    answers = Availability.objects.filter(
        option__discussion__group=group, option__starts_at__gt=since, user__in=members
    )
    numbers = answers.order_by().values_list("option__starts_at", "answer").annotate(Count("pk"))
    for moment, answer, number in numbers:
        points[_slot_of(moment, zone)] += ANSWER_POINTS[answer] * number
    came = Rsvp.objects.filter(
        discussion__group=group,
        discussion__state=Discussion.State.HELD,
        discussion__starts_at__gt=since,
        discussion__is_written=False,
        user__in=members,
    ).exclude(answer=Rsvp.Answer.NOT)
    for moment, number in (
        came.order_by().values_list("discussion__starts_at").annotate(Count("pk"))
    ):
        assert moment  # held => has a start
        points[_slot_of(moment, zone)] += COMING_POINTS * number
    return points


def _slot_of(moment: datetime, zone: ZoneInfo) -> Slot:
    there = moment.astimezone(zone)
    return there.weekday(), there.time().replace(second=0, microsecond=0)


def _usual_slots(group: Group) -> list[Slot]:
    """The usual day and hour of ``group``, then the days after it, at its hour and those near it.

    A group that meets on working days is not asked about weekends.
    """
    usual = group.meets_at or times.USUAL_HOUR
    offsets = MORNING_OFFSETS if usual < time(12) else AFTERNOON_OFFSETS
    day = 1 if group.weekday is None else group.weekday
    week = WORKING_DAYS if day < WORKING_DAYS else 7
    near = [(day + number) % week for number in range(week)]
    return [
        (weekday, _shifted(usual, offsets[number % len(offsets)]))
        for number, weekday in enumerate(near)
    ]


def _shifted(hour: time, offset: int) -> time:
    """``hour``, ``offset`` hours later, or unchanged if that is another day."""
    shifted = hour.hour + offset
    return hour.replace(hour=shifted) if 0 <= shifted < 24 else hour


def _days_with_meetings(group: Group, zone: ZoneInfo, now: datetime) -> set[date]:
    """The days, in ``zone``, on which a meeting of ``group`` is scheduled."""
    upcoming = Discussion.objects.in_group(group).upcoming(now).filter(is_written=False)
    starts = upcoming.values_list("starts_at", flat=True)
    return {moment.astimezone(zone).date() for moment in starts if moment}


def _next_free(slot: Slot, first: date, taken: set[date], zone: ZoneInfo) -> datetime | None:
    """The first moment of ``slot`` from the day ``first`` on, on a day that is not ``taken``."""
    weekday, hour = slot
    start = first + timedelta(days=(weekday - first.weekday()) % 7)
    days = (start + timedelta(weeks=week) for week in range(WEEKS_AHEAD))
    day = next((day for day in days if day not in taken), None)
    return times.local_moment(day, hour, zone) if day else None
