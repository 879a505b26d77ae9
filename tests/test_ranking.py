"""What to read next, and why: the rule on the few cases that tell its parts from each other."""

import random
import re
from datetime import UTC, datetime, timedelta

import pytest

from papers.library.ranking import ranked_papers, reasons_by_paper, top_paper
from papers.models import Membership, Offer, Paper, Vote
from papers.services.voting import set_offer, set_vote
from tests.factories import make_group, make_meeting, make_paper, make_user

START = datetime(2025, 1, 6, 18, tzinfo=UTC)


def want(paper, *users, stance=Vote.Stance.WANT):
    for user in users:
        set_vote(paper=paper, user=user, stance=stance)


def met(group, *papers, week=0, state="held"):
    """A meeting of the group over ``papers``."""
    at = START + timedelta(weeks=week)
    meeting = make_meeting(group=group, papers=papers, state=state, starts_at=at)
    if state == "held":
        Paper.objects.filter(pk__in=[paper.pk for paper in papers]).update(status="discussed")
    return meeting


def titles(group):
    return [paper.title for paper in ranked_papers(group)]


def reasons(group):
    papers = list(ranked_papers(group))
    found = reasons_by_paper(group, papers)
    return {paper.title: found[paper.pk] for paper in papers}


@pytest.fixture
def members(group, alice, bob):
    found = {"alice": alice, "bob": bob}
    for name in ("dana", "erin"):
        found[name] = make_user(name)
        Membership.objects.create(group=group, user=found[name])
    return found


@pytest.fixture
def shelf(group):
    return {name: make_paper(group=group, title=name) for name in ("A", "B", "C", "D")}


def test_each_who_wants_it_is_a_point_and_nobody_else(group, members, shelf, charlie):
    want(shelf["A"], members["alice"])
    want(shelf["B"], members["alice"])
    want(shelf["B"], members["bob"], stance=Vote.Stance.WAIT)
    want(shelf["C"], members["alice"], members["bob"], members["dana"], stance=Vote.Stance.NOT)
    want(shelf["A"], charlie)  # of another group
    assert titles(group) == ["B", "A"]
    assert [paper.points for paper in ranked_papers(group)] == [2, 1]
    assert reasons(group) == {
        "B": "2 points: +2 wanted by Alice and Bob",
        "A": "1 point: +1 wanted by Alice",
    }


def test_who_has_left_or_is_shut_out_counts_no_more(group, members, shelf):
    want(shelf["A"], members["alice"], members["bob"], members["dana"])
    set_offer(paper=shelf["A"], user=members["bob"], can_present=True)
    members["bob"].memberships.all().delete()
    members["dana"].is_active = False
    members["dana"].save()
    assert reasons(group) == {"A": "1 point: +1 wanted by Alice"}
    assert ranked_papers(group)[0].points == 1


def test_votes_elsewhere_count_elsewhere(group, members, shelf):
    other = make_group("Second", members=[members["bob"]])
    theirs = make_paper(group=other, title="Theirs")
    want(theirs, members["bob"])
    assert titles(group) == []
    assert titles(other) == ["Theirs"]


def test_an_offer_is_one_point_however_many_there_are(group, members, shelf):
    want(shelf["A"], members["alice"])
    for name in ("bob", "dana"):
        set_offer(paper=shelf["A"], user=members[name], can_present=True)
    want(shelf["B"], members["alice"], members["bob"], members["dana"])
    assert [(paper.title, paper.points) for paper in ranked_papers(group)] == [("B", 3), ("A", 2)]
    assert reasons(group)["A"] == ("2 points: +1 wanted by Alice, +1 Bob and Dana can present")


def test_ties_go_to_more_offers_then_upvotes_then_the_older(group, members):
    def paper(title, upvotes):
        return make_paper(group=group, title=title, upvotes=upvotes)

    oldest, newer = paper("Oldest", 3), paper("Newer", 3)
    liked, offered = paper("Liked", 9), paper("Offered", 0)
    for one in (newer, oldest, liked):
        want(one, members["alice"], members["bob"])
    want(offered, members["alice"])
    set_offer(paper=offered, user=members["dana"], can_present=True)
    assert titles(group) == ["Offered", "Liked", "Oldest", "Newer"]


def test_a_member_without_luck_lends_a_point(group, members, shelf):
    want(shelf["A"], members["alice"])
    want(shelf["B"], members["alice"])
    want(shelf["C"], members["bob"])
    met(group, shelf["A"])
    assert [(paper.title, paper.points) for paper in ranked_papers(group)] == [("C", 2), ("B", 1)]
    assert reasons(group)["C"] == (
        "2 points: +1 wanted by Bob, +1 for Bob: nothing they voted for came up in the last meeting"
    )


def test_the_point_is_one_for_all_the_unlucky(group, members, shelf):
    met(group, shelf["A"], week=1)
    met(group, week=2)
    want(shelf["B"], members["bob"], members["dana"], members["erin"])
    paper = ranked_papers(group).get()
    assert paper.points == 4
    assert reasons(group)[paper.title] == (
        "4 points: +3 wanted by Bob, Dana and Erin, "
        "+1 for Bob, Dana and Erin: nothing they voted for came up in the last 2 meetings"
    )


def test_before_the_first_meeting_nobody_has_gone_without(group, members, shelf):
    want(shelf["A"], members["bob"])
    met(group, shelf["B"], state="scheduled")
    met(group, shelf["C"], state="cancelled")
    assert ranked_papers(group)[0].points == 1
    assert reasons(group)["A"] == "1 point: +1 wanted by Bob"


def test_only_the_last_meetings_count_as_many_as_the_group_says(group, members, shelf):
    want(shelf["A"], members["bob"])
    want(shelf["B"], members["bob"])
    met(group, shelf["A"], week=0)
    for week in range(1, 6):
        met(group, week=week)
    assert ranked_papers(group)[0].points == 1  # the sixth from now had Bob's pick
    met(group, week=6)
    assert ranked_papers(group)[0].points == 2
    assert (
        "+1 for Bob: nothing they voted for came up in the last 6 meetings" in reasons(group)["B"]
    )
    group.fairness_meetings = 7
    assert ranked_papers(group)[0].points == 1
    group.fairness_meetings, group.fairness_weight = 2, 3
    assert ranked_papers(group)[0].points == 4
    assert (
        "+3 for Bob: nothing they voted for came up in the last 2 meetings" in reasons(group)["B"]
    )
    group.fairness_weight = 0
    assert ranked_papers(group)[0].points == 1
    assert reasons(group)["B"] == "1 point: +1 wanted by Bob"


def test_meetings_of_another_group_are_not_ours(group, members, shelf):
    other = make_group("Second", members=[members["bob"]])
    theirs = make_paper(group=other)
    want(theirs, members["bob"])
    met(other, theirs)
    want(shelf["A"], members["bob"])
    met(group, shelf["B"])
    assert ranked_papers(group)[0].points == 2


def test_only_open_papers_have_a_rank_and_one_put_off_returns_with_its_votes(group, members, shelf):
    want(shelf["A"], members["alice"], members["bob"])
    want(shelf["B"], members["alice"])
    for status in ("scheduled", "discussed", "set-aside"):
        Paper.objects.filter(pk=shelf["A"].pk).update(status=status)
        assert titles(group) == ["B"]
    Paper.objects.filter(pk=shelf["A"].pk).update(status="open")
    assert titles(group) == ["A", "B"]
    assert ranked_papers(group)[0].points == 2


def test_pinned_papers_come_first_and_say_so(group, members, shelf):
    want(shelf["A"], members["alice"], members["bob"])
    Paper.objects.filter(title="D").update(pinned_at=START)
    assert titles(group) == ["D", "A"]
    assert reasons(group)["D"] == "Pinned by the organisers · 0 points"


def test_a_group_may_keep_the_names_to_itself(group, members, shelf):
    want(shelf["A"], members["bob"])
    met(group, shelf["B"])
    group.votes_are_named = False
    assert reasons(group)["A"] == (
        "2 points: +1 wanted by 1 member, "
        "+1 for a member who wants it: nothing they voted for came up in the last meeting"
    )


def test_many_names_are_cut(group, members, shelf):
    for number in range(7):
        user = make_user(f"reader{number}")
        Membership.objects.create(group=group, user=user)
        want(shelf["A"], user)
    assert reasons(group)["A"] == (
        "7 points: +7 wanted by Reader0, Reader1, Reader2, Reader3 and 3 more"
    )


@pytest.mark.parametrize("number", [1, 30])
def test_the_rank_is_one_query_and_the_reasons_are_four(
    group, members, number, django_assert_num_queries
):
    for _ in range(number):
        want(make_paper(group=group), *members.values())
    met(group, make_paper(group=group))
    with django_assert_num_queries(1):
        papers = list(ranked_papers(group))
    assert len(papers) == number
    with django_assert_num_queries(4):
        reasons_by_paper(group, papers)


def test_rows_without_a_rank_are_not_lost(group, members, shelf):
    """The votes of a paper that goes with it go; those of others stay."""
    want(shelf["A"], members["alice"])
    set_offer(paper=shelf["B"], user=members["bob"], can_present=True)
    shelf["A"].delete()
    assert titles(group) == ["B"]
    assert Vote.objects.count() == 0
    assert Offer.objects.count() == 1


@pytest.mark.parametrize("seed", range(12))
def test_the_points_of_a_reason_add_up_to_the_score(group, members, shelf, seed):
    """Under random votes, offers, pins, meetings and settings of the group."""
    rng = random.Random(seed)
    group.votes_are_named = rng.random() < 0.7
    group.fairness_weight, group.fairness_meetings = rng.randrange(4), rng.randrange(1, 4)
    group.save()
    for week in range(rng.randrange(4)):
        meeting = make_meeting(group=group, state="held", starts_at=START + timedelta(weeks=week))
        meeting.agenda.create(paper=rng.choice(list(shelf.values())), position=0)
    for paper in shelf.values():
        Paper.objects.filter(pk=paper.pk).update(pinned_at=rng.choice([None, None, START]))
        for user in members.values():
            set_vote(paper=paper, user=user, stance=rng.choice(["", "want", "wait", "not"]))
            set_offer(paper=paper, user=user, can_present=rng.random() < 0.3)
    said = reasons(group)
    for paper in ranked_papers(group):
        reason = said[paper.title]
        total = int(re.search(r"(\d+) points?(?:: |$)", reason)[1])
        assert total == paper.points == sum(map(int, re.findall(r"\+(\d+) ", reason))), reason


def test_a_paper_without_a_rank_has_no_reason(group, shelf):
    assert set(reasons_by_paper(group, shelf.values()).values()) == {""}


def test_the_top_paper_is_one_that_somebody_wants(group, members, shelf):
    assert top_paper(group) is None
    want(shelf["A"], members["alice"])
    assert top_paper(group) == shelf["A"]
    Paper.objects.filter(title="D").update(pinned_at=START)
    assert top_paper(group) is None  # it would not be the top one any more
    want(shelf["D"], members["alice"], stance=Vote.Stance.WAIT)
    assert top_paper(group) == shelf["D"]
