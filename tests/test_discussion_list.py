"""The list of discussions: what is now, the archive, the filters, and what each costs."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.models import Availability, Membership, Rsvp
from papers.services.voting import set_vote
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.pages import html_of, text_of

LIST = "/curious-minds/discussions/"
DAY = timedelta(days=1)


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def held(group, title, *, starts_at=None, outcome=None, **fields):
    """A meeting over a paper that was held, a day ago unless said otherwise."""
    starts_at = starts_at or timezone.now() - DAY
    paper = make_paper(group=group, title=title)
    meeting = make_meeting(group=group, papers=[paper], starts_at=starts_at, state="held", **fields)
    meeting.agenda.update(**outcome or {})
    return meeting


def polled(group, *, title="", days=3, **fields):
    papers = [make_paper(group=group, title=title)] if title else []
    meeting = make_meeting(group=group, papers=papers, state="polling", **fields)
    starts_at = timezone.now() + days * DAY
    meeting.options.create(position=0, starts_at=starts_at, ends_at=starts_at + DAY / 24)
    return meeting


def shown(client, query=""):
    """What one sees of the list: links name their day, too, for who goes by links alone."""
    page = client.get(f"{LIST}{query}", follow=True)
    hidden = rb'<span class="visually-hidden">.*?</span>'
    page.content = re.sub(hidden, b"", page.content, flags=re.DOTALL)
    return text_of(page)


def part(text, first, last):
    return text.split(first, 1)[1].split(last, 1)[0]


# Without filters.


def test_the_next_comes_first_with_what_one_goes_by(member, group, bob, alice):
    group.time_zone = "Europe/Berlin"
    group.save()
    later = make_meeting(group=group, papers=[make_paper(group=group, title="Later")])
    paper = make_paper(group=group, title="Sooner & <better>")
    sooner = make_meeting(
        group=group, papers=[paper], starts_at=timezone.now() + DAY, place="Room B 12"
    )
    sooner.agenda.update(presenter=alice, is_confirmed=True)
    Rsvp.objects.create(discussion=sooner, user=bob, answer="remote")
    text = part(shown(member), "Next", "Archive")
    assert text.index("Sooner & <better>") < text.index("Later")
    assert "Europe/Berlin" in text
    assert "Room B 12 you are joining online Alice presents" in text
    assert "you have not answered yet nobody presents it yet" in text
    later.refresh_from_db()


def test_the_reader_has_their_own_hours_and_the_groups_beside_them(member, group, bob):
    bob.time_zone = "Asia/Kathmandu"
    bob.save()
    make_meeting(group=group, starts_at=datetime(2090, 12, 1, 20, tzinfo=UTC))
    text = shown(member)
    assert "Sat 2 Dec 2090, 01:45–02:45" in text
    assert "Asia/Kathmandu (Fri 1 Dec 2090, 20:00–21:00 UTC)" in text


def test_who_waits_for_a_seat_reads_so_and_who_has_left_takes_none(member, group, bob, alice):
    meeting = make_meeting(group=group, seats=1)
    gone = make_user("gone")
    Rsvp.objects.create(discussion=meeting, user=gone, answer="coming", turn=0)
    Rsvp.objects.create(discussion=meeting, user=bob, answer="coming", turn=2)
    assert "you are going" in shown(member)
    Rsvp.objects.create(discussion=meeting, user=alice, answer="coming", turn=1)
    assert "you are first on the waiting list" in shown(member)


def test_date_polls_say_who_answered_counting_members_alone(member, group, bob, alice):
    deadline = datetime(2090, 12, 1, 12, tzinfo=UTC)
    meeting = polled(group, title="Asked", answer_by=deadline)
    option = meeting.options.get()
    for user in (alice, make_user("stranger"), make_user("off", is_active=False)):
        Availability.objects.create(option=option, user=user, answer="yes")
    Membership.objects.create(group=group, user=Availability.objects.last().user)
    text = part(shown(member), "Date polls", "Archive")
    assert "Asked Date poll answer by Fri 1 Dec 2090, 12:00 (UTC) 1 of 2 answered" in text
    assert "answered you have not answered" in text
    Availability.objects.create(option=option, user=bob, answer="no")
    assert "2 of 2 answered you answered" in shown(member)


def test_what_is_over_waits_for_those_who_may_say_what_came_of_it(client, group, alice, bob):
    meeting = make_meeting(
        group=group,
        papers=[make_paper(group=group, title="Over")],
        starts_at=timezone.now() - DAY,
        created_by=bob,
    )
    client.force_login(bob)
    assert "Over" not in shown(client)
    group.anyone_may_schedule = True
    group.save()
    assert "Over No outcome yet" in part(shown(client), "Waiting for an outcome", "Archive")
    meeting.created_by = alice
    meeting.save()
    assert "Waiting for an outcome" not in shown(client)
    client.force_login(alice)
    assert "Over No outcome yet" in part(shown(client), "Waiting for an outcome", "Archive")


def test_the_archive_is_by_year_of_the_groups_clock_with_verdicts(member, group, alice):
    group.time_zone = "Asia/Tokyo"
    group.save()
    new_year = datetime(2019, 12, 31, 23, tzinfo=UTC)  # 08:00 of the new year, there
    meeting = held(group, "Early", starts_at=new_year, outcome={"verdict": "mixed"})
    meeting.agenda.update(presenter=alice)
    held(group, "Late", starts_at=new_year - DAY, outcome={"verdict": "worth"})
    make_meeting(group=group, state="cancelled", place="Called off here", starts_at=new_year)
    text = part(shown(member), "Archive", "Keyboard")
    assert "2020 Wed 1 Jan 2020" in text
    assert text.index("Mixed") < text.index("2019 Tue 31 Dec 2019") < text.index("Worth it")
    assert "Called off here" not in text
    assert "Alice" not in text  # who was asked and did not say yes did not present


def test_nothing_of_another_group_is_there(member, group):
    other = make_group("Secretive")
    make_meeting(group=other, papers=[make_paper(group=other, title="Hidden to come")])
    polled(other, title="Hidden poll")
    held(other, "Hidden past", place="Hidden place")
    for query in ("", "?q=hidden", "?state=upcoming&state=polling&state=past"):
        assert "Hidden" not in shown(member, query).replace("“hidden”", "")


def test_empty_states_give_the_next_act_of_each(client, group, alice, bob):
    client.force_login(bob)
    text = shown(client)
    assert "as soon as an organiser schedules it" in text
    assert "Nothing was discussed yet" in text
    assert "Schedule a meeting" not in text
    client.force_login(alice)
    text = shown(client)
    assert "Schedule the top one" not in text
    assert "Schedule a meeting Ask for a date" in text
    set_vote(paper=make_paper(group=group), user=bob, stance="want")
    text = shown(client)
    assert "Schedule the top one" in text
    assert "Schedule a meeting Schedule the top one" in text
    assert "Discuss in writing" in text


def test_titles_are_escaped_and_have_their_formulas(member, group):
    make_meeting(group=group, papers=[make_paper(group=group, title="<b>x</b> $x^2$")])
    html = member.get(LIST).content.decode()
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<msup>" in html


# Filters.


@pytest.fixture
def shelf(group, alice, bob):
    """One of each kind, each named by its paper."""
    meetings = {
        "Coming": make_meeting(group=group, papers=[make_paper(group=group, title="Coming")]),
        "Asked": polled(group, title="Asked"),
        "Unsaid": make_meeting(
            group=group,
            papers=[make_paper(group=group, title="Unsaid")],
            starts_at=timezone.now() - 2 * DAY,
        ),
        "Held": held(group, "Held", outcome={"verdict": "worth"}),
        "Old": held(
            group, "Old", starts_at=datetime(2019, 5, 1, 12, tzinfo=UTC), outcome={"verdict": "not"}
        ),
        "Off": make_meeting(
            group=group, papers=[make_paper(group=group, title="Off")], state="cancelled"
        ),
    }
    meetings["Coming"].agenda.update(presenter=bob)
    meetings["Held"].agenda.update(presenter=bob)
    meetings["Old"].agenda.update(presenter=alice, is_confirmed=True)
    return meetings


def found(client, query):
    """The papers of the meetings that are found, in their order."""
    response = client.get(f"{LIST}{query}", follow=True)
    assert response.status_code == 200
    return [str(row.discussion) for row in response.context["list"]["meetings"]]


@pytest.mark.parametrize(
    ("query", "papers"),
    [
        ("?state=upcoming", ["Coming"]),
        ("?state=polling", ["Asked"]),
        ("?state=past", ["Held", "Unsaid", "Old"]),
        ("?state=cancelled", ["Off"]),
        ("?state=cancelled&state=polling", ["Asked", "Off"]),
        ("?verdict=worth", ["Held"]),
        ("?verdict=worth&verdict=not", ["Held", "Old"]),
        ("?verdict=mixed", []),
        ("?year=2019", ["Old"]),
        ("?year=2018", []),
        ("?year=9999", []),
        ("?year=1000", []),
        ("?year=2019&verdict=worth", []),
        # Who was asked presents what is to come, not what was held.
        ("?presenter=bob", ["Coming"]),
        ("?presenter=alice", ["Old"]),
        ("?q=o", ["Asked", "Coming", "Old"][1:]),
        ("?q=of", []),  # what was called off is there only if it is asked for
        ("?q=of&state=cancelled", ["Off"]),
    ],
)
def test_filters(member, shelf, query, papers):
    assert found(member, query) == papers


def test_only_what_is_to_come_has_the_next_first(member, group, shelf):
    make_meeting(
        group=group,
        papers=[make_paper(group=group, title="Sooner")],
        starts_at=timezone.now() + DAY,
    )
    assert found(member, "?state=upcoming") == ["Sooner", "Coming"]


def test_topics_of_a_paper_on_the_agenda(member, group, shelf):
    for topic, title in [("Vision", "Held"), ("Theory", "Coming")]:
        paper = make_paper(group=group, title=f"{title} too", topics=[topic])
        shelf[title].agenda.create(paper=paper, position=1)
    make_paper(group=group, title="On no agenda", topics=["Unused"])
    assert found(member, "?topic=vision") == ["Held and 1 more"]
    assert len(found(member, "?topic=vision&topic=theory")) == 2
    text = shown(member)
    assert "Vision" in text
    assert "Unused" not in text


@pytest.mark.parametrize(
    "fields",
    [
        {"takeaways": "It SCALES well, at 100%"},
        {"open_questions": "What scales, at 100%?"},
        {"notes": "scales: at 100%"},
        {"place": "Scales hall, 100%"},
    ],
)
def test_the_search_looks_everywhere_for_every_word(member, group, fields):
    """Words may be in different places; signs of the database mean themselves."""
    of_item = {
        name: text for name, text in fields.items() if name in ("takeaways", "open_questions")
    }
    of_meeting = {name: text for name, text in fields.items() if name not in of_item}
    held(group, "Grokking", outcome=of_item, **of_meeting)
    held(group, "Another", notes="scales")
    assert found(member, "?q=grok+scales") == ["Grokking"]
    assert found(member, "?q=100%25") == ["Grokking"]
    assert found(member, "?q=grok+missing") == []
    assert found(member, "?q=s_ales") == []


def test_the_search_knows_capitals_beyond_ascii(member, group):
    held(group, "Über Ähnlichkeit")
    for word in ("über", "ÜBER", "ähnlichkeit"):
        assert found(member, f"?q={word}") == ["Über Ähnlichkeit"]


@pytest.mark.parametrize(
    "query",
    [
        "?year=x",
        "?year=999",
        "?year=10000",
        f"?year={'9' * 5000}",
        "?state=all",
        "?verdict=great",
        "?topic=unknown",
        "?presenter=charlie",
        "?q=" + "x" * 201,
    ],
)
def test_what_is_invalid_is_said_and_widens_nothing(member, shelf, charlie, query):
    response = member.get(f"{LIST}{query}")
    assert response.status_code == 422
    text = text_of(response)
    assert "No discussions: a filter has an error" in text
    assert "Coming" not in text
    export = member.get(f"{LIST}{query}&export=csv")
    assert export.status_code == 422


def test_a_long_search_is_no_trouble(member, shelf):
    words = " ".join("abcdefghijklmnopqrstuvwxyzäöüßéèêàâ0123456789")
    assert found(member, f"?q={words}") == []


def test_one_address_for_each_choice(member, shelf):
    response = member.get(f"{LIST}?year=2019&utm_source=x&state=past&q=+old+&page=1&topic=")
    assert response.status_code == 302
    assert response.url == f"{LIST}?q=old&state=past&year=2019"
    assert member.get(response.url).status_code == 200
    assert member.get(f"{LIST}?page=9").url == LIST


def test_chips_take_one_away(member, shelf):
    html = member.get(f"{LIST}?q=old&state=past&year=2019").content.decode()
    assert 'href="?state=past&amp;year=2019"' in html
    assert 'href="?q=old&amp;state=past"' in html
    assert 'href="?q=old&amp;year=2019"' in html


def test_the_number_is_announced(member, shelf):
    response = member.get(f"{LIST}?state=past", headers={"HX-Request": "true"})
    assert '#announced">3 discussions<' in html_of(response)
    assert "<html" not in response.content.decode()
    assert "HX-Request" in response["Vary"]
    assert response["HX-Push-Url"] == f"{LIST}?state=past"


def test_pages(member, group):
    moment = timezone.now() - DAY
    for number in range(30):
        held(group, f"Paper {number:02}", starts_at=moment - number * DAY)
    assert found(member, "") == [f"Paper {number:02}" for number in range(25)]
    assert found(member, "?page=2") == [f"Paper {number:02}" for number in range(25, 30)]
    assert "No meeting is scheduled" not in shown(member, "?page=2")
    assert found(member, "?state=past&page=2") == [f"Paper {n:02}" for n in range(25, 30)]


def test_of_many_that_are_to_come_the_first_are_shown(member, group):
    for number in range(12):
        make_meeting(
            group=group, place=f"Room {number}", starts_at=timezone.now() + DAY * number + DAY
        )
    text = shown(member)
    assert "Room 9" in text
    assert "Room 10" not in text
    assert "All upcoming discussions" in text
    assert "Room 11" in shown(member, "?state=upcoming")


@pytest.mark.parametrize("query", ["", "?state=past&state=polling&state=upcoming"])
def test_the_queries_are_as_many_for_one_row_as_for_thirty(client, group, alice, query):
    client.force_login(alice)

    def add(first, last):
        for number in range(first, last):
            made = [
                make_meeting(group=group, papers=[make_paper(group=group)], seats=1),
                make_meeting(
                    group=group,
                    papers=[make_paper(group=group)],
                    starts_at=timezone.now() - DAY,
                ),
                held(group, f"Held {number}", outcome={"presenter": alice, "is_confirmed": True}),
                polled(group, title=f"Polled {number}"),
            ]
            for turn, meeting in enumerate(made):
                Rsvp.objects.create(discussion=meeting, user=alice, answer="coming", turn=turn)
                for option in meeting.options.all():
                    Availability.objects.create(option=option, user=alice, answer="yes")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{LIST}{query}").status_code == 200
        return len(captured)

    add(0, 1)
    client.get(LIST)  # what is asked once in a while
    one = queries()
    add(1, 30)
    assert queries() == one


def test_a_deadline_reads_the_same_at_home_and_on_its_page(member, group):
    meeting = polled(
        group, title="Asked", answer_by=datetime(2090, 12, 1, 12, tzinfo=UTC), quorum=2
    )
    assert "answer by Fri 1 Dec 2090, 12:00 (UTC)" in text_of(member.get(f"/{group.slug}/"))
    page = text_of(member.get(meeting.get_absolute_url()))
    assert "Answer by Fri 1 Dec 2090, 12:00 (UTC). If 2 or more say yes by then" in page
    assert "or the earliest of several equally good ones." in page
