"""How a meeting comes to be, moves, is cancelled, and is held."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from papers.discussions import times
from papers.models import Discussion, Event
from papers.notifications import recipients
from papers.notifications.fan_out import record_event
from papers.services import agenda, rsvps

MAX_REPEATS = 52
State = Discussion.State


@transaction.atomic
def schedule_discussion(*, group, by, starts_at, ends_at, papers=(), is_written=False, **where):
    """A meeting of ``group`` from ``starts_at`` to ``ends_at`` over ``papers``; all are told.

    ``where``: ``place``, ``link`` and ``seats``. One in writing ends with its closing day.
    """
    discussion = _create_discussion(group, by, starts_at, ends_at, is_written, where)
    if papers:
        agenda.add_papers(discussion=discussion, papers=papers)
        discussion.refresh_from_db(fields=["sequence", "changed_at"])
    record_event(Event.FIXED, discussion, by=by)
    return discussion


@transaction.atomic
def schedule_series(*, group, by, starts_at, minutes, weeks, count, papers=(), **where):
    """``count`` meetings, one every ``weeks`` at the same hour of the group's clock.

    The first has ``papers`` on its agenda, the others what the ranking will say. The members are
    told of the first; the calendar has them all.
    """
    zone = times.group_zone(group)
    first = starts_at.astimezone(zone)
    meetings = []
    for number in range(min(count, MAX_REPEATS)):
        day = first.date() + timedelta(weeks=number * weeks)
        begins = times.local_moment(day, first.time(), zone)
        meetings.append(
            _create_discussion(group, by, begins, begins + timedelta(minutes=minutes), False, where)
        )
    if papers:
        agenda.add_papers(discussion=meetings[0], papers=papers)
    record_event(Event.FIXED, meetings[0], by=by)
    return meetings


def _create_discussion(group, by, starts_at, ends_at, is_written, where):
    return Discussion.objects.create(
        group=group,
        created_by=by,
        starts_at=starts_at,
        ends_at=ends_at,
        is_written=is_written,
        **where,
    )


@transaction.atomic
def update_discussion(*, discussion, by, **fields):
    """Give a meeting another time, place, link or number of seats; votes stay what they are.

    Who said they come is told where time or place changed. ValidationError where it is over.
    Returns whether anything changed.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held or discussion.is_cancelled:
        raise ValidationError(
            f"It is {discussion.get_state_display().lower()}: it cannot be moved."
        )
    new = {name: value for name, value in fields.items() if getattr(discussion, name) != value}
    if not new:
        return False
    seats, moved_from = discussion.seats, recipients.starts_or_closes_at(discussion)
    agenda.save_and_bump_sequence(discussion, **new)
    if "seats" in new:
        rsvps.notify_newly_seated(discussion, seats)
    if discussion.is_scheduled and new.keys() & {"starts_at", "ends_at", "place", "link"}:
        record_event(Event.MOVED, discussion, by=by, moved_from=moved_from)
    return True


@transaction.atomic
def cancel_discussion(*, discussion, by):
    """Call a meeting off: its papers are in the ranking again, and everyone is told."""
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held:
        raise ValidationError("It was held: it cannot be called off.")
    if discussion.is_cancelled:
        return
    agenda.save_and_bump_sequence(discussion, state=State.CANCELLED)
    agenda.update_paper_status(discussion.group, _paper_ids(discussion))
    record_event(Event.CANCELLED, discussion, by=by)


@transaction.atomic
def reinstate_discussion(*, discussion, by):
    """Take back that a meeting was called off: it is as it was before."""
    discussion = agenda.lock_group_and_discussion(discussion)
    if not discussion.is_cancelled:
        return
    state = State.SCHEDULED if discussion.starts_at else State.POLLING
    agenda.save_and_bump_sequence(discussion, state=state)
    agenda.update_paper_status(discussion.group, _paper_ids(discussion))
    record_event(Event.REINSTATED, discussion, by=by)


@transaction.atomic
def mark_held(*, discussion, by, reached):
    """Say that a meeting was held over the papers of ``reached``, ids of items of its agenda.

    What was not reached leaves the agenda and is in the ranking again. ValidationError where it
    has not begun, or was called off.
    """
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held:
        return
    if not discussion.is_scheduled or discussion.starts_at > timezone.now():
        raise ValidationError("It has not begun: it cannot have been held.")
    papers = _paper_ids(discussion)
    discussion.agenda.exclude(pk__in=reached).delete()
    agenda.save_and_bump_sequence(discussion, state=State.HELD)
    agenda.update_paper_status(discussion.group, papers)


@transaction.atomic
def reopen_discussion(*, discussion, by):
    """Take back that a meeting was held."""
    discussion = agenda.lock_group_and_discussion(discussion)
    if discussion.is_held:
        agenda.save_and_bump_sequence(discussion, state=State.SCHEDULED)
        agenda.update_paper_status(discussion.group, _paper_ids(discussion))


def _paper_ids(discussion):
    return list(discussion.agenda.values_list("paper", flat=True))
