"""Who has read what: counts of active members, and what who runs a meeting sees before it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.discussions import reading_counts, time_slots
from papers.models import Membership, Reading, Rsvp
from papers.services import outcomes, reading_state
from papers.services.rsvps import set_rsvp
from tests.browsing import Browser
from tests.factories import make_group, make_meeting, make_paper, make_user
from tests.filling import CannotDo
from tests.pages import text_of

READ, SKIMMED, WILL = "read", "skimmed", "will"


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


@pytest.fixture
def dan(group):
    dan = make_user("dan")
    Membership.objects.create(group=group, user=dan)
    return dan


def say(client, paper, state, **more):
    return client.post(f"{paper.get_absolute_url()}reading/", {"state": state, **more})


def states(paper):
    return dict(Reading.objects.filter(paper=paper).values_list("user__username", "state"))


def test_said_changed_and_taken_back(client, paper, bob):
    client.force_login(bob)
    assert say(client, paper, WILL).url == f"{paper.get_absolute_url()}#r{paper.pk}"
    assert states(paper) == {"bob": "will"}
    say(client, paper, READ)
    assert states(paper) == {"bob": "read"}
    assert "1 has read it." in text_of(client.get(paper.get_absolute_url()))
    say(client, paper, "")
    assert states(paper) == {}


def test_it_leads_back_to_the_meeting(client, group, paper, bob):
    there = make_meeting(group=group, papers=[paper]).get_absolute_url()
    client.force_login(bob)
    assert say(client, paper, READ, next=there).url == f"{there}#r{paper.pk}"
    assert say(client, paper, READ, next="https://evil.example/").url.startswith("/curious-minds/")


@pytest.mark.parametrize("data", [{}, {"state": "dreamt of"}])
def test_nonsense_changes_nothing_and_says_so(client, paper, bob, data):
    reading_state.set_reading_state(paper=paper, user=bob, state=READ)
    client.force_login(bob)
    page = client.post(f"{paper.get_absolute_url()}reading/", data, follow=True)
    assert "Choose how far you have read it" in text_of(page)
    assert states(paper) == {"bob": "read"}


def test_only_members_count_and_nobody_is_named(client, group, paper, alice, bob, charlie, dan):
    """Not who left, whose account is closed, or who says so from outside."""
    gone = make_user("gone")
    for user in (alice, bob, charlie, dan, gone):
        reading_state.set_reading_state(paper=paper, user=user, state=READ)
    Membership.objects.create(group=group, user=gone, role="organiser")
    gone.is_active = False
    gone.save()
    dan.memberships.all().delete()
    reading_state.set_reading_state(paper=paper, user=alice, state=SKIMMED)
    client.force_login(bob)
    for url in (
        paper.get_absolute_url(),
        make_meeting(group=group, papers=[paper]).get_absolute_url(),
    ):
        text = text_of(client.get(url))
        assert "1 has read it, 1 skimmed it." in text
        assert "Dan" not in text
        assert "Gone" not in text.replace("Gone on", "")


def test_the_readings_of_another_groups_paper_are_not_told(group, paper, bob):
    other = make_group("Second", members=[bob])
    theirs = make_paper(group=other, title="Tides")
    reading_state.set_reading_state(paper=theirs, user=bob, state=READ)
    found = reading_counts.counts_by_paper(group, [paper.pk, theirs.pk], bob)
    assert found == {
        paper.pk: reading_counts.ReadingCounts(),
        theirs.pk: reading_counts.ReadingCounts(),
    }


@pytest.mark.parametrize(
    ("readers", "said"),
    [
        (reading_counts.ReadingCounts(), ""),
        (reading_counts.ReadingCounts(will=3), "3 will read it"),
        (
            reading_counts.ReadingCounts(read=2, skimmed=1, will=3),
            "2 have read it, 1 skimmed it, 3 will",
        ),
        (reading_counts.ReadingCounts(read=1), "1 has read it"),
    ],
)
def test_counts_in_words(readers, said):
    assert str(readers) == said


def test_the_page_of_a_meeting_asks_as_much_for_many_papers(client, group, alice):
    client.force_login(alice)
    start = timezone.now() + timedelta(hours=3)
    one = make_meeting(group=group, papers=[make_paper(group=group)], starts_at=start)
    many = [make_paper(group=group) for _ in range(20)]
    for paper in many:
        reading_state.set_reading_state(paper=paper, user=alice, state=READ)
    full = make_meeting(group=group, papers=many, starts_at=start)
    assert _queries(client, one.get_absolute_url()) == _queries(client, full.get_absolute_url())


def _queries(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# Two days before.

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("before", "shown"), [(49 * HOUR, False), (47 * HOUR, True), (HOUR, True), (-HOUR, False)]
)
def test_who_runs_it_sees_it_two_days_before(client, group, alice, bob, paper, before, shown):
    meeting = make_meeting(group=group, papers=[paper], starts_at=timezone.now() + before)
    reading_state.set_reading_state(paper=paper, user=bob, state=READ)
    client.force_login(alice)
    assert ("1 of 2 has read the paper" in text_of(client.get(meeting.get_absolute_url()))) is shown
    client.force_login(bob)
    assert "of 2" not in text_of(client.get(meeting.get_absolute_url()))


def test_of_those_who_come_where_anybody_said_so(group, alice, bob, dan, paper):
    meeting = make_meeting(group=group, papers=[paper])
    for user in (alice, dan):
        reading_state.set_reading_state(paper=paper, user=user, state=READ)
    reading_state.set_reading_state(paper=paper, user=bob, state=SKIMMED)
    assert reading_counts.count_prepared(meeting, [paper.pk]) == ({paper.pk: 2}, 3)
    set_rsvp(discussion=meeting, user=alice, answer="coming")
    set_rsvp(discussion=meeting, user=bob, answer="remote")
    set_rsvp(discussion=meeting, user=dan, answer="not")
    assert reading_counts.count_prepared(meeting, [paper.pk]) == ({paper.pk: 1}, 2)
    dan.memberships.all().delete()
    Rsvp.objects.filter(user=dan).update(answer="remote")  # it says nothing any more
    assert reading_counts.count_prepared(meeting, [paper.pk]) == ({paper.pk: 1}, 2)


# Reading together.

PLAN = "First 20 minutes: we read together."


def test_reading_together_is_planned_and_taken_back(group, alice, paper):
    start = timezone.now() + 24 * HOUR
    meeting = make_meeting(group=group, papers=[paper], starts_at=start, notes="Bring *tea*.")
    browser = Browser(alice)
    page = browser.open(meeting.get_absolute_url())
    assert PLAN not in page.root.text
    page = page.form("Read together for the first 20 minutes").submit()
    assert PLAN in page.root.text
    for part in ("meeting", "sheet"):
        there = browser.open(f"{meeting.get_absolute_url()}{part}/")
        assert "We read together" in there.root.text
    page = browser.open(meeting.get_absolute_url())
    page = page.form("Do not read together").submit()
    assert PLAN not in page.root.text
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.notes_version, meeting.sequence) == ("Bring *tea*.", 0, 0)


def test_the_button_pressed_on_an_old_page_changes_nothing(client, group, alice, paper):
    meeting = make_meeting(group=group, papers=[paper], reads_together=True)
    client.force_login(alice)
    client.post(f"{meeting.get_absolute_url()}read-together/", {"on": "yes"})
    meeting.refresh_from_db()
    assert meeting.reads_together


def test_who_may_not_plan_it_cannot_write_it_into_the_notes_either(group, bob, paper):
    start = timezone.now() + 24 * HOUR
    meeting = make_meeting(group=group, papers=[paper], starts_at=start)
    browser = Browser(bob)
    with pytest.raises(CannotDo):
        browser.open(meeting.get_absolute_url()).form("Read together for the first 20 minutes")
    form = browser.open(f"{meeting.get_absolute_url()}meeting/").form("Save the notes")
    form.fill("notes", f"{PLAN}\n\nBring tea.")
    page = form.submit()
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.reads_together) == (f"{PLAN}\n\nBring tea.", False)
    assert "We read together" not in page.root.text
    sheet = browser.open(f"{meeting.get_absolute_url()}sheet/")
    assert "We read together" not in sheet.root.text


def test_notes_and_plan_do_not_undo_each_other(group, paper):
    meeting = make_meeting(group=group, papers=[paper])
    outcomes.set_read_together(discussion=meeting, on=True)
    outcomes.save_notes(discussion=meeting, notes="Mine", version=meeting.notes_version)
    meeting.refresh_from_db()
    assert (meeting.notes, meeting.reads_together) == ("Mine", True)


# The hours of each paper.


def hours(meeting):
    slots = time_slots.time_slots(meeting, list(meeting.agenda.all()))
    return [
        slot.starts_at and slot.ends_at and f"{slot.starts_at:%H:%M}-{slot.ends_at:%H:%M}"
        for slot in slots
    ]


def planned(group, *minutes, **fields):
    start = timezone.now().replace(hour=16, minute=0) + timedelta(days=7)
    papers = [make_paper(group=group) for _ in minutes]
    meeting = make_meeting(group=group, papers=papers, starts_at=start, minutes=60, **fields)
    for item, number in zip(meeting.agenda.all(), minutes, strict=True):
        item.minutes = number
        item.save()
    return meeting


def test_hours_follow_from_the_plan(group):
    assert hours(planned(group, 20, 30)) == ["16:00-16:20", "16:20-16:50"]


def test_what_has_no_plan_shares_the_rest(group):
    assert hours(planned(group, None, 20, None)) == ["16:00-16:20", "16:20-16:40", "16:40-17:00"]
    assert hours(planned(group, 60, None, 10)) == ["16:00-17:00", None, None]


def test_reading_together_comes_first(group):
    meeting = planned(group, None, reads_together=True)
    assert hours(meeting) == ["16:00-16:20", "16:20-17:00"]


def test_without_an_hour_there_are_none(group):
    assert hours(planned(group, 20, is_written=True)) == [None]
    assert hours(make_meeting(group=group, papers=[make_paper(group=group)], state="polling")) == [
        None
    ]
