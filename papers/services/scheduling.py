"""Scheduling, moving and cancelling discussions, and marking them as held."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from papers.discussions import times
from papers.discussions.attendance import attendance_of
from papers.models import Discussion, Event
from papers.notifications import recipients
from papers.notifications.fan_out import record_event
from papers.services import agenda, rsvps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime
    from typing import Unpack

    from papers.models import Group, Paper, User

MAX_REPEATS = 52
State = Discussion.State


class Venue(TypedDict, total=False):
    """The place, video link and number of seats of a discussion."""

    place: str
    link: str
    seats: int | None


class DiscussionChanges(Venue, total=False):
    """The fields of a discussion that organisers change."""

    starts_at: datetime | None
    ends_at: datetime | None


@transaction.atomic
def schedule_discussion(
    *,
    group: Group,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    papers: Iterable[Paper] = (),
    is_written: bool = False,
    **venue: Unpack[Venue],
) -> Discussion:
    """Create a discussion of ``papers`` from ``starts_at`` to ``ends_at``; notify all members.

    A written discussion ends with its closing day.
    """
    discussion = _create_discussion(group, by, starts_at, ends_at, is_written, venue)
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    record_event(Event.FIXED, discussion, by=by)
    return discussion


@transaction.atomic
def record_past_meeting(
    *,
    group: Group,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    papers: Iterable[Paper] = (),
    place: str = "",
) -> Discussion:
    """Create a meeting that took place from ``starts_at`` to ``ends_at``; nobody is notified.

    It waits for its outcome, like any meeting that is over. Raises ValidationError if it is not.
    """
    if ends_at > timezone.now():
        raise ValidationError("This meeting is not over yet. Schedule it instead.")
    discussion = Discussion.objects.create(
        group=group,
        created_by=by,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        recorded_afterwards=True,
    )
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    return discussion


@transaction.atomic
def schedule_series(
    *,
    group: Group,
    by: User,
    starts_at: datetime,
    minutes: int,
    weeks: int,
    count: int,
    papers: Iterable[Paper] = (),
    **venue: Unpack[Venue],
) -> list[Discussion]:
    """Create ``count`` meetings, one every ``weeks`` at the same hour in the group's zone.

    The first has ``papers`` on its agenda; the ranking will fill the others. The members are
    notified of the first only; the calendar has them all.
    """
    zone = times.group_zone(group)
    first = starts_at.astimezone(zone)
    discussions = []
    for number in range(min(count, MAX_REPEATS)):
        day = first.date() + timedelta(weeks=number * weeks)
        begins = times.local_moment(day, first.time(), zone)
        discussions.append(
            _create_discussion(group, by, begins, begins + timedelta(minutes=minutes), False, venue)
        )
    if papers:
        agenda.add_papers(discussion=discussions[0], papers=papers)
    record_event(Event.FIXED, discussions[0], by=by)
    return discussions


def _create_discussion(
    group: Group,
    by: User,
    starts_at: datetime,
    ends_at: datetime,
    is_written: bool,
    venue: Venue,
) -> Discussion:
    return Discussion.objects.create(
        group=group,
        created_by=by,
        starts_at=starts_at,
        ends_at=ends_at,
        is_written=is_written,
        **venue,
    )


@transaction.atomic
def update_discussion(
    *,
    discussion: Discussion,
    by: User,
    may_lose_seats: Collection[int] | None = None,
    **fields: Unpack[DiscussionChanges],
) -> bool:
    """Change the time, place, link or number of seats of a discussion. Answers stay.

    All members are notified if time, place or link changed, and everybody whose place in the queue
    changes. ``may_lose_seats``: ids of the users whom ``by`` has confirmed to lose their seats;
    None for anybody. Returns whether anything changed. Raises `rsvps.SeatsWouldBeLost` if others
    would; ValidationError if the discussion was held or cancelled.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held or discussion.is_cancelled:
        state = "was held" if discussion.is_held else "is cancelled"
        raise ValidationError(f"This meeting {state}, so it cannot be changed.")
    new = {name: value for name, value in fields.items() if getattr(discussion, name) != value}
    if not new:
        return False
    before, moved_from = attendance_of(discussion), recipients.starts_or_closes_at(discussion)
    if may_lose_seats is not None:
        rsvps.require_confirmed_losses(
            before, fields.get("seats", discussion.seats), may_lose_seats
        )
    ends_at = fields.get("ends_at")
    if ends_at is not None and ends_at > timezone.now():
        new["recorded_afterwards"] = False
    agenda.save_and_bump_sequence(discussion, **new)
    if discussion.is_scheduled:
        rsvps.notify_queue_changes(discussion, before)
    if discussion.is_scheduled and new.keys() & {"starts_at", "ends_at", "place", "link"}:
        assert moved_from is not None  # a scheduled discussion has a date
        record_event(Event.MOVED, discussion, by=by, moved_from=moved_from)
    return True


@transaction.atomic
def cancel_discussion(*, discussion: Discussion, by: User) -> None:
    """Cancel a discussion: its papers return to the ranking, and all members are notified.

    Raises ValidationError if it was held.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held:
        raise ValidationError("This meeting was held, so it cannot be cancelled.")
    if discussion.is_cancelled:
        return
    agenda.save_and_bump_sequence(discussion, state=State.CANCELLED)
    agenda.update_paper_status(discussion.group, _paper_ids(discussion))
    record_event(Event.CANCELLED, discussion, by=by)


@transaction.atomic
def reinstate_discussion(*, discussion: Discussion, by: User) -> None:
    """Undo the cancellation of a discussion; all members are notified."""
    discussion = agenda.lock_group_and_discussion(discussion)
    if not discussion.is_cancelled:
        return
    state = State.SCHEDULED if discussion.starts_at else State.POLLING
    agenda.save_and_bump_sequence(discussion, state=state)
    agenda.update_paper_status(discussion.group, _paper_ids(discussion))
    record_event(Event.REINSTATED, discussion, by=by)


@transaction.atomic
def mark_held(*, discussion: Discussion, by: User, reached: Iterable[int]) -> None:
    """Mark a discussion as held on the papers of ``reached``, ids of items of its agenda.

    The other papers leave the agenda and return to the ranking. Raises ValidationError if it has
    not begun, or was cancelled.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held:
        return
    starts_at = discussion.starts_at
    if not discussion.is_scheduled or starts_at is None or starts_at > timezone.now():
        raise ValidationError("This meeting has not begun, so it cannot be marked as held.")
    papers = _paper_ids(discussion)
    discussion.agenda.exclude(pk__in=reached).delete()
    agenda.save_and_bump_sequence(discussion, state=State.HELD)
    agenda.update_paper_status(discussion.group, papers)


@transaction.atomic
def reopen_discussion(*, discussion: Discussion, by: User) -> None:
    """Undo that a discussion was marked as held."""
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held:
        agenda.save_and_bump_sequence(discussion, state=State.SCHEDULED)
        agenda.update_paper_status(discussion.group, _paper_ids(discussion))


def _paper_ids(discussion: Discussion) -> list[int]:
    return list(discussion.agenda.values_list("paper", flat=True))
