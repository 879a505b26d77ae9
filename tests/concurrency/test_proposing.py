"""Two who propose one paper at once."""

import pytest
from django.core.exceptions import ValidationError

from papers.models import Paper, Vote
from papers.services import memberships, proposing
from tests.concurrency.together import at_once, rendezvous

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "Sorting by Forgetting"
# One paper under two identities: no unique index can see that it is the same.
ADDRESSES = [{"arxiv_id": "2401.12345"}, {"link": "https://example.org/x"}]


@pytest.fixture
def proposals(group, alice, bob):
    return [
        {"group": group, "by": by, "title": TITLE, "abstract": "", "address": address}
        for by, address in zip((alice, bob), ADDRESSES, strict=True)
    ]


@pytest.fixture
def meet(monkeypatch):
    """Let two who propose wait for each other between looking a paper up and adding it."""
    wait, like = rendezvous(2), proposing._find_lookalike

    def slow(paper):
        found = like(paper)
        wait()
        return found

    monkeypatch.setattr(proposing, "_find_lookalike", slow)


def test_two_at_once_add_one_and_the_second_is_shown_it(proposals, meet):
    came = []
    raised = at_once(
        lambda one: came.append(proposing.propose_paper(wants=True, **one)), *proposals
    )
    assert raised == []
    paper = Paper.objects.get()
    assert [one.paper for one in came if one.paper] == [paper]
    assert [one.duplicate for one in came if one.duplicate] == [paper]
    assert paper.votes.get().user == paper.proposed_by


def test_without_the_lock_they_add_two(proposals, meet, monkeypatch):
    """The control: this is the race that the lock keeps out."""
    monkeypatch.setattr(proposing, "lock_group", lambda pk: None)
    monkeypatch.setattr(proposing, "lock_user", lambda pk: pk)
    at_once(lambda one: proposing.propose_paper.__wrapped__(wants=True, **one), *proposals)
    assert Paper.objects.count() == 2


def test_one_who_clicks_often_adds_one(proposals):
    came = []
    click = lambda _: came.append(proposing.propose_paper(wants=True, **proposals[0]))  # noqa: E731
    assert at_once(click, *range(8)) == []
    paper = Paper.objects.get()
    assert [one.duplicate for one in came if not one.paper] == [paper] * 7
    assert Vote.objects.count() == 1


def test_deleting_an_account_while_it_proposes_is_one_or_the_other(proposals, group):
    person = proposals[1]["by"]

    def act(what):
        if what == "delete":
            memberships.delete_account(user=person, keep_writings=False)
        else:
            proposing.propose_paper(wants=True, **proposals[1])

    raised = at_once(act, "propose", "delete", "propose")
    assert {type(error) for error in raised} <= {ValidationError}
    assert not Paper.objects.exists()
    assert not Vote.objects.exists()
