"""The calendar file of a mail about a date: one tap adds the meeting, or updates it."""

from dataclasses import dataclass
from email.mime.text import MIMEText

from django.utils import timezone

from papers.discussions.calendar_export import CalendarEntry, build_calendar
from papers.models import Discussion, Event, Notice

EVENTS_WITH_FILE = {
    Event.FIXED,
    Event.MOVED,
    Event.CANCELLED,
    Event.REINSTATED,
    Event.ZONE,
    Event.SEAT,
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


def calendar_file_for(notice: Notice) -> CalendarFile | None:
    """The file of the mails about ``notice``, as the meeting is now; None if it is of no date.

    Its UID and SEQUENCE are those of the feeds: a calendar that has the meeting updates it.
    """
    discussion = notice.discussion
    if notice.event not in EVENTS_WITH_FILE or discussion.is_polling or not discussion.starts_at:
        return None
    discussions = _all_upcoming(discussion) if notice.event == Event.ZONE else [discussion]
    entries = [CalendarEntry.for_everyone(one) for one in discussions]
    text = build_calendar(entries, str(discussion.group)).decode()
    return CalendarFile(f"{discussion.group.slug}-meeting-{discussion.pk}.ics", text)


def _all_upcoming(discussion: Discussion) -> list[Discussion]:
    """The upcoming discussions of the same group, with groups and agendas."""
    upcoming = Discussion.objects.in_group(discussion.group).upcoming(timezone.now())
    return list(upcoming.select_related("group").with_agenda()[:MAX_MEETINGS])
