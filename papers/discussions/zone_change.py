"""A change of a group's time zone: what it affects, and what meetings keep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, TextChoices
from django.utils import timezone

from papers.discussions import times
from papers.models import DateOption, Discussion

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from papers.models import Group
    from papers.models.discussions import DiscussionQuerySet


class Keep(TextChoices):
    """What meetings keep when the time zone of their group changes."""

    LOCAL_TIMES = "local", "Keep the local times"
    MOMENTS = "moments", "Keep the moments"


@dataclass(frozen=True)
class Affected:
    """The numbers of upcoming meetings and open date polls that a new time zone affects.

    ``example`` is the next meeting, or the next date of a poll; None if there is neither.
    """

    meetings: int
    polls: int
    example: Discussion | DateOption | None

    def __bool__(self) -> bool:
        return bool(self.meetings or self.polls)

    def __str__(self) -> str:
        """ "3 upcoming meetings and 1 open date poll"."""
        names = {"upcoming meeting": self.meetings, "open date poll": self.polls}
        parts = [f"{many} {name}{'s' if many > 1 else ''}" for name, many in names.items() if many]
        return " and ".join(parts)


def affected_by_zone(group: Group) -> Affected:
    """What another time zone of ``group`` affects now."""
    meetings = upcoming_meetings(group)
    return Affected(
        meetings.count(),
        open_polls(group).count(),
        meetings.first() or _open_options(group).first(),
    )


def upcoming_meetings(group: Group) -> DiscussionQuerySet:
    """The scheduled meetings that have not begun, without those in writing; the next one first."""
    now = timezone.now()
    upcoming = Discussion.objects.in_group(group).upcoming(now)
    return upcoming.filter(is_written=False, starts_at__gt=now)


def open_polls(group: Group) -> DiscussionQuerySet:
    """The open date polls of ``group``, oldest first."""
    return Discussion.objects.in_group(group).polling()


def reopenable_polls(group: Group) -> DiscussionQuerySet:
    """The date polls of ``group`` that are open or can be again, oldest first.

    Such a poll is cancelled, or its date is chosen and the meeting has not begun.
    """
    state = Discussion.State
    is_possible = Q(state__in=[state.POLLING, state.CANCELLED]) | Q(
        state=state.SCHEDULED, starts_at__gt=timezone.now()
    )
    polls = Discussion.objects.in_group(group).filter(is_possible, is_written=False)
    has_dates = DateOption.objects.filter(discussion=OuterRef("pk"))
    return polls.filter(Exists(has_dates)).order_by("pk")


def _open_options(group: Group) -> QuerySet[DateOption]:
    options = DateOption.objects.filter(discussion__in=open_polls(group).order_by())
    return options.filter(starts_at__gt=timezone.now()).order_by("starts_at", "pk")


def same_hour(moment: datetime, old: ZoneInfo, new: ZoneInfo) -> datetime:
    """The moment that has the day and hour in ``new`` that ``moment`` has in ``old``."""
    there = moment.astimezone(old)
    return times.local_moment(there.date(), there.time(), new)


def zone_examples(group: Group, zone: str, example: Discussion | DateOption) -> dict[Keep, str]:
    """What becomes of ``example`` in the time zone ``zone``, in words, for each choice."""
    assert example.starts_at and example.ends_at
    old, new = times.group_zone(group), ZoneInfo(zone)
    moved = same_hour(example.starts_at, old, new)
    lasts = example.ends_at - example.starts_at
    now = _span_text(example.starts_at, example.ends_at, old)
    same = _span_text(example.starts_at, example.ends_at, new)
    return {
        Keep.LOCAL_TIMES: f"{now} becomes {_span_text(moved, moved + lasts, new)}.",
        Keep.MOMENTS: f"{now} becomes {same}.",
    }


def _span_text(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """ "Thu 3 Dec 2026, 16:00–17:00 (Europe/Berlin)"."""
    span = DateOption(starts_at=begins, ends_at=ends)
    return f"{times.day_text(begins, zone)}, {times.hours_text(span, zone)} ({zone.key})"
