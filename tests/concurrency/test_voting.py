"""Many members vote at once, for one paper, again and again, and while a listing is applied."""

import threading
from datetime import date
from itertools import count

import pytest
from django.db import IntegrityError, connection
from django.test import Client

from papers.models import Membership, Paper, User, Vote
from papers.services import importing, voting
from tests.bench import texts
from tests.concurrency.together import at_once, in_lanes, rendezvous
from tests.factories import make_paper

pytestmark = pytest.mark.django_db(transaction=True)

VOTERS = 200


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="Tides")


@pytest.fixture
def clients(group):
    """Signed in members."""
    User.objects.bulk_create(
        User(username=f"voter{n}", email=f"voter{n}@example.org", password="-")
        for n in range(VOTERS)
    )
    found = []
    for user in User.objects.filter(username__startswith="voter"):
        Membership.objects.create(group=group, user=user)
        found.append(Client())
        found[-1].force_login(user)
    return found


def post(client, paper):
    return client.post(f"{paper.get_absolute_url()}vote/", {"stance": "want"}).status_code


def test_two_hundred_members_are_two_hundred_votes(group, paper, clients):
    assert in_lanes(lambda client: post(client, paper), clients) == [302] * VOTERS
    assert paper.votes.count() == VOTERS
    assert paper.votes.values("user").distinct().count() == VOTERS


def test_a_hundred_clicks_of_one_member_are_one_vote(group, paper, clients):
    assert in_lanes(lambda _: post(clients[0], paper), range(100)) == [302] * 100
    assert paper.votes.count() == 1


def test_looking_first_and_voting_then_fails(group, paper, bob):
    """The control: the vote as one would write it, with a look whether it is there already."""
    meet = rendezvous(10)

    def look_then_vote(*, paper, user, stance):
        is_there = Vote.objects.filter(paper=paper, user=user).exists()
        meet()
        if not is_there:
            Vote.objects.create(paper=paper, user=user, stance=stance)

    raised = at_once(lambda _: look_then_vote(paper=paper, user=bob, stance="want"), *range(10))
    assert len(raised) == 9
    assert {type(error) for error in raised} == {IntegrityError}


def test_ten_at_once_in_the_middle_of_it(group, paper, bob):
    def vote_all_ways(number):
        for stance in ("want", "", "wait", "not"):
            voting.set_vote(paper=paper, user=bob, stance=stance)
            voting.set_offer(paper=paper, user=bob, can_present=number % 2 == 0)

    assert at_once(vote_all_ways, *range(10)) == []
    assert Vote.objects.count() == 1
    assert paper.offers.count() <= 1


@pytest.mark.parametrize("act", ["vote", "offer"])
def test_a_paper_that_goes_while_one_votes_is_not_found(group, paper, clients, monkeypatch, act):
    voted = getattr(voting, f"set_{act}")

    def late(**what):
        Paper.objects.filter(pk=paper.pk).delete()
        voted(**what)

    monkeypatch.setattr(voting, f"set_{act}", late)
    said = {"stance": "want", "can_present": "yes"}
    assert clients[0].post(f"{paper.get_absolute_url()}{act}/", said).status_code == 404


def test_votes_succeed_while_a_listing_is_applied(group, paper, clients, alice):
    raw = texts.listing_text(3000, words=30).encode()
    listing = importing.store_upload(
        raw=raw, group=group, name="l", captured_on=date(2025, 11, 26), by=alice
    )
    importing.stage_listing(listing=listing)
    importing.start_work(listing=listing, state="applying", in_background=False)
    is_done, answers, numbers = threading.Event(), [], count()

    def vote():
        while not is_done.is_set() or len(answers) < VOTERS // 4:
            answers.append(post(clients[next(numbers) % VOTERS], paper))
        connection.close()

    voters = [threading.Thread(target=vote) for _ in range(4)]
    for voter in voters:
        voter.start()
    importing.run_batches(listing=listing)
    is_done.set()
    for voter in voters:
        voter.join()
    assert Paper.objects.count() == 3001
    assert set(answers) == {302}
    assert paper.votes.count() == min(len(answers), VOTERS)
