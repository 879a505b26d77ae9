"""The check that no act forgets to raise the version of a group's papers, itself checked."""

import pytest
from django.db import transaction

from papers.models import Group, Listing, Paper
from papers.services import agenda, deletion, importing, proposing, status_and_topics
from tests.factories import make_group, make_meeting, make_paper
from tests.importing.texts import CAPTURED_ON, TIDES, listing


@pytest.fixture
def paper(group, bob):
    return make_paper(group=group, title="Kernels", topics=["Theory"], proposed_by=bob)


@pytest.fixture
def forgetful(monkeypatch):
    monkeypatch.setattr(Group, "bump_papers_version", lambda self: None)


def set_status(paper, bob):
    status_and_topics.set_status(papers=Paper.objects.filter(pk=paper.pk), status="discussed")


def set_topics(paper, bob):
    status_and_topics.set_topics(paper=paper, names=["Vision"])


def propose(paper, bob):
    text = {"title": "Waves", "abstract": "", "address": {"doi": "10.1/x"}}
    proposing.propose_paper(group=paper.group, by=bob, wants=False, **text)


def withdraw(paper, bob):
    proposing.withdraw_paper(paper=paper, by=bob)


def delete_proposals(paper, bob):
    with transaction.atomic():
        deletion.delete_unused_proposals(bob)


def put_on_agenda(paper, bob):
    agenda.add_papers(discussion=make_meeting(group=paper.group), papers=[paper])


@pytest.mark.parametrize(
    "act", [set_status, set_topics, propose, withdraw, delete_proposals, put_on_agenda]
)
def test_an_act_that_forgets_is_caught(paper, bob, stale_counts, forgetful, act):
    act(paper, bob)
    assert len(stale_counts) == 1
    assert f"changes papers of group {paper.group_id}" in stale_counts.pop()


@pytest.mark.parametrize("work", ["applying", "taking-back"])
def test_a_listing_that_forgets_is_caught_twice(group, stale_counts, forgetful, work):
    """Once when the work begins, and papers can be filtered by it, and once for each batch."""
    kept = importing.store_upload(
        raw=listing(TIDES), group=group, name="listing.txt", captured_on=CAPTURED_ON, by=None
    )
    importing.stage_listing(listing=kept)
    for state in [Listing.State.APPLYING, Listing.State.TAKING_BACK]:
        stale_counts.clear()
        importing.start_work(listing=kept, state=state, in_background=False)
        importing.run_batches(listing=kept)
        if state == work:
            break
    assert len(stale_counts) == 2
    stale_counts.clear()


def test_each_group_counts_by_itself(group, paper, stale_counts, monkeypatch):
    make_paper(group=make_group("Others"), title="Waves")
    forgotten, bump = group.pk, Group.bump_papers_version
    monkeypatch.setattr(
        Group, "bump_papers_version", lambda self: self.pk == forgotten or bump(self)
    )
    status_and_topics.set_status(papers=Paper.objects.all(), status="discussed")
    assert len(stale_counts) == 1
    assert f"of group {group.pk}," in stale_counts.pop()


def test_raising_it_in_another_transaction_is_caught(paper, stale_counts):
    act = status_and_topics.set_status.__wrapped__  # without its transaction
    act(papers=Paper.objects.all(), status="discussed")
    assert len(stale_counts) == 1
    stale_counts.clear()


def test_what_is_not_cached_is_not_looked_at(client, paper, alice, stale_counts, forgetful):
    client.force_login(alice)
    client.post(f"{paper.get_absolute_url()}pin/", {"pinned": "yes"})
    assert Paper.objects.get().pinned_at
    assert stale_counts == []


def test_what_was_rolled_back_is_no_change(paper, stale_counts, forgetful):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        status_and_topics.set_status(papers=Paper.objects.all(), status="discussed")
        raise ZeroDivisionError
    assert stale_counts == []
