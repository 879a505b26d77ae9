"""Meetings for calendars: as iCalendar text (RFC 5545), and as links that add one elsewhere.

Nobody's address is in it: no attendee, no organiser, and of a presenter the name alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import (
    Alarm,
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vText,
)

from papers.discussions import times
from papers.models import Discussion
from papers.rendering import single_line

PRODUCT_ID = "-//Reading Group//Meetings//EN"
UID_DOMAIN = "reading-group"  # of a UID: never that of an installation, which may move
REFRESH_INTERVAL = timedelta(hours=1)
LONGEST_DETAILS = 1000  # characters of what an address says of a meeting


@dataclass(frozen=True)
class CalendarEntry:
    """A meeting as one calendar has it.

    ``changed_at``: when the entry last changed. ``is_cancelled``: there is none, or its reader
    does not come. ``alarm_minutes``: how long before it the calendar rings; None: not at all.
    """

    meeting: Discussion
    changed_at: datetime
    is_cancelled: bool = False
    alarm_minutes: int | None = None

    @classmethod
    def for_everyone(cls, meeting, alarm=None):
        """The meeting as everybody has it."""
        return cls(meeting, meeting.changed_at, meeting.is_cancelled, alarm)


def build_calendar(entries, name):
    """A calendar ``name`` of ``entries``, bytes of iCalendar.

    Each meeting has a date and its group, and was fetched `with_agenda`.
    """
    found = Calendar()
    found.add("prodid", PRODUCT_ID)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", vText(single_line(name)))
    found.add(
        "refresh-interval", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"}
    )  # RFC 7986, 5.7
    found.add("x-published-ttl", "PT1H")
    for zone in _build_timezones([entry.meeting for entry in entries]):
        found.add_component(zone)
    for entry in entries:
        found.add_component(_build_event(entry))
    return found.to_ical()


def _build_event(entry):
    meeting = entry.meeting
    event = Event()
    event.add("uid", f"{meeting.uid}@{UID_DOMAIN}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("created", meeting.created_at)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("summary", event_title(meeting))
    event.add("description", event_description(meeting))
    if where := single_line(meeting.place or meeting.link):
        event.add("location", where)
    event.add("url", absolute_url(meeting))
    first, last = event_span(meeting)
    event.add("dtstart", first)
    event.add("dtend", last)
    if meeting.is_written:
        event.add("transp", "TRANSPARENT")  # nobody is busy that day
    elif entry.alarm_minutes is not None and not entry.is_cancelled:
        event.add_component(_build_alarm(meeting, entry.alarm_minutes))
    return event


def _build_alarm(meeting, minutes):
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event_title(meeting))
    alarm.add("trigger", -timedelta(minutes=minutes))
    return alarm


def event_title(meeting):
    """ "Curious minds: On sorting and 2 more"."""
    return single_line(f"{meeting.group}: {meeting}")


def event_description(meeting):
    """The agenda with who presents, the video link and the meeting's page, in lines."""
    lines = []
    for number, item in enumerate(meeting.agenda.all(), start=1):
        lines.append(single_line(f"{number}. {item.paper.title}"))
        if item.presenter:
            unsure = "" if item.is_confirmed else " (not confirmed yet)"
            lines.append(single_line(f"Presented by {item.presenter}{unsure}"))
    if meeting.link:
        lines.append(single_line(f"Video: {meeting.link}"))
    return "\n".join([*lines, absolute_url(meeting)])


def absolute_url(row):
    """The page of ``row``, as it is called from outside."""
    return settings.BASE_URL + row.get_absolute_url()


def event_span(meeting):
    """When a meeting begins and ends, in its group's zone; of one in writing its last day.

    In an hour that comes twice, when clocks are set back, it is in UTC: by RFC 5545, 3.3.5 the name
    of a zone would mean the first, but not all readers know.
    """
    zone = times.group_zone(meeting.group)
    if meeting.is_written:
        day = meeting.ends_at.astimezone(zone).date()
        return day, day + timedelta(days=1)
    return _in_zone(zone, meeting.starts_at), _in_zone(zone, meeting.ends_at)


def _in_zone(zone, moment):
    there = moment.astimezone(zone)
    comes_twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if comes_twice or zone.key == "UTC" else there


def _build_timezones(meetings):
    """A VTIMEZONE of each zone that the hours of ``meetings`` are said in, for their years."""
    years = {}
    for meeting in meetings:
        for moment in event_span(meeting):
            if isinstance(moment, datetime) and moment.tzinfo is not UTC:
                years.setdefault(moment.tzinfo.key, set()).add(moment.year)
    return [_build_timezone(key, min(found), max(found)) for key, found in sorted(years.items())]


@lru_cache(maxsize=64)
def _build_timezone(key, first, last):
    """The zone ``key`` from the year ``first`` to ``last``: each change of its clocks, by itself.

    The library makes one, too, in which summer begins an hour late: there DTSTART is by the clock
    after the change, and in RFC 5545, 3.6.5 by the one before it.
    """
    zone = ZoneInfo(key)
    found = Timezone()
    found.add("tzid", key)
    begin = datetime(first, 1, 1, tzinfo=zone)
    found.add_component(_build_observance(begin, begin.utcoffset()))
    for change in _clock_changes(begin, datetime(last + 1, 1, 1, tzinfo=zone)):
        before = (change - timedelta(seconds=1)).astimezone(zone).utcoffset()
        found.add_component(_build_observance(change.astimezone(zone), before))
    return found


def _build_observance(begin, before):
    """The time that holds from ``begin`` on; ``before`` is the offset from UTC until then."""
    found = TimezoneDaylight() if begin.dst() else TimezoneStandard()
    found.add("dtstart", (begin.astimezone(UTC) + before).replace(tzinfo=None))
    found.add("tzoffsetfrom", before)
    found.add("tzoffsetto", begin.utcoffset())
    found.add("tzname", begin.tzname())
    return found


def _clock_changes(begin, end):
    """The moments, in UTC, at which the clocks of the zone of ``begin`` are changed until ``end``.

    Looked for day by day, then to the second.
    """
    zone, day = begin.tzinfo, timedelta(days=1)

    def utc_offset(moment):
        return moment.astimezone(zone).utcoffset()

    moment, end = begin.astimezone(UTC), end.astimezone(UTC)
    while moment < end:
        if utc_offset(moment) != utc_offset(moment + day):
            low, high = 0, int(day.total_seconds())
            while high - low > 1:
                middle = (low + high) // 2
                is_before = utc_offset(moment + timedelta(seconds=middle)) == utc_offset(moment)
                low, high = (middle, high) if is_before else (low, middle)
            yield moment + timedelta(seconds=high)
        moment += day


def google_link(meeting):
    """An address at which Google's calendar offers to add the meeting."""
    first, last = (_basic_format(moment) for moment in event_span(meeting))
    given = {"action": "TEMPLATE", "text": event_title(meeting), "dates": f"{first}/{last}"}
    given |= {
        "details": event_description(meeting)[:LONGEST_DETAILS],
        "location": single_line(meeting.place),
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(given)}"


def _basic_format(moment):
    """ "20261203T150000Z", or "20261203" of a day."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{moment:%Y%m%d}"


def outlook_link(meeting):
    """An address at which Outlook offers to add the meeting."""
    first, last = (_extended_format(moment) for moment in event_span(meeting))
    given = {"path": "/calendar/action/compose", "rru": "addevent", "subject": event_title(meeting)}
    given |= {"startdt": first, "enddt": last, "body": event_description(meeting)[:LONGEST_DETAILS]}
    given |= {"location": single_line(meeting.place), "allday": str(meeting.is_written).lower()}
    return f"https://outlook.office.com/calendar/deeplink/compose?{urlencode(given)}"


def _extended_format(moment):
    """ "2026-12-03T15:00:00Z", or "2026-12-03" of a day."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return moment.isoformat()
