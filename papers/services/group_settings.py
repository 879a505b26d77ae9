"""The settings of a group, and what follows from them for its meetings.

A group thinks in the hours of its time zone. If the zone changes, upcoming meetings and dates of
polls keep either their local times or their moments, as whoever changes it chooses. What is on a
day, not at an hour, keeps its day: discussions in writing, and the deadlines of date polls. What
has begun stays as it was.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from papers.discussions import times, zone_change
from papers.discussions.zone_change import Keep
from papers.models import Discussion, Event, Group
from papers.notifications.fan_out import record_event
from papers.services import group_addresses, publishing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from papers.models import User

State = Discussion.State
SHOWN = {"name", "slug", "time_zone"}  # the settings that calendars and feeds show
FAR_AWAY = timedelta(days=366 * 1000)


@transaction.atomic
def change_group(
    *, group: Group, by: User, fields: Iterable[str], keep: str = Keep.LOCAL_TIMES
) -> None:
    """Save ``fields`` of ``group``. If its time zone changes, ``keep`` says what meetings keep.

    Calendars and feeds learn of what they show. The members are told of a new time zone.
    """
    before = Group.objects.select_for_update().get(pk=group.pk)
    group.save(update_fields=list(fields))
    after = Group.objects.get(pk=group.pk)
    if before.slug != after.slug:
        moment = publishing.latest("address_changed_at")
        Group.objects.filter(pk=group.pk).update(address_changed_at=moment)
        group_addresses.record_former_slug(group=after, slug=before.slug)
    if before.time_zone != after.time_zone:
        _change_zone(after, by, times.group_zone(before), keep == Keep.LOCAL_TIMES)
    elif any(getattr(before, name) != getattr(after, name) for name in SHOWN):
        publishing.raise_for_group(after)


def _change_zone(group: Group, by: User, old: ZoneInfo, keeps_hours: bool) -> None:
    """Move what ``group`` has planned from the zone ``old`` to its new one; tell its members."""
    starts = dict(zone_change.upcoming_meetings(group).values_list("pk", "starts_at"))
    _keep_days(group, old)
    if keeps_hours:
        _keep_hours(group, old)
    publishing.raise_for_group(group)
    first = zone_change.upcoming_meetings(group).first()
    if first is not None:
        moved_from = starts.get(first.pk) or first.starts_at
        assert moved_from is not None  # scheduled => has a start
        record_event(Event.ZONE, first, by=by, moved_from=moved_from)
    for poll in zone_change.open_polls(group):
        record_event(Event.POLL_ZONE, poll, by=by)


def _keep_days(group: Group, old: ZoneInfo) -> None:
    """Let discussions in writing, and polls, close on the day they closed on in ``old``.

    Also those of the past: calendars show their days.
    """
    zone, now = times.group_zone(group), timezone.now()
    for written in Discussion.objects.in_group(group).filter(is_written=True).order_by("pk"):
        assert written.starts_at and written.ends_at  # from the beginning
        written.ends_at = times.end_of_day(written.ends_at.astimezone(old).date(), zone)
        written.starts_at = min(written.starts_at, written.ends_at - timedelta(minutes=1))
        written.save(update_fields=["starts_at", "ends_at"])
    for poll in zone_change.reopenable_polls(group).filter(answer_by__gt=now):
        assert poll.answer_by
        answer_by = times.end_of_day(poll.answer_by.astimezone(old).date(), zone)
        if answer_by > now:  # otherwise this act would close it
            poll.answer_by = answer_by
            poll.save(update_fields=["answer_by"])


def _keep_hours(group: Group, old: ZoneInfo) -> None:
    """Move meetings and dates of polls that have not begun: the hour in ``old`` is that in the new
    zone. They last as long as before.

    Cancelled meetings move, too, and the dates of polls whose date is chosen: both may be on again.
    """
    zone, now = times.group_zone(group), timezone.now()
    meetings = Discussion.objects.in_group(group).filter(
        state__in=[State.SCHEDULED, State.CANCELLED], is_written=False, starts_at__gt=now
    )
    for meeting in meetings.order_by("pk").select_for_update(of=["self"]):
        assert meeting.starts_at and meeting.ends_at
        begins = zone_change.same_hour(meeting.starts_at, old, zone)
        meeting.ends_at += begins - meeting.starts_at
        meeting.starts_at = begins
        meeting.save(update_fields=["starts_at", "ends_at"])
    for poll in zone_change.reopenable_polls(group):
        _move_options(poll, old, zone, now)


def _move_options(poll: Discussion, old: ZoneInfo, zone: ZoneInfo, now: datetime) -> None:
    """Move the dates of ``poll`` after ``now``, no two of which may begin at once."""
    options = list(poll.options.filter(starts_at__gt=now).order_by("starts_at"))
    taken = set(poll.options.filter(starts_at__lte=now).values_list("starts_at", flat=True))
    # Out of each other's way first: one may move to where the next one is now.
    poll.options.filter(starts_at__gt=now).update(
        starts_at=F("starts_at") + FAR_AWAY, ends_at=F("ends_at") + FAR_AWAY
    )
    for option in options:
        begins = zone_change.same_hour(option.starts_at, old, zone)
        while begins in taken:  # of two hours, one is skipped when the clocks go forward
            begins += timedelta(hours=1)
        taken.add(begins)
        option.ends_at += begins - option.starts_at
        option.starts_at = begins
        option.save(update_fields=["starts_at", "ends_at"])
