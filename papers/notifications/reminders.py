"""Reminders by the clock: of discussions, and of date polls that close.

Each is recorded once per date: a discussion that moves has another reminder before its new date.
Where a mail announced the date shortly before, there is no reminder: that mail is one.
"""

from datetime import datetime

from papers.models import Discussion, Event
from papers.models.events import Reminder
from papers.notifications.fan_out import record_event
from papers.notifications.recipients import starts_or_closes_at


def record_discussion_reminders(at: datetime) -> None:
    """Record the reminders of the discussions that begin, or close, soon after ``at``.

    Where the worker was away for most of the day, the reminder of the last hour is enough.
    """
    day_end, hour_end = at + _reminder(Event.DAY).ahead, at + _reminder(Event.HOUR).ahead
    scheduled = Discussion.objects.filter(state=Discussion.State.SCHEDULED)
    spoken, written = scheduled.filter(is_written=False), scheduled.filter(is_written=True)
    for discussion in spoken.filter(starts_at__gt=hour_end, starts_at__lte=day_end):
        _record_unless_told(Event.DAY, discussion, starts_or_closes_at(discussion))
    for discussion in written.filter(ends_at__gt=hour_end, ends_at__lte=day_end):
        _record_unless_told(Event.DAY, discussion, starts_or_closes_at(discussion))
    for discussion in spoken.filter(starts_at__gt=at, starts_at__lte=hour_end):
        _record_unless_told(Event.HOUR, discussion, starts_or_closes_at(discussion))


def record_poll_reminders(at: datetime) -> None:
    """Record, once for each deadline, that a date poll closes soon after ``at``."""
    end = at + _reminder(Event.POLL_CLOSES).ahead
    for poll in Discussion.objects.polling().filter(answer_by__gt=at, answer_by__lte=end):
        _record_unless_told(Event.POLL_CLOSES, poll, poll.answer_by)


def _reminder(event: Event) -> Reminder:
    assert event.spec.reminder is not None
    return event.spec.reminder


def _record_unless_told(event: Event, discussion: Discussion, due_at: datetime | None) -> None:
    """Record ``event`` unless a mail of the last days or hours has announced the same date."""
    assert due_at is not None
    reminder = _reminder(event)
    told = discussion.notices.filter(event__in=reminder.unless_told)
    if not told.filter(created_at__gt=due_at - reminder.ahead).exists():
        record_event(event, discussion, due_at=due_at)
