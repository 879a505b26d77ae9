"""The calendar file of a mail about a date: one tap adds the meeting, or updates it."""

from collections.abc import Callable
from dataclasses import dataclass
from email.mime.text import MIMEText
from functools import cache

from django.utils import timezone

from papers.discussions.attendance import attendance_of
from papers.discussions.calendar_export import CalendarEntry, build_calendar, is_off
from papers.models import Discussion, Event, Notice, User

EVENTS_WITH_FILE = {
    Event.FIXED,
    Event.MOVED,
    Event.CANCELLED,
    Event.REINSTATED,
    Event.REOPENED,
    Event.ZONE,
    Event.SEAT,
    Event.SEAT_LOST,
    Event.DAY,
    Event.HOUR,
}
MAX_MEETINGS = 60  # in the file about a new time zone, which changes them all


@dataclass(frozen=True)
class CalendarFile:
    """An iCalendar file: ``text`` with CRLF at the ends of its lines."""

    name: str
    text: str

    def as_part(self) -> MIMEText:
        """The attachment of a mail. METHOD:PUBLISH asks nobody for an answer by mail."""
        part = MIMEText(self.text, "calendar", "utf-8")
        part.set_param("method", "PUBLISH")
        part.add_header("Content-Disposition", "attachment", filename=self.name)
        return part


def calendar_files_for(notice: Notice) -> Callable[[User], CalendarFile | None]:
    """A function from a recipient to the file of their mail about ``notice``; None without a date.

    The file has the meeting as it is now, and says so to those on the waiting list. Its UID and
    SEQUENCE are those of the feeds: a calendar that has the meeting updates it.
    """
    discussion = notice.discussion
    if (
        discussion is None
        or notice.event not in EVENTS_WITH_FILE
        or discussion.calendar_span is None
    ):
        return lambda user: None
    discussions = _all_upcoming(discussion) if notice.event == Event.ZONE else [discussion]
    attendances = {one.pk: attendance_of(one) for one in discussions}
    group, name = discussion.group, f"{discussion.group.slug}-meeting-{discussion.pk}.ics"

    @cache
    def text_for(waiting: frozenset[int]) -> str:
        entries = [
            CalendarEntry(one, is_off(one), is_waiting=one.pk in waiting) for one in discussions
        ]
        return build_calendar(entries, str(group)).decode()

    def file_for(user: User) -> CalendarFile:
        waiting = [pk for pk, one in attendances.items() if one.status_of(user).is_waiting]
        return CalendarFile(name, text_for(frozenset(waiting)))

    return file_for


def _all_upcoming(discussion: Discussion) -> list[Discussion]:
    """The upcoming discussions of the same group, with groups and agendas."""
    upcoming = Discussion.objects.in_group(discussion.group).upcoming(timezone.now())
    return list(upcoming.select_related("group").with_agenda()[:MAX_MEETINGS])
