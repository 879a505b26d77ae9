"""Secret addresses: who reads what at them, what is kept of them, and the news."""

import logging
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import vobject
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.models import Feed, Membership, Paper, Rsvp
from papers.services import feeds, scheduling
from readinggroup import logs
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.pages import text_of
from tests.test_logs import Log

PAGE = "/me/feeds/"
ATOM = "{http://www.w3.org/2005/Atom}"


def address_of(user, kind, **given):
    """The address of a new feed."""
    feed, token = feeds.create_feed(user=user, kind=kind, **given)
    return f"/feeds/{token}/{'news.xml' if kind in Feed.NEWS_KINDS else 'calendar.ics'}"


def meetings_at(client, address):
    """What a calendar has, by title without the group: {title: event}."""
    response = client.get(address)
    assert response.status_code == 200
    found = vobject.readOne(response.content.decode()).contents.get("vevent", [])
    return {event.summary.value.partition(": ")[2]: event for event in found}


def entries_at(client, address):
    response = client.get(address)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content).findall(f"{ATOM}entry")


def text(entry, name):
    return entry.findtext(f"{ATOM}{name}")


def meeting_on(group, title, **fields):
    return make_meeting(group=group, papers=[make_paper(group=group, title=title)], **fields)


def answer(meeting, user, answer):
    turn = 1 if answer == "coming" else None
    Rsvp.objects.update_or_create(
        discussion=meeting, user=user, defaults={"answer": answer, "turn": turn}
    )


# The page.


def test_an_address_is_shown_once_and_not_kept(client, group, bob):
    client.force_login(bob)
    sent = {"what": f"group:{group.pk}", "label": " my  phone ", "alarm": "60"}
    response = client.post(PAGE, sent)
    assert response.url == PAGE
    kept = str(dict(client.session.items()))
    page = client.get(PAGE).content.decode()
    token = page.partition("/feeds/")[2].partition("/")[0]
    assert len(token) == 43  # 32 bytes
    assert f'value="http://testserver/feeds/{token}/calendar.ics"' in page
    assert f'href="webcal://testserver/feeds/{token}/calendar.ics"' in page
    assert token not in kept
    assert token not in client.get(PAGE).content.decode()
    feed = Feed.objects.get()
    assert token not in str(Feed.objects.values())
    assert (feed.kind, feed.group, feed.label) == ("group", group, "my phone")
    assert feed.alarm_minutes == 60
    client.logout()
    assert meetings_at(client, f"/feeds/{token}/calendar.ics") == {}


def test_the_list_says_what_and_since_when_it_is_used(client, group, bob, alice):
    address_of(bob, "papers", group=group, label="Reader")
    used = address_of(bob, "mine")
    address_of(alice, "answered", label="Not Bob's")
    client.get(used)
    client.force_login(bob)
    page = text_of(client.get(PAGE))
    assert "New papers in Curious minds Reader created on" in page
    assert page.count("not used yet") == 1
    assert page.count("last used on") == 1
    assert "Not Bob's" not in page
    assert PAGE in client.get("/me/").content.decode()


def test_revoking_asks_first_and_is_for_good(client, group, bob):
    address = address_of(bob, "group", group=group)
    other = address_of(bob, "group", group=group)
    client.force_login(bob)
    revoke = f"{PAGE}{Feed.objects.earliest('pk').pk}/revoke/"
    assert "Revoke this link?" in text_of(client.get(revoke))
    assert client.get(address).status_code == 200
    assert "It no longer works" in text_of(client.post(revoke, follow=True))
    assert client.get(address).status_code == 404
    assert client.get(other).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"what": ""},
        {"what": "group"},
        {"what": "group:"},
        {"what": "group:x"},
        {"what": "group:THEIRS"},
        {"what": "papers:THEIRS"},
        {"what": "secret"},
        {"what": "mine", "alarm": "7"},
        {"what": "mine", "label": "x" * 61},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(client, group, bob, sent):
    theirs = make_group("Theirs").pk
    sent = {name: value.replace("THEIRS", str(theirs)) for name, value in sent.items()}
    client.force_login(bob)
    response = client.post(PAGE, {"label": "My phone", **sent})
    assert response.status_code == 422
    assert sent.get("label", "My phone") in response.content.decode()
    assert "Theirs" not in text_of(response)
    assert not Feed.objects.exists()


def test_nobody_has_more_than_a_few(client, group, bob, alice):
    for _ in range(feeds.MAX_FEEDS):
        feeds.create_feed(user=bob, kind="mine")
    client.force_login(bob)
    response = client.post(PAGE, {"what": "wanted", "label": "One more"})
    assert response.status_code == 422
    assert "Revoke one you no longer use" in text_of(response)
    assert "One more" in response.content.decode()
    assert bob.feeds.count() == feeds.MAX_FEEDS
    assert feeds.create_feed(user=alice, kind="mine")


def test_the_page_costs_as_much_for_one_as_for_many(client, group, bob):
    client.force_login(bob)
    counts = []
    for number in (1, feeds.MAX_FEEDS - 1):
        for _ in range(number):
            feeds.create_feed(user=bob, kind="group", group=group)
        with CaptureQueriesContext(connection) as found:
            client.get(PAGE)
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_news_have_no_alarm_and_news_of_a_group_left_say_no_name(client, group, bob):
    client.force_login(bob)
    client.post(PAGE, {"what": f"meetings:{group.pk}", "alarm": "10"})
    assert Feed.objects.get().alarm_minutes is None
    page = client.get(PAGE).content.decode()
    assert "/news.xml" in page
    assert "webcal:" not in page
    bob.memberships.all().delete()
    group.name = "Renamed since"
    group.save()
    page = text_of(client.get(PAGE))
    assert "Meetings of a group you have left and their changes" in page
    assert "inactive: you have left the group" in page
    assert "Renamed since" not in page


def test_the_discussions_page_leads_to_the_calendar_of_the_group(group, bob):
    """Chosen already: one button away."""
    second = make_group("Second", members=[bob])
    browser = Browser(bob)
    for one in (group, second):
        page = browser.open(f"/{one.slug}/discussions/")
        (link,) = [
            each for each in page.root.all("a") if each.text.strip() == "Subscribe in your calendar"
        ]
        page = browser.open(link.get("href"))
        assert page.form("Create a link").value("what") == f"group:{one.pk}"
        page = page.form("Create a link").submit()
        assert page.errors() == []
        assert Feed.objects.latest("pk").group == one
    page = browser.open(f"{PAGE}?group=nowhere")
    assert page.form("Create a link").submit().errors() == []


def test_a_reader_who_is_no_member_is_not_offered_one(client, group):
    client.force_login(make_user("root", is_superuser=True))
    assert "Subscribe" not in client.get(f"/{group.slug}/discussions/").text


def test_revoking_tells_no_name_of_a_group_left(client, group, bob):
    address_of(bob, "group", group=group)
    client.force_login(bob)
    revoke = f"{PAGE}{Feed.objects.get().pk}/revoke/"
    assert "All meetings of Curious minds" in text_of(client.get(revoke))
    bob.memberships.all().delete()
    assert "Curious minds" not in text_of(client.get(revoke))


# Who reads.


@pytest.mark.parametrize("kind", ["group", "papers", "meetings"])
def test_who_left_the_group_reads_nothing_any_more(client, group, bob, kind):
    address = address_of(bob, kind, group=group)
    assert client.get(address).status_code == 200
    bob.memberships.all().delete()
    assert client.get(address).status_code == 404
    Membership.objects.create(group=group, user=bob)
    assert client.get(address).status_code == 200
    bob.is_active = False
    bob.save()
    assert client.get(address).status_code == 404


def test_an_address_is_for_what_it_was_made_for(client, group, bob):
    calendar, news = address_of(bob, "mine"), address_of(bob, "papers", group=group)
    assert client.get(calendar.replace("calendar.ics", "news.xml")).status_code == 404
    assert client.get(news.replace("news.xml", "calendar.ics")).status_code == 404
    assert client.get(f"/feeds/{'x' * 43}/calendar.ics").status_code == 404
    digest = Feed.objects.first().digest
    assert client.get(f"/feeds/{digest}/calendar.ics").status_code == 404


def test_reading_needs_no_session_and_leaves_none(client, group, bob):
    response = client.get(address_of(bob, "group", group=group))
    assert not response.cookies
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Referrer-Policy"]


def test_what_has_not_changed_is_not_sent_again(client, group, alice, bob):
    address = address_of(bob, "group", group=group)
    meeting = meeting_on(group, "Tides")
    first = client.get(address)
    again = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-cache"
    head = client.head(address)
    assert (head.status_code, head["ETag"]) == (200, first["ETag"])
    scheduling.update_discussion(discussion=meeting, by=alice, place="Elsewhere")
    changed = client.get(address, HTTP_IF_NONE_MATCH=first["ETag"])
    assert changed.status_code == 200
    assert b"LOCATION:Elsewhere" in changed.content


def test_that_it_is_used_is_noted_once_an_hour(client, group, bob):
    address = address_of(bob, "mine")
    client.get(address)
    feed = Feed.objects.get()
    assert feed.last_used_at
    with CaptureQueriesContext(connection) as found:
        client.get(address)
    assert not [query for query in found if "UPDATE" in query["sql"]]
    earlier = timezone.now() - timedelta(hours=2)
    Feed.objects.update(last_used_at=earlier)
    client.get(address)
    feed.refresh_from_db()
    assert feed.last_used_at > earlier


@pytest.mark.parametrize("formatter", [logs.JsonFormatter, logs.LineFormatter])
def test_no_log_has_the_token(client, group, bob, monkeypatch, formatter):
    log = Log(formatter())
    logging.getLogger().addHandler(log.handler)
    try:
        address = address_of(bob, "group", group=group)
        client.raise_request_exception = False
        client.force_login(bob)
        client.get(address)
        client.post(address)
        bob.memberships.all().delete()
        assert client.get(address).status_code == 404
        monkeypatch.setattr(feeds, "feed_for_token", lambda *given: 1 / 0)
        assert client.get(address).status_code == 500
    finally:
        logging.getLogger().removeHandler(log.handler)
    assert "/feeds/<str:token>/calendar.ics" in log.text
    assert "ZeroDivisionError" in log.text
    assert address.split("/")[2] not in log.text


# What is in a calendar.


@pytest.fixture
def meetings(group, alice, bob, charlie):
    """Meetings by what Bob has to do with them; and some he must not see."""
    second = make_group("Second", members=[bob])
    strangers = make_group("Strangers", members=[charlie])
    made = {
        title: meeting_on(second if title == "Elsewhere" else group, title)
        for title in ("Nothing", "Coming", "Remote", "Not", "Wanted", "Waited", "Against")
        + ("Presented", "Proposed", "Alice's", "Elsewhere")
    }
    for title in ("Coming", "Elsewhere"):
        answer(made[title], bob, "coming")
    answer(made["Remote"], bob, "remote")
    answer(made["Not"], bob, "not")
    answer(made["Alice's"], alice, "coming")
    for title, stance in (("Wanted", "want"), ("Waited", "wait"), ("Against", "not")):
        made[title].agenda.get().paper.votes.create(user=bob, stance=stance)
    made["Alice's"].agenda.get().paper.votes.create(user=alice, stance="want")
    made["Alice's"].agenda.update(presenter=alice, is_confirmed=True)
    made["Presented"].agenda.update(presenter=bob, is_confirmed=True)
    made["Proposed"].agenda.update(presenter=bob)
    # Of another group, and of one that Bob has left.
    theirs = meeting_on(strangers, "Theirs")
    answer(theirs, bob, "coming")
    theirs.agenda.get().paper.votes.create(user=bob, stance="want")
    theirs.agenda.update(presenter=bob, is_confirmed=True)
    meeting_on(group, "Poll", state="polling")
    long_ago = timezone.now() - timedelta(days=400)
    answer(meeting_on(group, "Long ago", state="held", starts_at=long_ago), bob, "coming")
    return made


ANSWERED = {"Coming", "Remote", "Elsewhere"}
IN_CALENDARS = {
    "answered": ANSWERED | {"Not"},
    "wanted": ANSWERED | {"Not", "Wanted", "Waited"},
    "mine": {"Presented", "Proposed"},
}


@pytest.mark.parametrize("kind", IN_CALENDARS)
def test_a_calendar_of_mine(client, bob, meetings, kind):
    found = meetings_at(client, address_of(bob, kind))
    assert set(found) == IN_CALENDARS[kind]
    off = {title for title, event in found.items() if event.status.value == "CANCELLED"}
    assert off == {"Not"} & IN_CALENDARS[kind]


def test_a_calendar_of_a_group(client, group, alice, bob, meetings):
    past = timezone.now() - timedelta(days=300)
    meeting_on(group, "Held", state="held", starts_at=past)
    scheduling.cancel_discussion(discussion=meetings["Nothing"], by=alice)
    found = meetings_at(client, address_of(bob, "group", group=group))
    assert set(found) == {*meetings, "Held"} - {"Elsewhere"}
    off = {title for title, event in found.items() if event.status.value == "CANCELLED"}
    assert off == {"Nothing"}  # what Bob answers is Bob's alone


@pytest.mark.parametrize("kind", ["group", "answered", "wanted", "mine"])
def test_what_is_called_off_stays_in_a_calendar(client, group, alice, bob, kind):
    meeting = meeting_on(group, "Tides")
    answer(meeting, bob, "coming")
    meeting.agenda.update(presenter=bob)
    address = address_of(bob, kind, group=group if kind == "group" else None, alarm_minutes=10)
    before = meetings_at(client, address)["Tides"]
    assert (before.status.value, len(before.valarm_list)) == ("CONFIRMED", 1)
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    after = meetings_at(client, address)["Tides"]
    assert after.status.value == "CANCELLED"
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) > int(before.sequence.value)
    assert "valarm" not in after.contents
    scheduling.reinstate_discussion(discussion=meeting, by=alice)
    again = meetings_at(client, address)["Tides"]
    assert again.status.value == "CONFIRMED"
    assert int(again.sequence.value) > int(after.sequence.value)


def test_who_says_no_after_all_has_it_called_off(client, group, bob):
    meeting = meeting_on(group, "Tides")
    answer(meeting, bob, "coming")
    address = address_of(bob, "answered")
    before = meetings_at(client, address)["Tides"]
    earlier = meeting.changed_at - timedelta(hours=1)
    type(meeting).objects.update(changed_at=earlier)
    answer(meeting, bob, "not")
    after = meetings_at(client, address)["Tides"]
    assert (before.status.value, after.status.value) == ("CONFIRMED", "CANCELLED")
    assert after.uid.value == before.uid.value
    assert after.dtstamp.value > earlier
    answer(meeting, bob, "remote")
    assert meetings_at(client, address)["Tides"].status.value == "CONFIRMED"


@pytest.mark.parametrize("kind", Feed.Kind.values)
def test_a_feed_costs_as_much_for_one_as_for_many(client, group, bob, kind):
    is_of_group = kind in Feed.GROUP_KINDS
    address = address_of(bob, kind, group=group if is_of_group else None)
    counts = []
    for number in (1, 29):
        for _ in range(number):
            papers = [make_paper(group=group), make_paper(group=group)]
            meeting = make_meeting(group=group, papers=papers)
            meeting.agenda.update(presenter=bob)
            answer(meeting, bob, "coming")
        Feed.objects.update(last_used_at=timezone.now())
        with CaptureQueriesContext(connection) as found:
            body = client.get(address).content
        counts.append(len(found))
    assert body.count(b"BEGIN:VEVENT") + body.count(b"<entry>") >= 30
    assert counts[0] == counts[1]


# News.


def test_news_of_papers(client, settings, group, bob):
    settings.BASE_URL = "https://papers.example.com"
    make_paper(group=make_group("Strangers"), title="Theirs")
    first = make_paper(group=group, title="Tides", abstract="High & <b>low</b>.\nTwice a day.")
    for number in range(feeds.MAX_NEWS_ENTRIES - 1):
        make_paper(group=group, title=f"Number {number}")
    address = address_of(bob, "papers", group=group)
    entries = entries_at(client, address)
    assert len(entries) == feeds.MAX_NEWS_ENTRIES
    oldest = entries[-1]
    assert text(oldest, "title") == "Tides"
    assert text(oldest, "summary") == "High &amp; &lt;b&gt;low&lt;/b&gt;.<br>Twice a day."
    link = oldest.find(f"{ATOM}link").get("href")
    assert link == f"https://papers.example.com{first.get_absolute_url()}"
    name = text(oldest, "id")
    assert name.startswith("urn:uuid:")
    assert len({text(entry, "id") for entry in entries}) == feeds.MAX_NEWS_ENTRIES
    settings.BASE_URL = "https://elsewhere.example.com"
    assert text(entries_at(client, address)[-1], "id") == name
    make_paper(group=group, title="The newest")
    titles = [text(entry, "title") for entry in entries_at(client, address)]
    assert titles[0] == "The newest"
    assert "Tides" not in titles
    assert "Theirs" not in titles


def test_news_of_meetings(client, group, alice, bob):
    group.time_zone, bob.time_zone = "Europe/Berlin", "Asia/Kathmandu"
    group.save()
    bob.save()
    begin = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=9)
    meeting = meeting_on(group, "Tides", starts_at=begin, place="B 12")
    meeting_on(group, "Sorting", state="polling", answer_by=begin)
    meeting_on(make_group("Strangers"), "Theirs")
    address = address_of(bob, "meetings", group=group)
    titles = [text(entry, "title") for entry in entries_at(client, address)]
    assert titles == ["Date poll: Curious minds: Sorting", "Scheduled: Curious minds: Tides"]
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    off, poll = entries_at(client, address)
    assert text(off, "title") == "Cancelled: Curious minds: Tides"
    assert text(off, "id") == meeting.uid.urn
    assert "17:45–18:45 (Asia/Kathmandu)" in text(off, "summary")
    assert "Europe/Berlin" in text(off, "summary")
    assert "B 12<br>1. Tides" in text(off, "summary")
    assert "when you can come" in text(poll, "summary")


@pytest.mark.parametrize("kind", ["papers", "meetings"])
@pytest.mark.parametrize(
    "title", ["<script>alert(1)</script>", "a]]>&amp;", "Bell\x07 \x1b \ufffe", "a\nb\u2028c", "🧮"]
)
def test_news_are_well_formed_whatever_was_written(client, group, bob, kind, title):
    group.name = title
    group.save()
    paper = make_paper(group=group, title="x")
    Paper.objects.update(title=title, abstract=title)
    make_meeting(group=group, papers=[paper], place=title)
    (entry,) = entries_at(client, address_of(bob, kind, group=group))
    expected = " ".join(title.translate(dict.fromkeys([7, 27, 0xFFFE], " ")).split())
    assert expected in text(entry, "title")
    assert "<script" not in text(entry, "summary")


def test_no_feed_has_its_own_address_or_anybodys(client, group, alice, bob):
    meeting = meeting_on(group, "Tides", created_by=alice)
    meeting.agenda.update(presenter=alice, is_confirmed=True)
    answer(meeting, bob, "coming")
    answer(meeting, make_user("erin"), "remote")
    for kind in Feed.Kind.values:
        of = group if kind in Feed.GROUP_KINDS else None
        address = address_of(bob, kind, group=of)
        body = client.get(address).content
        assert address.split("/")[2].encode() not in body
        assert b"example.org" not in body.replace(b"papers.example.org", b"")
        assert b"Erin" not in body


def test_an_empty_group_has_news_too(client, group, bob):
    address = address_of(bob, "papers", group=group)
    assert entries_at(client, address) == []
    assert client.get(address)["ETag"] == client.get(address)["ETag"]
