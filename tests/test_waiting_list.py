"""Whoever is on the waiting list reads so everywhere, and nowhere that they are going.

A table of all places that tell a member of their meetings. A new place gets a line here.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from papers.discussions import presenter_turns, reading_counts
from papers.models import (
    Availability,
    DateOption,
    Discussion,
    Event,
    Feed,
    Mail,
    MailChoice,
    MailKind,
    Membership,
    Reading,
    User,
)
from papers.models.event_specs import Audience, Detail
from papers.my_data import export_zip
from papers.notifications import digests, fan_out, messages
from papers.services import feeds, rsvps
from papers.services.voting import set_vote
from tests.browsing import Browser
from tests.factories import make_meeting, make_paper, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db

WAITS = re.compile(r"(?i)on the waiting list|waiting list:|answer\W+waiting list")
CLAIMS = re.compile(
    r"(?i)you are going|you have a seat|your seat|you come|is yours|status:confirmed"
    r"|aria-pressed=.true.\s*>\s*going|answer\W+(coming|going)"
)


@dataclass
class Cast:
    """A meeting tomorrow with one seat, which Dan has; Bob waits for it, and presents."""

    meeting: Discussion
    bob: User
    dan: User
    alice: User

    @property
    def client(self):
        client = Client()
        client.force_login(self.bob)
        return client

    def address(self, name):
        return reverse(name, args=[self.meeting.group.slug, self.meeting.pk])


@pytest.fixture
def cast(group, alice, bob):
    dan = make_user("dan")
    Membership.objects.create(group=group, user=dan)
    paper = make_paper(group=group, title="On tides")
    set_vote(paper=paper, user=bob, stance="want")
    begins = timezone.now() + timedelta(hours=26)
    meeting = make_meeting(group=group, papers=[paper], seats=1, starts_at=begins)
    meeting.agenda.update(presenter=bob, is_confirmed=True)
    option = DateOption.objects.create(
        discussion=meeting, position=0, starts_at=begins, ends_at=meeting.ends_at
    )
    Availability.objects.create(option=option, user=bob, answer="yes")
    for user in (dan, bob):
        rsvps.set_rsvp(discussion=meeting, user=user, answer="coming")
    for kind in MailKind:
        MailChoice.objects.create(user=bob, kind=kind, way="now")
    return Cast(meeting, bob, dan, alice)


def html(name):
    """The page ``name`` of the meeting, with its markup."""
    return lambda cast: cast.client.get(cast.address(name)).text


def group_page(name, query=""):
    def read(cast):
        day = cast.meeting.starts_at
        address = reverse(name, args=[cast.meeting.group.slug])
        return cast.client.get(address + query.format(month=f"{day:%Y-%m}")).text

    return read


def feed(kind):
    def read(cast):
        group = cast.meeting.group if kind in Feed.GROUP_KINDS else None
        _, token = feeds.create_feed(user=cast.bob, kind=kind, group=group)
        return unfolded(Client().get(f"/feeds/{token}/calendar.ics").content)

    return read


def unfolded(content):
    return content.decode().replace("\r\n ", "")


def add_to(host):
    """What the link to the calendar at ``host`` fills in."""

    def read(cast):
        page = Browser(cast.bob).open(cast.meeting.get_absolute_url())
        (link,) = [one.get("href") for one in page.root.all("a") if host in one.get("href")]
        return str(parse_qs(urlsplit(link).query))

    return read


def my_data(file):
    def read(cast):
        archive = zipfile.ZipFile(io.BytesIO(export_zip(cast.bob)))
        return archive.read(file).decode()

    return read


def answer_again(cast):
    """The page after Bob took his answer back, and said again that he comes."""
    page = Browser(cast.bob).open(cast.meeting.get_absolute_url())
    page = page.form("On the waiting list").submit()
    name = "Join the waiting list" if cast.meeting.seats else "Going"
    return page.form(name).submit().root.text


def mail(event, **facts):
    """The mail of ``event`` to Bob: subject and text."""

    def read(cast):
        given = {name: value(cast) for name, value in facts.items()}
        notice = fan_out.record_event(event, cast.meeting, **given)
        fan_out.send_notifications.call(notice.pk)
        return last_mail(cast)

    return read


def last_mail(cast):
    (queued,) = Mail.objects.filter(to=cast.bob.email)
    message = messages.message_for(queued)
    return f"{message.subject}\n{message.body}"


def digest(cast):
    """The digest in which Bob hears of the meeting."""
    MailChoice.objects.update(way="digest")
    cast.meeting.starts_at += timedelta(days=7)
    cast.meeting.ends_at += timedelta(days=7)
    cast.meeting.save()
    notice = fan_out.record_event(Event.FIXED, cast.meeting)
    fan_out.send_notifications.call(notice.pk)
    digests.send_due_digests(timezone.now() + timedelta(days=1))
    return last_mail(cast)


def due(cast):
    return cast.meeting.starts_at


MAILS = {
    Event.FIXED: {},
    Event.MOVED: {},
    Event.REINSTATED: {},
    Event.DAY: {"due_at": due},
    Event.HOUR: {"due_at": due},
}
PLACES = {
    "page of the meeting": html("discussion"),
    "after answering": answer_again,
    "meeting screen": html("discussion-meeting"),
    "printed sheet": html("discussion-sheet"),
    "home page": group_page("group"),
    "list of discussions": group_page("discussions"),
    "filtered list": group_page("discussions", "?state=upcoming"),
    "month": group_page("discussion-month", "?month={month}"),
    "calendar file": lambda cast: unfolded(cast.client.get(cast.address("discussion-ics")).content),
    "add to Google": add_to("calendar.google.com"),
    "add to Outlook": add_to("outlook"),
    "my data, JSON": my_data("my-data.json"),
    "my data, Markdown": my_data("my-data.md"),
    "digest": digest,
    **{f"mail: {event}": mail(event, **facts) for event, facts in MAILS.items()},
    **{f"feed: {kind.label}": feed(kind) for kind in Feed.Kind if kind not in Feed.NEWS_KINDS},
}


@pytest.mark.parametrize("place", PLACES)
def test_who_waits_reads_so(cast, place):
    said = PLACES[place](cast)
    assert WAITS.search(said), said
    assert not CLAIMS.search(said), CLAIMS.search(said)


@pytest.mark.parametrize("place", [place for place in PLACES if place != "after answering"])
def test_who_has_a_seat_reads_no_word_of_waiting(cast, place):
    """The control: each place tells the two apart."""
    Discussion.objects.update(seats=None)
    cast.meeting.refresh_from_db()
    assert not WAITS.search(PLACES[place](cast))


def test_every_mail_that_says_whether_one_is_going_is_in_the_table():
    said = {
        event
        for event in Event
        if Detail.RSVP in event.spec.details or event.spec.audience is Audience.ATTENDING
    }
    to_one = {Event.SEAT, Event.SEAT_LOST, Event.WAITING_MOVED}  # tests/test_seats.py
    assert said - to_one == MAILS.keys()


def test_a_calendar_entry_of_who_waits_blocks_no_time(cast):
    _, token = feeds.create_feed(user=cast.bob, kind=Feed.Kind.ANSWERED)

    def entry():
        calendar = Calendar.from_ical(Client().get(f"/feeds/{token}/calendar.ics").content)
        (event,) = calendar.walk("VEVENT")
        return str(event["status"]), event.get("transp"), str(event["summary"]), event["sequence"]

    status, transparency, title, sequence = entry()
    assert (status, transparency) == ("TENTATIVE", "TRANSPARENT")
    assert title == "Waiting list: Curious minds: On tides"
    rsvps.set_rsvp(discussion=cast.meeting, user=cast.dan, answer="not")
    status, transparency, title, later = entry()
    assert (status, transparency) == ("CONFIRMED", None)
    assert title == "Curious minds: On tides"
    assert later > sequence


def test_who_waits_is_counted_with_nobody_who_comes(cast):
    """On the page: going, and how many of them have read the paper."""
    paper = cast.meeting.agenda.get().paper
    Reading.objects.create(user=cast.bob, paper=paper, state="read")
    assert reading_counts.count_prepared(cast.meeting, [paper.pk]) == ({paper.pk: 0}, 1)
    page = text_of(cast.client.get(cast.meeting.get_absolute_url()))
    assert "Going (1) Dan Waiting list (1) Bob" in page


def test_who_waits_is_not_proposed_to_present(cast):
    members = cast.meeting.group.memberships.select_related("user")
    cast.meeting.agenda.update(presenter=None, is_confirmed=False)
    items = list(cast.meeting.agenda.select_related("paper"))
    found = presenter_turns.presenter_candidates(items, cast.meeting, members)
    assert {one.user for one in found[items[0].pk]} == {cast.alice, cast.dan}
