"""A month of a group, day by day, as one reader has it: meetings, and dates that polls ask for."""

import re
from calendar import Calendar
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Q

from papers.discussions import times
from papers.models import DateOption, Discussion

MONTH_PATTERN = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)
FIRST_MONTH, LAST_MONTH = (1000, 1), (9999, 12)
MONDAY_FIRST = Calendar(firstweekday=0)


@dataclass(frozen=True)
class DayEntry:
    """What a day has: a meeting, or a date that the poll of a meeting asks for."""

    meeting: Discussion
    hour: str  # "16:00"; "" for one in writing, which is there on the day it closes
    is_option: bool = False


@dataclass(frozen=True)
class Day:
    date: date
    entries: list
    is_today: bool
    may_schedule: bool

    @property
    def name(self):
        """ "3 December"."""
        return f"{self.date.day} {self.date:%B}"


@dataclass(frozen=True)
class Month:
    year: int
    number: int

    @classmethod
    def from_text(cls, text):
        """The month that "2026-12" names; None where it names none from year 1000 to 9999."""
        found = MONTH_PATTERN.fullmatch(text)
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self):
        """As in an address: "2026-12"."""
        return f"{self.year}-{self.number:02}"

    @property
    def name(self):
        """ "December 2026"."""
        return f"{self.first_day:%B} {self.year}"

    @property
    def first_day(self):
        return date(self.year, self.number, 1)

    @property
    def previous(self):
        return self._months_later(-1)

    @property
    def next(self):
        return self._months_later(1)

    def _months_later(self, months):
        """The month so many later; None where no calendar goes."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        moved = (year, number + 1)
        return Month(*moved) if FIRST_MONTH <= moved <= LAST_MONTH else None

    def weeks(self):
        """Lists of seven dates, Monday first; None for a day of another month."""
        weeks = MONDAY_FIRST.monthdayscalendar(self.year, self.number)
        return [
            [self.first_day.replace(day=day) if day else None for day in week] for week in weeks
        ]


def month_weeks(month, group, zone, *, today, schedulable):
    """The weeks of ``month`` as lists of seven `Day`; None for a day of another month.

    ``schedulable``: a function that says of a date whether a link to make a meeting is there.
    """
    found = _entries_by_date(month, group, zone)
    return [
        [day and Day(day, found[day], day == today, schedulable(day)) for day in week]
        for week in month.weeks()
    ]


def _entries_by_date(month, group, zone):
    """Lists of what happens, by date in ``zone``, in the order of the hours. Four queries."""
    theirs = times.group_zone(group)
    meetings = (
        Discussion.objects.in_group(group)
        .filter(_within_month("starts_at", month, zone))
        .with_agenda()
    )
    written = (
        Discussion.objects.in_group(group)
        .filter(_within_month("ends_at", month, theirs))
        .with_agenda()
    )
    options = DateOption.objects.filter(
        _within_month("starts_at", month, zone),
        discussion__in=Discussion.objects.in_group(group).polling().order_by(),
    )
    options = options.select_related("discussion").prefetch_related("discussion__agenda__paper")
    dated = [
        (one.ends_at.astimezone(theirs), one, False) for one in written.filter(is_written=True)
    ]
    dated += [
        (one.starts_at.astimezone(zone), one, False) for one in meetings.filter(is_written=False)
    ]
    dated += [(one.starts_at.astimezone(zone), one.discussion, True) for one in options]
    days = defaultdict(list)
    for moment, meeting, is_option in sorted(dated, key=lambda one: (one[0].time(), one[1].pk)):
        meeting.group = group
        hour = "" if meeting.is_written else f"{moment:%H:%M}"
        days[moment.date()].append(DayEntry(meeting, hour, is_option))
    return days


def _within_month(field, month, zone):
    """That ``field`` is within ``month`` by the clock of ``zone``."""
    within = Q(**{f"{field}__gte": times.local_moment(month.first_day, time(), zone)})
    if month.next:
        within &= Q(**{f"{field}__lt": times.local_moment(month.next.first_day, time(), zone)})
    return within
