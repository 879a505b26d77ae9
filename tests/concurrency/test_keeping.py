"""Somebody votes for a paper that is just about to go."""

import pytest
from django.db import IntegrityError

from papers.models import Paper, Vote
from papers.services import deletion, importing, proposing, voting
from papers.services.importing import taking_back
from tests.concurrency.together import at_once, rendezvous
from tests.factories import make_paper
from tests.importing.texts import CAPTURED_ON, TIDES, listing

pytestmark = pytest.mark.django_db(transaction=True)


def withdrawal(group, bob):
    """A proposal, and what takes it back."""
    paper = make_paper(group=group, proposed_by=bob)
    return paper, proposing.withdraw_paper, {"paper": paper, "by": bob}


def listing_taken_back(group, bob):
    """A paper that came with a listing, and what takes that back."""
    kept = importing.store_upload(
        raw=listing(TIDES), group=group, name="l", captured_on=CAPTURED_ON, by=bob
    )
    importing.stage_listing(listing=kept)
    for state in ("applying", "taking-back"):
        importing.start_work(listing=kept, state=state, in_background=False)
        if state == "applying":
            importing.run_batches(listing=kept)
    return group.papers.get(), importing.take_back_batch, {"listing_id": kept.pk}


@pytest.fixture(params=[withdrawal, listing_taken_back])
def going(request, group, alice, bob, monkeypatch):
    """A function: a paper goes, and Alice votes for it when it was just found untouched."""
    paper, take, arguments = request.param(group, bob)
    meet, trace_on = rendezvous(2), deletion.why_in_use

    def slow(paper):
        trace = trace_on(paper)
        meet()  # Alice may vote now ...
        meet()  # ... and has, if nothing kept her out
        return trace

    monkeypatch.setattr(deletion, "why_in_use", slow)

    def act(who, take):
        if who == bob:
            return take(**arguments)
        meet()
        voting.set_vote(paper=paper, user=alice, stance=Vote.Stance.WANT)
        return meet()

    def going(*, in_transaction=True):
        chosen = take if in_transaction else take.__wrapped__
        return at_once(lambda who: act(who, chosen), alice, bob)

    return going


def test_a_vote_is_not_lost(going):
    """She votes in vain and learns it: there is no paper any more."""
    assert [type(error) for error in going()] == [IntegrityError]
    assert not Paper.objects.exists()
    assert not Vote.objects.exists()


def test_without_holding_the_paper_it_is(going, group, monkeypatch):
    """The control. In SQLite the transaction holds all there is."""
    monkeypatch.setattr(deletion, "lock_papers", lambda papers: None)
    monkeypatch.setattr(proposing, "lock_group", lambda pk: group)
    monkeypatch.setattr(
        taking_back, "lock_group_and_listing", lambda pk: (group, group.listings.get())
    )
    assert going(in_transaction=False) == []
    assert not Paper.objects.exists()
    assert not Vote.objects.exists()
