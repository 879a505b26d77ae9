"""The home of a group: what is next and why, what waits for me, what was read last."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from papers.models import Membership, Paper
from papers.services.voting import set_offer, set_vote
from tests.browsing import Browser
from tests.factories import make_comment, make_group, make_meeting, make_paper, make_user
from tests.pages import text_of, titles_of

HOME = "/curious-minds/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def test_the_top_of_the_ranking_with_its_reasons(member, group, alice, bob):
    papers = [make_paper(group=group, title=f"Paper {number}") for number in range(7)]
    for paper in papers:
        set_vote(paper=paper, user=alice, stance="want")
    set_vote(paper=papers[3], user=bob, stance="wait")
    set_offer(paper=papers[3], user=alice, can_present=True)
    page = member.get(HOME)
    assert titles_of(page) == ["Paper 3", "Paper 0", "Paper 1", "Paper 2", "Paper 4"]
    assert "Paper 3 3 points: +2 wanted by Alice and Bob, +1 Alice can present" in text_of(page)
    assert 'href="/curious-minds/papers/"' in page.text


def test_what_i_have_not_voted_on_waits_for_me(member, group, alice, bob):
    for number in range(5):
        make_paper(group=group, title=f"Paper {number}")
    make_paper(group=group, title="Done with", status="discussed")
    make_paper(group=make_group("Strangers"), title="Theirs")
    for title, stance in (("Paper 4", "not"), ("Paper 3", "want")):
        set_vote(paper=Paper.objects.get(title=title), user=bob, stance=stance)
    page = text_of(member.get(HOME))
    assert "3 papers you have not voted on Paper 2 Paper 1 Paper 0 All papers" in page
    assert "Theirs" not in page


def test_dates_to_answer_wait_with_the_deadline_by_the_groups_clock(member, group):
    group.time_zone = "America/New_York"
    group.save(update_fields=["time_zone"])
    deadline = datetime(2099, 12, 2, 4, 59, tzinfo=UTC)  # the next day already, elsewhere
    poll = make_meeting(group=group, state="polling", answer_by=deadline)
    starts_at = deadline + timedelta(days=9)
    poll.options.create(position=0, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    for path in (HOME, f"{HOME}discussions/"):
        assert "Tue 1 Dec 2099, 23:59 (America/New_York)" in text_of(member.get(path))


def test_who_is_asked_to_present_is_reminded_until_the_meeting_is_over(member, group, bob):
    paper = make_paper(group=group, title="Tides")
    meeting = make_meeting(group=group, papers=[paper])
    meeting.agenda.update(presenter=bob)
    assert "You are asked to present Tides" in text_of(member.get(HOME))
    over = {"starts_at": timezone.now() - timedelta(hours=2), "ends_at": timezone.now()}
    type(meeting).objects.update(**over)
    assert "You are asked to present" not in text_of(member.get(HOME))


def test_the_ranking_leads_to_a_meeting_for_who_may_make_one(client, group, alice, bob):
    paper = make_paper(group=group)
    make_meeting(group=group)  # one is scheduled: the next can be, too
    set_vote(paper=paper, user=bob, stance="want")
    for user, shown in ((alice, True), (bob, False)):
        client.force_login(user)
        assert ("Schedule the top one" in text_of(client.get(HOME))) is shown


def test_a_formula_in_the_title_of_a_mention_is_rendered(group, alice, bob):
    paper = make_paper(group=group, title="Bounds on $x^2$")
    make_comment(paper=paper, user=alice, body="@bob").mentions.add(bob)
    page = Browser(bob).open(HOME)
    (todo,) = [one for one in page.root.all("section") if "needs" in one.classes]
    assert "$" not in todo.text


def test_answers_and_mentions_wait_until_they_are_read(member, group, alice, bob):
    paper = make_paper(group=group, title="Tides")
    mine = make_comment(paper=paper, user=bob)
    make_comment(paper=paper, user=alice, parent=mine)
    make_comment(paper=paper, user=alice, body="Not to Bob")
    make_comment(paper=paper, user=alice, body="@bob").mentions.add(bob)
    page = member.get(HOME)
    assert "2 replies or mentions for you" in text_of(page)
    assert text_of(page).count("Alice on Tides") == 2
    member.get(paper.get_absolute_url())
    assert "mentions for you" not in text_of(member.get(HOME))


def test_news_of_papers_i_follow_and_of_no_others(member, group, alice, bob, charlie):
    followed, other = (make_paper(group=group, title=title) for title in ("Tides", "Moons"))
    set_vote(paper=followed, user=bob, stance="want")
    set_vote(paper=other, user=bob, stance="not")
    for paper in (followed, followed, other):
        make_comment(paper=paper, user=alice)
    page = text_of(member.get(HOME))
    assert "New on papers you follow Mark all read Tides 2 new" in page
    assert "Moons" not in page
    member.post("/curious-minds/read/")
    assert "New on papers" not in text_of(member.get(HOME))


def test_where_nothing_waits_that_is_said(member, group, bob):
    page = text_of(member.get(HOME))
    assert "Nothing to do." in page
    assert "No papers yet The organiser of Curious minds adds them" in page
    assert "Add a listing" not in page
    set_vote(paper=make_paper(group=group), user=bob, stance="not")
    page = text_of(member.get(HOME))
    assert "Nothing to do." in page
    assert "Nobody has voted yet" in page


def test_an_organiser_of_an_empty_group_is_told_what_to_do(client, group, alice):
    client.force_login(alice)
    assert "Add a listing" in text_of(client.get(HOME))


def test_what_is_not_for_me_is_not_next_for_me(member, group, alice, bob):
    paper = make_paper(group=group, title="Tides")
    set_vote(paper=paper, user=alice, stance="want")
    assert titles_of(member.get(HOME)) == ["Tides"]
    set_vote(paper=paper, user=bob, stance="not")
    assert titles_of(member.get(HOME)) == []


def test_much_waits_even_where_i_have_voted_on_all_that_is_kept(member, group, bob, monkeypatch):
    monkeypatch.setattr("papers.library.cached_counts.MOST_FIRST_IDS", 2)
    papers = [make_paper(group=group, title=f"Paper {number}") for number in range(5)]
    for paper in papers[2:]:
        set_vote(paper=paper, user=bob, stance="want")
    page = text_of(member.get(HOME))
    assert "2 papers you have not voted on Paper 1 Paper 0" in page


def test_what_was_read_last(member, group):
    day = datetime(2025, 3, 3, 18, tzinfo=UTC)
    for week, title in enumerate(["First", "Second"]):
        paper = make_paper(group=group, title=title, status="discussed")
        at = day + timedelta(weeks=week)
        make_meeting(group=group, papers=[paper], state="held", starts_at=at)
    first = Paper.objects.get(title="First")
    make_meeting(group=group, papers=[first], state="cancelled", starts_at=timezone.now())
    make_paper(group=group, title="By hand", status="discussed")
    make_paper(group=make_group("Strangers"), title="Theirs", status="discussed")
    page = text_of(member.get(HOME))
    assert "Recently discussed By hand Second 10 Mar 2025 First 3 Mar 2025" in page
    assert "Theirs" not in page


def test_a_superuser_from_outside_has_nothing_waiting(client, group, alice):
    paper = make_paper(group=group)
    make_comment(paper=paper, user=alice)
    client.force_login(make_user("root", is_superuser=True))
    page = text_of(client.get(HOME))
    assert "Up next" in page
    assert "To do" not in page


def test_the_queries_do_not_grow_with_the_rows(
    member, group, alice, bob, django_assert_max_num_queries
):
    def fill(number):
        for _ in range(number):
            make_paper(group=group)
            paper, done = make_paper(group=group), make_paper(group=group, status="discussed")
            make_meeting(group=group, papers=[done], state="held", starts_at=timezone.now())
            set_vote(paper=paper, user=alice, stance="want")
            set_vote(paper=paper, user=bob, stance="want")
            set_offer(paper=paper, user=alice, can_present=True)
            mine = make_comment(paper=paper, user=bob)
            make_comment(paper=paper, user=alice, parent=mine)

    fill(1)
    member.get(HOME)  # fills the cache
    with django_assert_max_num_queries(26) as few:
        member.get(HOME)
    fill(30)
    member.get(HOME)
    with django_assert_max_num_queries(26) as many:
        assert len(titles_of(member.get(HOME))) == 5
    assert len(few.captured_queries) == len(many.captured_queries)


def test_what_i_should_do_comes_before_what_is_popular(member, group, bob):
    """In the order of the page, so on a phone and by the keyboard, too."""
    paper = make_paper(group=group)
    set_vote(paper=paper, user=bob, stance="want")
    page = text_of(member.get(HOME))
    assert page.index("To do") < page.index("Up next") < page.index("Recently discussed")
    meeting = make_meeting(group=group, papers=[paper])
    page = text_of(member.get(meeting.get_absolute_url()))
    assert page.index("Going") < page.index("Agenda")


def test_the_next_meeting_is_on_the_top_one_if_somebody_wants_it(client, group, alice, bob):
    client.force_login(alice)
    pinned = make_paper(group=group, title="Pinned", pinned_at=timezone.now())
    make_meeting(group=group)
    for is_wanted in (False, True):
        if is_wanted:
            set_vote(paper=pinned, user=bob, stance="want")
        for address in (HOME, f"{HOME}discussions/", f"{HOME}discussions/month/"):
            assert ("Schedule the top one" in text_of(client.get(address))) is is_wanted, address


def over_meeting(group, title, **fields):
    at = timezone.now() - timedelta(hours=3)
    return make_meeting(
        group=group, papers=[make_paper(group=group, title=title)], starts_at=at, **fields
    )


def outcomes_to_do(user):
    """The titles under "Record the outcome"."""
    page = Browser(user).open(HOME)
    links = [one for one in page.root.all("a") if one.get("href").endswith("/conclude/")]
    return [one.text for one in links]


def test_a_meeting_that_is_over_asks_its_organiser_and_presenter_for_the_outcome(group, alice, bob):
    carol = make_user("carol")
    Membership.objects.create(group=group, user=carol)
    meeting = over_meeting(group, "Tides")
    over_meeting(group, "Held", state="held")
    over_meeting(group, "Cancelled", state="cancelled")
    make_meeting(group=group, papers=[make_paper(group=group, title="To come")])
    over_meeting(make_group("Elsewhere", organisers=[alice]), "Theirs")
    meeting.agenda.update(presenter=bob, is_confirmed=True)
    assert outcomes_to_do(alice) == outcomes_to_do(bob) == ["Tides"]
    assert outcomes_to_do(carol) == []
    meeting.agenda.update(is_confirmed=False)  # was only asked
    assert outcomes_to_do(bob) == []


@pytest.mark.parametrize("way", ["recorded", "not held"])
def test_the_outcome_is_asked_for_until_it_is_recorded_or_the_meeting_was_not_held(
    group, alice, way
):
    over_meeting(group, "Tides")
    page = Browser(alice).open(HOME)
    (link,) = [one for one in page.root.all("a") if one.get("href").endswith("/conclude/")]
    page = page.browser.open(link.get("href"))
    assert page.status == 200
    if way == "recorded":
        page.form("Save the outcome").submit()
    else:
        (link,) = [one for one in page.root.all("a") if one.get("href").endswith("/cancel/")]
        page.browser.open(link.get("href")).form("Cancel the meeting").submit()
    assert outcomes_to_do(alice) == []


def test_one_who_made_a_meeting_is_asked_where_members_may_schedule(group, bob):
    over_meeting(group, "Tides", created_by=bob)
    assert outcomes_to_do(bob) == []
    group.anyone_may_schedule = True
    group.save(update_fields=["anyone_may_schedule"])
    assert outcomes_to_do(bob) == ["Tides"]
