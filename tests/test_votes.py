"""Votes and offers: one click, toggled, with and without scripts; and the organisers' pin."""

import re

import pytest

from papers.models import Membership, Offer, Paper, Vote
from tests.factories import make_group, make_paper, make_user
from tests.pages import html_of, text_of, titles_of

LIST = "/curious-minds/papers/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


def vote(client, paper, stance, **more):
    return client.post(f"{LIST}{paper.pk}/vote/", {"stance": stance, **more})


def stances(paper):
    return sorted(paper.votes.values_list("user__username", "stance"))


def button(response):
    """The state of the vote: is it pressed, what would it send, and how many want the paper."""
    found = re.search(
        r'name="stance" value="(\w*)" aria-pressed="(\w+)"[^>]*data-upvote>.*?data-count>(\d+)<',
        html_of(response),
    )
    return found[2] == "true", found[1], int(found[3])


def test_a_click_votes_and_another_takes_it_back(member, paper):
    assert button(member.get(LIST)) == (False, "want", 0)
    page = vote(member, paper, "want", next=f"{LIST}?sort=date")
    assert page.url == f"{LIST}?sort=date#p{paper.pk}"
    assert stances(paper) == [("bob", "want")]
    assert button(member.get(LIST)) == (True, "", 1)
    vote(member, paper, "")
    assert stances(paper) == []
    assert button(member.get(LIST)) == (False, "want", 0)


def test_a_vote_that_is_sent_twice_is_one(member, paper):
    for _ in range(2):
        vote(member, paper, "want")
    assert stances(paper) == [("bob", "want")]
    first = Vote.objects.get()
    vote(member, paper, "wait")
    changed = Vote.objects.get()
    assert (changed.pk, changed.stance, changed.created_at) == (first.pk, "wait", first.created_at)
    assert changed.updated_at > first.updated_at


def test_wait_for_me_wants_it_too_and_is_said(member, paper):
    vote(member, paper, "wait")
    page = member.get(paper.get_absolute_url())
    assert "wait for Bob" in text_of(page)
    assert "I want to discuss this 1" in text_of(page)


def test_not_for_me_leaves_my_lists_and_counts_for_nothing(member, paper, alice):
    make_paper(group=paper.group, title="Moons")
    page = vote(member, paper, "not")
    assert page.url == f"{LIST}{paper.pk}/"
    assert "is hidden from your list of papers" in text_of(member.get(LIST))
    assert titles_of(member.get(LIST)) == ["Moons"]
    assert "1 paper" in text_of(member.get(LIST))
    assert titles_of(member.get(f"{LIST}?mine=not")) == ["Tides"]
    assert "Nobody has voted for this paper yet" in text_of(member.get(paper.get_absolute_url()))
    member.force_login(alice)
    assert titles_of(member.get(LIST)) == ["Moons", "Tides"]


def test_who_wants_it_is_shown_by_name_or_by_number(organiser, group, paper, bob, charlie):
    vote(organiser, paper, "want")
    Vote.objects.create(paper=paper, user=bob)
    Vote.objects.create(paper=paper, user=charlie)  # who is of another group
    assert "Wanted by Alice, Bob" in text_of(organiser.get(paper.get_absolute_url()))
    group.votes_are_named = False
    group.save()
    page = text_of(organiser.get(paper.get_absolute_url()))
    assert "2 want to discuss this" in page
    assert "Bob" not in page
    assert "Charlie" not in page


def test_an_offer_is_made_and_taken_back(member, paper):
    url = f"{LIST}{paper.pk}/offer/"
    for _ in range(2):
        assert member.post(url, {"can_present": "yes"}).url == f"{LIST}{paper.pk}/"
    assert list(Offer.objects.values_list("user__username", flat=True)) == ["bob"]
    assert "Bob can present it" in text_of(member.get(paper.get_absolute_url()))
    assert "1 can present" in text_of(member.get(LIST))
    Offer.objects.create(paper=paper, user=make_user("gone"))
    assert "1 can present" in text_of(member.get(LIST))
    assert "Gone" not in text_of(member.get(paper.get_absolute_url()))
    member.post(url, {"can_present": "no"})
    assert not Offer.objects.filter(user__username="bob").exists()


def test_a_script_gets_the_box_it_asked_from(member, paper):
    def post(act, **data):
        return member.post(f"{LIST}{paper.pk}/{act}/", data, headers=HTMX)

    row = post("vote", stance="want", look="row", next=LIST)
    assert button(row) == (True, "", 1)
    assert "<html" not in row.text
    assert f'name="next" value="{LIST}"' in row.text
    page = post("vote", stance="wait")
    assert "wait for Bob" in text_of(page)
    assert "Bob can present it" in text_of(post("offer", can_present="yes"))


@pytest.mark.parametrize("status", ["discussed", "set-aside"])
def test_a_paper_that_is_done_with_takes_no_votes(member, paper, status):
    Vote.objects.create(paper=paper, user=make_user("dana"))
    Paper.objects.update(status=status)
    assert 'name="stance"' not in member.get(LIST).text + member.get(f"{LIST}{paper.pk}/").text
    answer = member.post(f"{LIST}{paper.pk}/vote/", {"stance": "want"}, headers=HTMX)
    assert answer.status_code == 422
    assert "you cannot vote for it now" in answer.text
    page = member.post(f"{LIST}{paper.pk}/offer/", {"can_present": "yes"}, follow=True)
    assert "you cannot vote for it now" in text_of(page)
    assert stances(paper) == [("dana", "want")]
    assert not Offer.objects.exists()


@pytest.mark.parametrize("data", [{"stance": "love"}, {"stance": "want\x00"}, {"stance": "x" * 99}])
def test_what_is_no_vote_changes_nothing(member, paper, data):
    vote(member, paper, "want")
    assert vote(member, paper, data["stance"]).status_code in (302, 400)
    assert stances(paper) == [("bob", "want")]


@pytest.mark.parametrize("form", [{}, {"look": "row"}])
def test_where_no_vote_is_said_none_is_taken_back(member, paper, form):
    vote(member, paper, "want")
    page = member.post(f"{LIST}{paper.pk}/vote/", form, follow=True)
    assert "Your vote was not understood" in text_of(page)
    assert stances(paper) == [("bob", "want")]


def test_wait_for_me_is_taken_back_by_the_same_button(member, paper):
    vote(member, paper, "wait")
    menu = re.findall(r'name="stance" value="(\w*)" aria-pressed="true"', html_of(member.get(LIST)))
    assert menu == ["", ""]  # the arrow, and the item of the menu


def test_a_vote_brings_along_what_it_changes(member, paper):
    row = member.post(f"{LIST}{paper.pk}/vote/", {"stance": "want", "look": "row"}, headers=HTMX)
    assert "1 point: +1 wanted by Bob" in text_of(row)
    page = member.post(f"{LIST}{paper.pk}/vote/", {"stance": "want"}, headers=HTMX)
    assert "You follow this paper. New comments appear" in text_of(page)


@pytest.mark.parametrize(
    "there", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:x", ""]
)
def test_the_way_back_is_within_the_site(member, paper, there):
    assert vote(member, paper, "want", next=there).url == f"{LIST}{paper.pk}/"


def test_a_superuser_from_outside_sees_votes_and_has_none(client, paper, bob):
    Vote.objects.create(paper=paper, user=bob)
    client.force_login(make_user("root", is_superuser=True))
    assert 'name="stance"' not in client.get(LIST).text
    assert "Wanted by Bob" in text_of(client.get(f"{LIST}{paper.pk}/"))
    assert vote(client, paper, "want").status_code == 403
    assert stances(paper) == [("bob", "want")]


def test_votes_of_who_leaves_count_no_more_and_are_there_when_they_return(
    member, group, paper, bob
):
    vote(member, paper, "want")
    bob.memberships.all().delete()
    dana = make_user("dana")
    Membership.objects.create(group=group, user=dana)
    member.force_login(dana)
    assert button(member.get(LIST)) == (False, "want", 0)
    Membership.objects.create(group=group, user=bob)
    assert button(member.get(LIST)) == (False, "want", 1)


def test_an_organiser_pins_a_paper_for_all_to_see(organiser, group, paper, alice):
    first = make_paper(group=group, title="Moons")
    Vote.objects.create(paper=first, user=alice)
    page = organiser.post(f"{LIST}{paper.pk}/pin/", {"pinned": "yes"}, follow=True)
    assert "pinned to the top of the ranking" in text_of(page)
    home = text_of(organiser.get("/curious-minds/"))
    assert home.index("Tides Pinned by the organisers") < home.index(
        "Moons 1 point: +1 wanted by Alice"
    )
    assert "Tides Pinned" in text_of(organiser.get(LIST))
    organiser.post(f"{LIST}{paper.pk}/status/", {"status": "set-aside"})
    assert "Pinned" not in text_of(organiser.get(LIST))
    organiser.post(f"{LIST}{paper.pk}/status/", {"status": "open"})
    assert "Pinned" not in text_of(organiser.get(LIST))
    organiser.post(f"{LIST}{paper.pk}/pin/", {"pinned": "yes"})
    organiser.post(f"{LIST}{paper.pk}/pin/", {"pinned": "no"})
    organiser.get(LIST)  # has shown what was said
    assert "Pinned" not in text_of(organiser.get("/curious-minds/"))


def test_votes_and_ids_of_another_group_are_out_of_reach(member, group, bob):
    theirs = make_paper(group=make_group("Strangers"), title="Theirs")
    ours_elsewhere = make_paper(group=make_group("Second", members=[bob]), title="Elsewhere")
    for one in (theirs, ours_elsewhere):
        assert vote(member, one, "want").status_code == 404
        assert member.post(f"{LIST}{one.pk}/offer/", {"can_present": "yes"}).status_code == 404
    assert not Vote.objects.exists()
    assert not Offer.objects.exists()


def my_vote_counts(response):
    """The counts under "My vote": value -> number."""
    found = re.findall(r'id="mine-(\w+)-count" data-with-vote>(\d+)<', html_of(response))
    return {value: int(number) for value, number in found}


@pytest.mark.parametrize("query", ["", "?status=all", "?q=tides", "?mine=unvoted&sort=date"])
def test_a_script_gets_the_counts_under_my_vote(member, group, paper, query):
    make_paper(group=group, title="Moons")
    for stance in ("want", "not", "wait", ""):
        data = {"stance": stance, "look": "row", "next": LIST + query}
        answer = member.post(f"{LIST}{paper.pk}/vote/", data, headers=HTMX)
        assert my_vote_counts(answer) == my_vote_counts(member.get(LIST + query)) != {}


@pytest.mark.parametrize("there", ["", "/curious-minds/", f"{LIST}?year_min=x", "/others/papers/"])
def test_a_vote_elsewhere_brings_no_counts(member, paper, there):
    data = {"stance": "want", "look": "row", "next": there}
    answer = member.post(f"{LIST}{paper.pk}/vote/", data, headers=HTMX)
    assert answer.status_code == 200
    assert my_vote_counts(answer) == {}


@pytest.mark.parametrize("address", [LIST, "/curious-minds/"])
def test_the_name_of_the_button_begins_with_the_count_it_shows(member, paper, alice, bob, address):
    Vote.objects.create(paper=paper, user=alice)
    for wanting, pressed in ((1, "false"), (2, "true")):
        shown = html_of(member.get(address))
        (name,) = re.findall(r'aria-label="([^"]*Want to discuss[^"]*)"', shown)
        assert name == f"{wanting}, Want to discuss: Tides"
        assert f'aria-pressed="{pressed}" aria-label="{name}"' in shown
        Vote.objects.get_or_create(paper=paper, user=bob)
