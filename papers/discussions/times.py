"""Dates and times of meetings in words, for pages, mails and calendars.

The database stores moments. A group thinks in the hours of its own time zone: a weekly meeting at
16:00 stays at 16:00 when the clocks change. Readers see times in their own zone, and in the
group's beside them if the two differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Protocol, TypedDict
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Subquery

from papers.models import Discussion, Membership, User, first_known_zone

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations

    from papers.models import DateOption, Group

    ReaderUser = WithAnnotations[User, "JoinedZone"]

USUAL_HOUR = time(16)  # of a group that has not set one
DAYS_AHEAD = 7  # until the first proposed date of a group without a usual weekday
LOOKED_AHEAD = 104  # usual dates checked for a free day


class JoinedZone(TypedDict):
    """The time zone of the group that a user joined first; None for none."""

    joined_zone: str | None


class Span(Protocol):
    """What begins and ends: a discussion, a date option or a time slot."""

    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class MeetingTime:
    """The time of a meeting for one reader; ``group_time`` is "" unless the group's differs."""

    day: str  # "Thu 3 Dec 2026"
    hours: str  # "16:00–17:00"; "" for a discussion in writing
    zone: str  # "Europe/Berlin"
    group_time: str

    def __str__(self) -> str:
        said = f"{self.day}, {self.hours} ({self.zone})" if self.hours else self.day
        return f"{said}; {self.group_time}" if self.group_time else said


def group_zone(group: Group) -> ZoneInfo:
    """The time zone of ``group``; UTC if it is unknown here."""
    return ZoneInfo(first_known_zone(group.time_zone) or "UTC")


def reader_zone(user: User | AnonymousUser | None, group: Group | None = None) -> ZoneInfo:
    """The time zone in which ``user`` reads times: the one rule for pages, mails and jobs.

    It is their own; otherwise that of ``group``. Where no group is at hand (None), it is that of
    the group they joined first, and the default of the installation if they are in none. That takes
    one query, unless they were fetched `with_joined_zones`.
    """
    if mine := first_known_zone(getattr(user, "time_zone", "")):
        return ZoneInfo(mine)
    if group is not None:
        return group_zone(group)
    if user is None or not user.is_authenticated:
        return ZoneInfo(settings.TIME_ZONE)
    return ZoneInfo(first_known_zone(_joined_zone(user) or "") or settings.TIME_ZONE)


def _joined_zone(user: User) -> str | None:
    if not hasattr(user, "joined_zone"):
        return with_joined_zones(User.objects.filter(pk=user.pk)).get().joined_zone
    return user.joined_zone


def with_joined_zones(users: QuerySet[User]) -> QuerySet[ReaderUser]:
    """``users`` with the annotation `JoinedZone`."""
    memberships = Membership.objects.filter(user=OuterRef("pk")).order_by("pk")
    return users.annotate(joined_zone=Subquery(memberships.values("group__time_zone")[:1]))


def local_moment(day: date, hour: time, zone: ZoneInfo) -> datetime:
    """The moment of ``day`` at ``hour`` in ``zone``, as a datetime in that zone.

    An hour skipped when the clocks go forward is read by the clock before the change (PEP 495,
    fold=0): 02:30 becomes 03:30. An hour that occurs twice means the first.
    """
    moment = datetime.combine(day, hour, tzinfo=zone)
    return moment.astimezone(ZoneInfo("UTC")).astimezone(zone)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last minute of ``day``: a discussion in writing closes then."""
    return local_moment(day, time(23, 59), zone)


def meeting_time(
    discussion: Discussion | DateOption, group: Group, user: User | AnonymousUser | None = None
) -> MeetingTime | None:
    """The time of ``meeting``, one of ``group``, for ``user``; None if it has no date."""
    if discussion.starts_at is None:
        return None
    zone, groups = reader_zone(user, group), group_zone(group)
    if isinstance(discussion, Discussion) and discussion.is_written:
        assert discussion.ends_at
        return MeetingTime(f"until {day_text(discussion.ends_at, groups)}", "", groups.key, "")
    here, there = discussion.starts_at.astimezone(zone), discussion.starts_at.astimezone(groups)
    group_time = ""
    if here.utcoffset() != there.utcoffset():
        group_time = f"{hours_text(discussion, groups)} {groups.key}"
        if here.date() != there.date():
            group_time = f"{day_text(there, groups)}, {group_time}"
    return MeetingTime(day_text(here, zone), hours_text(discussion, zone), zone.key, group_time)


def deadline_text(poll: Discussion, group: Group, user: User | AnonymousUser | None = None) -> str:
    """The deadline for answers to a date poll, for ``user``; "" if it has none.

    "Mon 30 Nov 2026, 23:59 (Europe/Berlin)".
    """
    if poll.answer_by is None:
        return ""
    zone = reader_zone(user, group)
    return f"{day_text(poll.answer_by, zone)}, {poll.answer_by.astimezone(zone):%H:%M} ({zone.key})"


def day_text(moment: datetime, zone: ZoneInfo) -> str:
    """ "Thu 3 Dec 2026"."""
    moment = moment.astimezone(zone)
    return f"{moment:%a} {moment.day} {moment:%b} {moment.year}"


def hours_text(span: Span, zone: ZoneInfo) -> str:
    """ "16:00–17:00", or "22:00–01:00 (+1)" if it ends on a later day; it must have both ends."""
    assert span.starts_at and span.ends_at
    first, last = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    days = (last.date() - first.date()).days
    return f"{first:%H:%M}–{last:%H:%M}" + (f" (+{days})" if days else "")


def usual_dates(group: Group, after: datetime, count: int) -> list[datetime]:
    """The next ``count`` usual meeting times of ``group`` after ``after``, in its time zone.

    They are on its usual weekday at its usual hour; the first is a week from ``after`` if it has no
    usual weekday.
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


def free_dates(group: Group, after: datetime, count: int) -> list[datetime]:
    """The first ``count`` of `usual_dates` on days without a meeting of the group."""
    zone = group_zone(group)
    taken = Discussion.objects.in_group(group).filter(
        state__in=[Discussion.State.SCHEDULED, Discussion.State.HELD],
        is_written=False,
        ends_at__gt=after - timedelta(days=1),
    )
    starts = taken.values_list("starts_at", flat=True)
    days = {moment.astimezone(zone).date() for moment in starts if moment}
    dates = usual_dates(group, after, LOOKED_AHEAD)
    return [date for date in dates if date.date() not in days][:count]
