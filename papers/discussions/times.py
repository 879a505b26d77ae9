"""When a meeting is, in words: the one source for pages, mails and calendars.

Kept are moments. A group means the hours of its own zone: a meeting that repeats at 16:00 is at
16:00 on either side of a change of clocks. A reader has hours in their own zone, and the group's
beside them where they differ.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from papers.models import Discussion, first_known_zone

USUAL_HOUR = time(16)  # of a group that has not said
DAYS_AHEAD = 7  # the first proposal, where a group has no usual weekday
LOOKED_AHEAD = 104  # usual dates that may be taken


@dataclass(frozen=True)
class MeetingTime:
    """A span of time as one reader has it; ``group_time`` is it in the group's zone, or ""."""

    day: str  # "Thu 3 Dec 2026"
    hours: str  # "16:00–17:00"; "" where there is none
    zone: str  # "Europe/Berlin"
    group_time: str

    def __str__(self):
        said = f"{self.day}, {self.hours} ({self.zone})" if self.hours else self.day
        return f"{said}; {self.group_time}" if self.group_time else said


def group_zone(group):
    return ZoneInfo(first_known_zone(group.time_zone) or "UTC")


def reader_zone(user, group):
    """The zone that ``user``, or None, reads the hours of ``group`` in."""
    mine = first_known_zone(getattr(user, "time_zone", ""))
    return ZoneInfo(mine) if mine else group_zone(group)


def local_moment(day, hour, zone):
    """The moment of ``day`` at ``hour`` in ``zone``, in that zone.

    An hour that a change of clocks leaves out counts as by the clock before it (PEP 495, fold=0):
    02:30 becomes 03:30. Of one that comes twice it is the first.
    """
    moment = datetime.combine(day, hour, tzinfo=zone)
    return moment.astimezone(ZoneInfo("UTC")).astimezone(zone)


def end_of_day(day, zone):
    """The last minute of ``day``: when a discussion in writing closes."""
    return local_moment(day, time(23, 59), zone)


def meeting_time(meeting, group, user=None):
    """When ``meeting`` (a Discussion or a DateOption of ``group``) is, for ``user``.

    None where it has no date.
    """
    if meeting.starts_at is None:
        return None
    zone, theirs = reader_zone(user, group), group_zone(group)
    if getattr(meeting, "is_written", False):
        return MeetingTime(f"until {day_text(meeting.ends_at, theirs)}", "", theirs.key, "")
    starts_at = meeting.starts_at
    differs = starts_at.astimezone(zone).utcoffset() != starts_at.astimezone(theirs).utcoffset()
    beside = ""
    if differs:
        beside = f"{hours_text(meeting, theirs)} {theirs.key}"
        if starts_at.astimezone(zone).date() != starts_at.astimezone(theirs).date():
            beside = f"{day_text(starts_at, theirs)}, {beside}"
    return MeetingTime(day_text(starts_at, zone), hours_text(meeting, zone), zone.key, beside)


def deadline_text(poll, group, user=None):
    """Until when a date poll of ``group`` may be answered, for ``user``; "" where no one has said.

    "Mon 30 Nov 2026, 23:59 (Europe/Berlin)".
    """
    if poll.answer_by is None:
        return ""
    zone = reader_zone(user, group)
    return f"{day_text(poll.answer_by, zone)}, {poll.answer_by.astimezone(zone):%H:%M} ({zone.key})"


def day_text(moment, zone):
    """ "Thu 3 Dec 2026"."""
    moment = moment.astimezone(zone)
    return f"{moment:%a} {moment.day} {moment:%b} {moment.year}"


def hours_text(meeting, zone):
    """ "16:00–17:00"; with the days that lie between, "22:00–01:00 (+1)"."""
    first, last = meeting.starts_at.astimezone(zone), meeting.ends_at.astimezone(zone)
    days = (last.date() - first.date()).days
    return f"{first:%H:%M}–{last:%H:%M}" + (f" (+{days})" if days else "")


def usual_dates(group, after, count):
    """The next ``count`` usual meetings of ``group``, as moments in its zone, after ``after``.

    On its usual weekday and at its usual hour; a week from ``after`` where it has no weekday.
    """
    zone, hour = group_zone(group), group.meets_at or USUAL_HOUR
    day = after.astimezone(zone).date()
    if group.weekday is None:
        day += timedelta(days=DAYS_AHEAD)
    else:
        day += timedelta(days=(group.weekday - day.weekday()) % 7)
    if local_moment(day, hour, zone) <= after:
        day += timedelta(days=7)
    return [local_moment(day + timedelta(weeks=week), hour, zone) for week in range(count)]


def free_dates(group, after, count):
    """Of `usual_dates` the first ``count`` on whose day the group does not meet."""
    zone = group_zone(group)
    taken = Discussion.objects.in_group(group).filter(
        state__in=[Discussion.State.SCHEDULED, Discussion.State.HELD],
        is_written=False,
        ends_at__gt=after - timedelta(days=1),
    )
    days = {moment.astimezone(zone).date() for moment in taken.values_list("starts_at", flat=True)}
    dates = usual_dates(group, after, LOOKED_AHEAD)
    return [date for date in dates if date.date() not in days][:count]
