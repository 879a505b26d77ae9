"""What is due by the clock: reminders of meetings, and of date polls that close.

Each is noted once for each date: a meeting that moves is reminded of again before its new date. Who
was told of the date within that time needs no reminder: the mail that told of it is one.
"""

from datetime import timedelta

from papers.models import Discussion, Notice
from papers.notifications.fan_out import record_event
from papers.notifications.recipients import due_key, starts_or_closes_at

Event = Notice.Event
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BEFORE_DEADLINE = timedelta(days=2)
ANNOUNCING_EVENTS = [Event.FIXED, Event.MOVED, Event.REINSTATED]
ASKING_EVENTS = [Event.POLL_OPENED, Event.POLL_REMINDED]


def record_discussion_reminders(at):
    """Note the reminders of the meetings that begin soon after ``at``.

    Where the worker was away for most of the day, the hour's is enough.
    """
    meetings = Discussion.objects.filter(state=Discussion.State.SCHEDULED)
    spoken, written = meetings.filter(is_written=False), meetings.filter(is_written=True)
    day = (at + HOUR, at + DAY)
    for meeting in spoken.filter(starts_at__gt=day[0], starts_at__lte=day[1]):
        _record_unless_told(
            Event.DAY, meeting, starts_or_closes_at(meeting), DAY, ANNOUNCING_EVENTS
        )
    for meeting in written.filter(ends_at__gt=day[0], ends_at__lte=day[1]):
        _record_unless_told(
            Event.DAY, meeting, starts_or_closes_at(meeting), DAY, ANNOUNCING_EVENTS
        )
    for meeting in spoken.filter(starts_at__gt=at, starts_at__lte=at + HOUR):
        _record_unless_told(
            Event.HOUR, meeting, starts_or_closes_at(meeting), HOUR, ANNOUNCING_EVENTS
        )


def record_poll_reminders(at):
    """Note, once for each deadline, that a date poll closes within two days of ``at``."""
    polls = Discussion.objects.polling()
    for poll in polls.filter(answer_by__gt=at, answer_by__lte=at + BEFORE_DEADLINE):
        _record_unless_told(Event.POLL_CLOSES, poll, poll.answer_by, BEFORE_DEADLINE, ASKING_EVENTS)


def _record_unless_told(event, meeting, due, span, told):
    """Unless the members were told one of ``told`` less than ``span`` before ``due``."""
    if not meeting.notices.filter(event__in=told, created_at__gt=due - span).exists():
        record_event(event, meeting, mark=due_key(due))
