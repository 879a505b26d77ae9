"""Meetings for calendars, as iCalendar text (RFC 5545).

They hold no mail address: there are no attendees and no organiser, and presenters appear by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import quote_plus
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

if TYPE_CHECKING:
    from papers.models import Paper

PRODUCT_ID = "-//Reading Group//Meetings//EN"
UID_DOMAIN = "reading-group"  # not the host name, which may change: a UID never does
REFRESH_INTERVAL = timedelta(hours=1)
WAITING_PREFIX = "Waiting list: "
WAITING_LINE = "You are on the waiting list and do not have a seat yet."


class _Text(vText):
    """A text that arrives as it was typed.

    The library takes a typed ``\\N`` for a line break. RFC 5545, 3.3.11 escapes each backslash.
    """

    def to_ical(self) -> bytes:
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return text.replace("\n", "\\n").encode()


@dataclass(frozen=True)
class CalendarEntry:
    """A meeting in one calendar.

    ``is_cancelled``: the meeting is cancelled, or the owner of the calendar cannot come.
    ``alarm_minutes``: before the start; None for no alarm. ``is_waiting``: the owner is on the
    waiting list; the entry says so and blocks no time.
    """

    discussion: Discussion
    is_cancelled: bool = False
    alarm_minutes: int | None = None
    is_waiting: bool = False

    @classmethod
    def for_everyone(cls, discussion: Discussion, alarm: int | None = None) -> CalendarEntry:
        """The entry of ``meeting`` that is the same in every calendar."""
        return cls(discussion, is_off(discussion), alarm)


def is_off(discussion: Discussion) -> bool:
    """Whether calendars show it as cancelled: it is, or its date was withdrawn."""
    return discussion.is_cancelled or discussion.is_polling


def build_calendar(entries: Sequence[CalendarEntry], name: str) -> bytes:
    """The iCalendar file of ``entries``, a calendar called ``name``.

    Each meeting must have a date, and be fetched with its group and `with_agenda`.
    """
    found = Calendar()
    found.add("prodid", PRODUCT_ID)
    found.add("version", "2.0")
    found.add("calscale", "GREGORIAN")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", _Text(single_line(name)))
    found.add(
        "refresh-interval", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"}
    )  # RFC 7986, 5.7
    found.add("x-published-ttl", "PT1H")
    for zone in _build_timezones([entry.discussion for entry in entries]):
        found.add_component(zone)
    for entry in entries:
        found.add_component(_build_event(entry))
    return found.to_ical()


def _build_event(entry: CalendarEntry) -> Event:
    discussion = entry.discussion
    event = Event()
    event.add("uid", f"{discussion.uid}@{UID_DOMAIN}")
    event.add("sequence", discussion.sequence)
    event.add("dtstamp", discussion.calendar_changed_at)
    event.add("last-modified", discussion.calendar_changed_at)
    event.add("created", discussion.created_at)
    event.add("status", _event_status(entry))
    is_waiting = entry.is_waiting and not entry.is_cancelled
    event.add("summary", _Text(event_title(discussion, is_waiting=is_waiting)))
    event.add("description", _Text(event_description(discussion, is_waiting=is_waiting)))
    if where := event_place(discussion):
        event.add("location", _Text(where))
    event.add("url", absolute_url(discussion))
    first, last = event_span(discussion)
    event.add("dtstart", first)
    event.add("dtend", last)
    if discussion.is_written or is_waiting:
        event.add("transp", "TRANSPARENT")  # it does not block the day, or the hour
    if not discussion.is_written and entry.alarm_minutes is not None and not entry.is_cancelled:
        event.add_component(_build_alarm(discussion, entry.alarm_minutes))
    return event


def _event_status(entry: CalendarEntry) -> str:
    """The STATUS of an event, RFC 5545, 3.8.1.11."""
    if entry.is_cancelled:
        return "CANCELLED"
    return "TENTATIVE" if entry.is_waiting else "CONFIRMED"


def _build_alarm(discussion: Discussion, minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _Text(event_title(discussion)))
    alarm.add("trigger", -timedelta(minutes=minutes))
    return alarm


def event_title(discussion: Discussion, *, is_waiting: bool = False) -> str:
    """ "Curious minds: On sorting and 2 more"; it says so to a reader on the waiting list."""
    return single_line(f"{WAITING_PREFIX if is_waiting else ''}{discussion.group}: {discussion}")


def event_place(discussion: Discussion) -> str:
    """The place, otherwise the video link; "" without either."""
    return single_line(discussion.place or discussion.link)


def event_description(
    discussion: Discussion, longest: int | None = None, *, is_waiting: bool = False
) -> str:
    """Lines with the agenda and its presenters, the video link, and the page of the meeting.

    ``longest``: how many characters the agenda may take in an address, quoted; None: any number.
    Papers that do not fit are counted. The links are always whole. ``is_waiting``: the reader is on
    the waiting list, and the first line says so.
    """
    papers = _agenda_lines(discussion)
    links = [single_line(f"Video: {discussion.link}")] if discussion.link else []
    links.append(absolute_url(discussion))
    shown = len(papers) if longest is None else _count_fitting(papers, longest)
    if left := len(papers) - shown:
        papers = [*papers[:shown], [f"… and {left} more" if shown else _paper_count(left)]]
    waiting = [WAITING_LINE] if is_waiting else []
    return "\n".join([*waiting, *(line for lines in papers for line in lines), *links])


def _agenda_lines(discussion: Discussion) -> list[list[str]]:
    """The lines of each paper: its title, and who presents it."""
    papers = []
    for number, item in enumerate(discussion.agenda.all(), start=1):
        lines = [single_line(f"{number}. {item.paper.title}")]
        if item.presenter:
            unsure = "" if item.is_confirmed else " (not confirmed yet)"
            lines.append(single_line(f"Presented by {item.presenter}{unsure}"))
        papers.append(lines)
    return papers


def _count_fitting(papers: Iterable[Iterable[str]], longest: int) -> int:
    """How many of ``papers`` take no more than ``longest`` characters, quoted."""
    sizes = accumulate(len(quote_plus("".join(f"{line}\n" for line in lines))) for lines in papers)
    return sum(size <= longest for size in sizes)


def _paper_count(number: int) -> str:
    return "1 paper" if number == 1 else f"{number} papers"


def absolute_url(row: Discussion | Paper) -> str:
    """The absolute address of the page of ``row``."""
    return settings.BASE_URL + row.get_absolute_url()


def event_span(discussion: Discussion) -> tuple[date, date]:
    """The start and end of ``meeting`` in the group's zone; the last day of one in writing.

    Moments in an hour that occurs twice, when the clocks go back, are in UTC: RFC 5545, 3.3.5 says
    that a local time means the first, but some programs take it for the second.
    """
    zone, span = times.group_zone(discussion.group), discussion.calendar_span
    assert span
    starts_at, ends_at = span
    if discussion.is_written:
        day = ends_at.astimezone(zone).date()
        return day, day + timedelta(days=1)
    return _in_zone(zone, starts_at), _in_zone(zone, ends_at)


def _in_zone(zone: ZoneInfo, moment: datetime) -> datetime:
    there = moment.astimezone(zone)
    comes_twice = there.replace(fold=0).utcoffset() != there.replace(fold=1).utcoffset()
    return moment.astimezone(UTC) if comes_twice or zone.key == "UTC" else there


def _build_timezones(discussions: Iterable[Discussion]) -> list[Timezone]:
    """A VTIMEZONE for each zone in which times of ``meetings`` are given, covering their years."""
    years: dict[str, set[int]] = {}
    for discussion in discussions:
        for moment in event_span(discussion):
            if isinstance(moment, datetime) and isinstance(moment.tzinfo, ZoneInfo):
                years.setdefault(moment.tzinfo.key, set()).add(moment.year)
    return [_build_timezone(key, min(found), max(found)) for key, found in sorted(years.items())]


@lru_cache(maxsize=64)
def _build_timezone(key: str, first: int, last: int) -> Timezone:
    """The VTIMEZONE ``key`` for the years ``first`` to ``last``, with each change of its clocks.

    The icalendar library can make one, but summer time begins an hour late in it: it gives DTSTART
    by the clock after the change, while RFC 5545, 3.6.5 wants the clock before.
    """
    zone = ZoneInfo(key)
    found = Timezone()
    found.add("tzid", key)
    begin = datetime(first, 1, 1, tzinfo=zone)
    found.add_component(_build_observance(begin, _utc_offset(begin)))
    for change in _clock_changes(begin, datetime(last + 1, 1, 1, tzinfo=zone)):
        before = _utc_offset((change - timedelta(seconds=1)).astimezone(zone))
        found.add_component(_build_observance(change.astimezone(zone), before))
    return found


def _build_observance(begin: datetime, before: timedelta) -> TimezoneDaylight | TimezoneStandard:
    """The standard or daylight time from ``begin`` on; ``before``: the UTC offset until then."""
    found = TimezoneDaylight() if begin.dst() else TimezoneStandard()
    found.add("dtstart", (begin.astimezone(UTC) + before).replace(tzinfo=None))
    found.add("tzoffsetfrom", before)
    found.add("tzoffsetto", begin.utcoffset())
    found.add("tzname", begin.tzname())
    return found


def _utc_offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    assert offset is not None
    return offset


def _clock_changes(begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments between ``begin`` and ``end``, in UTC, at which clocks in their zone change.

    It compares day with day, and then searches the day for the second.
    """
    zone, day = begin.tzinfo, timedelta(days=1)

    def utc_offset(moment: datetime) -> timedelta:
        return _utc_offset(moment.astimezone(zone))

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
