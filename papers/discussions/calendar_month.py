"""The calendar of a month for one reader: the meetings of a group, and the dates of its polls."""

from __future__ import annotations

import re
from calendar import Calendar
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Q

from papers.discussions import times
from papers.models import DateOption, Discussion

if TYPE_CHECKING:
    from papers.models import Group

MONTH_PATTERN = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)
FIRST_MONTH, LAST_MONTH = (1000, 1), (9999, 12)
MONDAY_FIRST = Calendar(firstweekday=0)


@dataclass(frozen=True)
class DayEntry:
    """A meeting on a day, or (``is_option``) one of the dates of its poll."""

    discussion: Discussion
    hour: str  # "16:00"; "" for a discussion in writing, shown on the day it closes
    is_option: bool = False


@dataclass(frozen=True)
class Day:
    date: date
    entries: list[DayEntry]
    is_today: bool
    may_schedule: bool

    @property
    def name(self) -> str:
        """ "3 December"."""
        return f"{self.date.day} {self.date:%B}"


@dataclass(frozen=True)
class Month:
    year: int
    number: int  # 1 to 12

    @classmethod
    def from_text(cls, text: str) -> Month | None:
        """The month written as "2026-12"; None for other texts, and outside the years 1000-9999."""
        found = MONTH_PATTERN.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        """ "2026-12", as in an address."""
        return f"{self.year}-{self.number:02}"

    @property
    def name(self) -> str:
        """ "December 2026"."""
        return f"{self.first_day:%B} {self.year}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def previous(self) -> Month | None:
        return self._months_later(-1)

    @property
    def next(self) -> Month | None:
        return self._months_later(1)

    def _months_later(self, months: int) -> Month | None:
        """The month ``months`` later; None outside the years 1000-9999."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        moved = (year, number + 1)
        return Month(*moved) if FIRST_MONTH <= moved <= LAST_MONTH else None

    def weeks(self) -> list[list[date | None]]:
        """The weeks, each a list of seven dates from Monday on; None for days of other months."""
        weeks = MONDAY_FIRST.monthdayscalendar(self.year, self.number)
        return [
            [self.first_day.replace(day=day) if day else None for day in week] for week in weeks
        ]


def month_weeks(
    month: Month,
    group: Group,
    zone: ZoneInfo,
    *,
    today: date,
    schedulable: Callable[[date], bool],
) -> list[list[Day | None]]:
    """The weeks of ``month``, each a list of seven `Day`; None for days of other months.

    ``zone``: the reader's. ``schedulable``: whether a meeting can be scheduled on a date.
    """
    found = _entries_by_date(month, group, zone)
    return [
        [Day(day, found[day], day == today, schedulable(day)) if day else None for day in week]
        for week in month.weeks()
    ]


def discussion_ids(weeks: list[list[Day | None]]) -> list[int]:
    """The ids of the discussions in ``weeks``, without those that are only polled for."""
    days = [day for week in weeks for day in week if day is not None]
    return [one.discussion.pk for day in days for one in day.entries if not one.is_option]


def _entries_by_date(month: Month, group: Group, zone: ZoneInfo) -> dict[date, list[DayEntry]]:
    """The entries of each day in ``zone``, in the order of their hours. Four queries.

    A discussion in writing closes on a day of the group's time zone.
    """
    group_zone = times.group_zone(group)
    discussions = (
        Discussion.objects.in_group(group)
        .filter(_within_month("starts_at", month, zone))
        .with_agenda()
    )
    written = (
        Discussion.objects.in_group(group)
        .filter(_within_month("ends_at", month, group_zone))
        .with_agenda()
    )
    options = DateOption.objects.filter(
        _within_month("starts_at", month, zone),
        discussion__in=Discussion.objects.in_group(group).polling().order_by(),
    )
    options = options.select_related("discussion").prefetch_related("discussion__agenda__paper")
    dated: list[tuple[datetime, Discussion, bool]] = []
    for one in written.filter(is_written=True):
        assert one.ends_at
        dated.append((one.ends_at.astimezone(group_zone), one, False))
    for one in discussions.filter(is_written=False):
        assert one.starts_at
        dated.append((one.starts_at.astimezone(zone), one, False))
    dated += [(option.starts_at.astimezone(zone), option.discussion, True) for option in options]
    days: defaultdict[date, list[DayEntry]] = defaultdict(list)
    for moment, discussion, is_option in sorted(dated, key=lambda one: (one[0].time(), one[1].pk)):
        discussion.group = group
        hour = "" if discussion.is_written else f"{moment:%H:%M}"
        days[moment.date()].append(DayEntry(discussion, hour, is_option))
    return days


def _within_month(field: str, month: Month, zone: ZoneInfo) -> Q:
    """The condition that ``field`` is a moment of ``month`` in ``zone``."""
    within = Q(**{f"{field}__gte": times.local_moment(month.first_day, time(), zone)})
    if month.next:
        within &= Q(**{f"{field}__lt": times.local_moment(month.next.first_day, time(), zone)})
    return within
