"""Meetings in calendars, as two independent readers of iCalendar understand them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream

from papers.discussions import calendar_export, calendar_links
from papers.models import Discussion, Group
from papers.services import scheduling
from tests.factories import make_meeting, make_paper

CLOCKS = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",  # UTC+5:45
    "Australia/Lord_Howe",  # half an hour of summer
    "Europe/Dublin",  # winter is what differs
    "Africa/Casablanca",  # four changes in some years
    "America/Sao_Paulo",  # no summer any more
    "Pacific/Chatham",
    "UTC",
]
AROUND = [timedelta(minutes=minutes) for minutes in (-721, -61, -31, -1, 0, 1, 29, 31, 59, 61, 721)]
HOSTILE = [
    "Sorting; faster, cheaper: \\n and \\, too",
    "\\Nabla, \\nabla; \\\\N \\\\\\; \\",
    "Lone\rreturn\r\nand both\n\rreversed",
    "\\",
    "^n and ^' and %0D%0A: &amp; <b>",
    "مرحبا \u202eabc, \u0301́ e\u0301",
    "First\nSecond\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:Not so",
    "Before\u2028between\u2029\x85\x0b\x0cafter",
    "Bell\x07 and \x1b[31m colour\x7f",
    "🧮" * 250,
    "é" * 1000,
    "x" * 1000,
    '"quoted"; VALUE=DATE:20260101',
    " \t ",
    "-",
]


def file_of(*meetings, alarm=None):
    rows = Discussion.objects.select_related("group").with_agenda()
    rows = rows.filter(pk__in=[meeting.pk for meeting in meetings]).order_by("pk")
    return calendar_export.build_calendar(
        [calendar_export.CalendarEntry.for_everyone(row, alarm) for row in rows], "Ours"
    )


reads = count(1)


def read(body):
    """What vobject reads. Zones have names that nobody knows: it has the VTIMEZONEs in ``body``
    alone, and none that it kept of another file."""
    text = re.sub(r"(TZID[=:])", rf"\1Ours-{next(reads)}-", body.decode())
    return vobject.readOne(text)


def events(body):
    return read(body).contents.get("vevent", [])


def changes(zone, first, last):
    """The moments at which the clocks of ``zone`` are changed, found by quarters of hours."""
    moment, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        later = moment + timedelta(minutes=15)
        if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield later
        moment = later


@pytest.mark.parametrize("name", CLOCKS)
def test_another_reader_finds_the_same_moments(group, name):
    """Around each change of clocks, by the rules in the file alone."""
    group.time_zone, zone = name, ZoneInfo(name)
    group.save()
    begins = {change + offset for change in changes(zone, 2026, 2027) for offset in AROUND}
    begins |= {datetime(2026, month, 9, 15, 30, tzinfo=UTC) for month in range(1, 13)}
    meetings = [make_meeting(group=group, starts_at=begin, minutes=90) for begin in sorted(begins)]
    body = file_of(*meetings)
    expected = [(meeting.starts_at, meeting.ends_at) for meeting in meetings]
    vevents = events(body)
    assert [(one.dtstart.value, one.dtend.value) for one in vevents] == expected
    # And the library that wrote it, which knows the zone by its name.
    vevents = icalendar.Calendar.from_ical(body).walk("VEVENT")
    assert [(one.decoded("dtstart"), one.decoded("dtend")) for one in vevents] == expected


@pytest.mark.parametrize("name", CLOCKS[:-1])
def test_the_rules_begin_when_the_clocks_change(group, name):
    """By the clock that was there before (RFC 5545, 3.6.5): readers differ in what they make of
    another."""
    group.time_zone = name
    group.save()
    begins = [datetime(year, 6, 9, 15, tzinfo=UTC) for year in (2026, 2027)]
    body = file_of(*(make_meeting(group=group, starts_at=begin) for begin in begins))
    (rules,) = icalendar.Calendar.from_ical(body).walk("VTIMEZONE")
    onsets = [
        rule.decoded("dtstart").replace(tzinfo=UTC) - rule.decoded("tzoffsetfrom")
        for rule in rules.subcomponents[1:]
    ]
    found = list(changes(ZoneInfo(name), 2026, 2027))
    assert onsets == found
    to = [rule.decoded("tzoffsetto") for rule in rules.subcomponents[1:]]
    assert to == [change.astimezone(ZoneInfo(name)).utcoffset() for change in found]


def test_each_meeting_alone_has_the_clocks_of_its_year(group):
    group.time_zone = "Europe/Berlin"
    group.save()
    for begin in ("2026-03-29T01:15+00:00", "2026-10-25T02:15+00:00", "2031-07-01T14:00+00:00"):
        meeting = make_meeting(group=group, starts_at=datetime.fromisoformat(begin))
        (event,) = events(file_of(meeting))
        assert event.dtstart.value == meeting.starts_at
        assert event.dtstart.value.utcoffset() is not None


def test_a_weekly_meeting_stays_at_its_hour(group, alice):
    group.time_zone, zone = "Europe/Berlin", ZoneInfo("Europe/Berlin")
    group.save()
    first = datetime.combine(date(2026, 9, 3), time(16), tzinfo=zone)
    meetings = scheduling.schedule_series(
        group=group, by=alice, starts_at=first, minutes=60, weeks=1, count=40
    )
    body = file_of(*meetings)
    assert body.count(b"DTSTART;TZID=Europe/Berlin:") == 40
    assert len({one.dtstart.value.utcoffset() for one in events(body)}) == 2
    assert {one.dtstart.value.time() for one in events(body)} == {time(16)}


def test_in_utc_no_zone_is_needed(group):
    begin = datetime(2026, 12, 3, 15, tzinfo=UTC)
    body = file_of(make_meeting(group=group, starts_at=begin))
    assert b"DTSTART:20261203T150000Z\r\n" in body
    assert b"VTIMEZONE" not in body


def test_a_discussion_in_writing_is_on_the_day_it_closes(group):
    """Which is the group's: in Kathmandu it is tomorrow already."""
    group.time_zone = "Asia/Kathmandu"
    group.save()
    closes = datetime(2026, 12, 3, 18, 14, tzinfo=UTC)
    begin = closes - timedelta(days=9)
    meeting = make_meeting(group=group, starts_at=begin, ends_at=closes, is_written=True)
    (event,) = events(file_of(meeting, alarm=60))
    assert (event.dtstart.value, event.dtend.value) == (date(2026, 12, 3), date(2026, 12, 4))
    assert event.transp.value == "TRANSPARENT"
    assert "valarm" not in event.contents
    meeting.ends_at += timedelta(minutes=1)
    meeting.save()
    assert events(file_of(meeting))[0].dtstart.value == date(2026, 12, 4)


def test_what_moves_is_the_same_with_a_higher_sequence(group, alice):
    meeting = make_meeting(group=group)
    (before,) = events(file_of(meeting))
    later = meeting.starts_at + timedelta(days=1)
    scheduling.update_discussion(
        discussion=meeting, by=alice, starts_at=later, ends_at=later + timedelta(hours=1)
    )
    (after,) = events(file_of(meeting))
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)
    assert after.dtstamp.value >= before.dtstamp.value
    assert after.dtstart.value == later.replace(microsecond=0)


def test_what_is_called_off_stays_and_says_so(group, alice):
    meeting = make_meeting(group=group)
    (before,) = events(file_of(meeting, alarm=10))
    assert before.status.value == "CONFIRMED"
    assert before.valarm.trigger.value == -timedelta(minutes=10)
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    (after,) = events(file_of(meeting, alarm=10))
    assert after.status.value == "CANCELLED"
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)
    assert "valarm" not in after.contents


@pytest.mark.parametrize("title", HOSTILE)
def test_no_text_is_more_than_text(group, bob, title):
    bob.name = title[:100].strip()
    bob.save()
    paper = make_paper(group=group, title=title)
    meeting = make_meeting(group=group, papers=[paper], place=title[:200])
    meeting.agenda.update(presenter=bob, is_confirmed=True)
    body = file_of(meeting)
    lines = body.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert b"\r" not in b"".join(lines)
    assert max(map(len, lines)) <= 75
    assert all(line.decode() for line in lines[:-1])  # no letter is cut in two
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", b"".join(lines))
    event, other = both_readers(body)
    expected = " ".join(
        re.sub(r"[\x00-\x1f\x7f-\x9f\u2028]", " ", f"Curious minds: {title}").split()
    )
    assert event.summary.value == other.summary == expected
    assert event.description.value == other.description
    said = event.description.value.split("\n")
    assert said[0] == f"1. {' '.join(expected.removeprefix('Curious minds:').split())}".strip()
    assert len(said) == 3 if bob.name else 2
    assert event.status.value == other.status.value == "CONFIRMED"


def in_one_line(text):
    """What is seen of ``text``: without control characters, each run of spaces as one."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028]", " ", text).split())


def both_readers(body):
    """The only event of ``body``, as vobject and as ical read it."""
    (event,) = events(body)
    (other,) = IcsCalendarStream.calendar_from_ics(body.decode()).events
    return event, other


@pytest.mark.parametrize("text", HOSTILE)
def test_each_property_arrives_as_typed(group, text):
    """In a calendar of a name, with an alarm, at a place, by video."""
    said = in_one_line(text)
    Group.objects.filter(pk=group.pk).update(name=text[:100])
    paper = make_paper(group=group, title=text)
    meeting = make_meeting(group=group, papers=[paper], place=text[:200])
    row = Discussion.objects.select_related("group").with_agenda().get(pk=meeting.pk)
    entry = calendar_export.CalendarEntry.for_everyone(row, 10)
    body = calendar_export.build_calendar([entry], text)
    event, other = both_readers(body)
    place = in_one_line(text[:200])
    if place:
        assert event.location.value == other.location == place
    else:
        assert "location" not in event.contents
    assert event.valarm.description.value == other.alarm[0].description == event.summary.value
    assert read(body).contents["x-wr-calname"][0].value == said
    (name,) = [
        one.value
        for one in IcsCalendarStream.calendar_from_ics(body.decode()).extras
        if one.name == "x-wr-calname"
    ]
    assert unescaped(name) == said


def unescaped(text):
    """A TEXT that a reader left as it was written (RFC 5545, 3.3.11)."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


@pytest.mark.parametrize("link", ["https://video.example.com/a,b;c?d=%5C&e=(f)#g:h", ""])
def test_the_place_is_the_video_link_where_there_is_no_other(group, link):
    event, other = both_readers(file_of(make_meeting(group=group, link=link)))
    assert other.location == (link or None)
    assert [one.value for one in event.contents.get("location", [])] == [link] * bool(link)


def test_it_says_what_is_needed_and_nobodys_address(settings, group, alice, bob):
    settings.BASE_URL = "https://papers.example.com"
    papers = [make_paper(group=group, title=title) for title in ("Tides", "Sorting")]
    meeting = make_meeting(
        group=group,
        papers=papers,
        created_by=alice,
        place="B 12",
        link="https://video.example.com/a,b;c",
        notes="For us alone",
    )
    meeting.rsvps.create(user=alice, answer="coming", turn=1)
    meeting.rsvps.create(user=bob, answer="remote")
    meeting.agenda.filter(paper=papers[0]).update(presenter=bob)
    meeting.agenda.filter(paper=papers[1]).update(presenter=alice, is_confirmed=True)
    body = file_of(meeting)
    (event,) = events(body)
    assert event.summary.value == "Curious minds: Tides and 1 more"
    assert event.location.value == "B 12"
    assert event.url.value == f"https://papers.example.com{meeting.get_absolute_url()}"
    assert event.description.value.splitlines() == [
        "1. Tides",
        "Presented by Bob (not confirmed yet)",
        "2. Sorting",
        "Presented by Alice",
        "Video: https://video.example.com/a,b;c",
        event.url.value,
    ]
    assert b"example.org" not in body  # where everybody's mail is
    assert b"mailto" not in body.lower()
    assert b"For us alone" not in body
    assert not {"attendee", "organizer"} & set(event.contents)
    whole = read(body)
    assert whole.version.value == "2.0"
    assert (whole.method.value, whole.calscale.value) == ("PUBLISH", "GREGORIAN")
    settings.BASE_URL = "https://elsewhere.example.com"
    assert events(file_of(meeting))[0].uid.value == event.uid.value


def test_a_copy_for_another_calendar(group):
    group.time_zone = "Europe/Berlin"
    group.save()
    title = "Sorting & tides? 100% #1 +"
    begin = datetime(2026, 12, 3, 15, tzinfo=UTC)
    paper = make_paper(group=group, title=title)
    meeting = make_meeting(group=group, papers=[paper], starts_at=begin, place="B & C")
    google = parse_qs(urlsplit(calendar_links.google_link(meeting)).query)
    assert google["text"] == [f"Curious minds: {title}"]
    assert google["dates"] == ["20261203T150000Z/20261203T160000Z"]
    assert google["location"] == ["B & C"]
    outlook = parse_qs(urlsplit(calendar_links.outlook_link(meeting)).query)
    assert outlook["subject"] == [f"Curious minds: {title}"]
    assert outlook["startdt"] == ["2026-12-03T15:00:00Z"]
    assert outlook["enddt"] == ["2026-12-03T16:00:00Z"]
    meeting.is_written = True
    google = parse_qs(urlsplit(calendar_links.google_link(meeting)).query)
    assert google["dates"] == ["20261203/20261204"]
    outlook = parse_qs(urlsplit(calendar_links.outlook_link(meeting)).query)
    assert (outlook["startdt"], outlook["enddt"]) == (["2026-12-03"], ["2026-12-04"])
    assert outlook["allday"] == ["true"]


@pytest.mark.parametrize("title", ["On sorting, and more; ", "🧮", "汉字与排序"])
@pytest.mark.parametrize("papers", [0, 1, 3, 20])
@pytest.mark.parametrize("place", ["", "B 12", "🏠" * 200])
def test_a_link_keeps_what_leads_to_the_meeting(settings, group, bob, title, papers, place):
    """However long its agenda is: that is what is cut, by whole papers."""
    settings.BASE_URL = "https://papers.example.com"
    Group.objects.filter(pk=group.pk).update(name=title[0] * 100)
    group.refresh_from_db()
    found = [
        make_paper(group=group, title=f"{number} {title * 90}"[:1000]) for number in range(papers)
    ]
    video = f"https://video.example.com/{'j' * 300}?a=1&b=2"
    meeting = make_meeting(group=group, papers=found, place=place, link=video)
    meeting.agenda.update(presenter=bob, is_confirmed=True)
    meeting.fetch_agenda()
    for link, details in (
        (calendar_links.google_link(meeting), "details"),
        (calendar_links.outlook_link(meeting), "body"),
    ):
        assert len(link) <= 2500
        given = parse_qs(urlsplit(link).query)
        lines = given[details][0].split("\n")
        page = f"https://papers.example.com{meeting.get_absolute_url()}"
        assert lines[-2:] == [f"Video: {video}", page]
        assert given["location"] == [video] if not place else given["location"][0][0] == place[0]
        shown = [line for line in lines if re.match(r"\d+\. ", line)]
        whole = calendar_export.event_description(meeting).split("\n")
        assert set(shown) <= set(whole)
        left = re.search(r"(\d+) (more|papers?)$", "\n".join(lines[:-2]))
        assert len(shown) + int(left[1] if left else 0) == papers


def test_a_short_agenda_is_whole_in_a_link(group):
    papers = [make_paper(group=group, title=title) for title in ("Tides", "Sorting")]
    meeting = make_meeting(group=group, papers=papers)
    google = parse_qs(urlsplit(calendar_links.google_link(meeting)).query)
    assert google["details"] == [calendar_export.event_description(meeting)]
    assert "location" not in google


def test_the_page_of_a_meeting_offers_it(client, group, bob):
    meeting = make_meeting(group=group, papers=[make_paper(group=group, title="Tides")])
    client.force_login(bob)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=Curious" in page
    assert "https://outlook.office.com/calendar/" in page
    response = client.get(f"{meeting.get_absolute_url()}calendar.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    name = f"curious-minds-meeting-{meeting.pk}.ics"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    (event,) = events(response.content)
    assert event.summary.value == "Curious minds: Tides"


@pytest.mark.parametrize("state", ["polling", "cancelled", "held"])
def test_only_what_is_to_come_is_offered(client, group, bob, state):
    past = timezone.now() - timedelta(days=1)
    meeting = make_meeting(
        group=group, state=state, **({"starts_at": past} if state == "held" else {})
    )
    client.force_login(bob)
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "calendar.google.com" not in page
    response = client.get(f"{meeting.get_absolute_url()}calendar.ics")
    assert response.status_code == (404 if state == "polling" else 200)


def test_a_date_poll_that_was_called_off_is_no_file(client, group, bob):
    meeting = make_meeting(group=group, state="polling")
    Discussion.objects.filter(pk=meeting.pk).update(state="cancelled")
    client.force_login(bob)
    assert client.get(meeting.get_absolute_url()).status_code == 200
    assert client.get(f"{meeting.get_absolute_url()}calendar.ics").status_code == 404


def test_a_file_costs_as_much_with_one_paper_as_with_many(client, group, bob, queries_of):
    few = make_meeting(group=group, papers=[make_paper(group=group)])
    many = make_meeting(group=group, papers=[make_paper(group=group) for _ in range(20)])
    many.agenda.update(presenter=bob)
    client.force_login(bob)
    addresses = [f"{meeting.get_absolute_url()}calendar.ics" for meeting in (few, many)]
    assert queries_of(addresses[0]) == queries_of(addresses[1])


@pytest.fixture
def queries_of(client):
    def queries_of(address):
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    return queries_of
