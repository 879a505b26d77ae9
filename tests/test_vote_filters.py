"""What votes, offers and comments bring to the list: filters, counts and the sort by ranking."""

import itertools
import random
import re
from urllib.parse import urlencode, urljoin

import pytest
from django.http import QueryDict

from papers import access
from papers.library import cached_counts
from papers.library.filters import SORT_LABELS, PaperFilter
from papers.models import Membership, Offer, Paper, Vote
from papers.services.voting import set_offer, set_vote
from tests.browsing import Browser
from tests.factories import make_comment, make_group, make_paper, make_user
from tests.pages import body_of, text_of, titles_of

LIST = "/curious-minds/papers/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def shelf(group, alice, bob, charlie):
    """Papers that differ in what members said of them; and another group's like them."""
    papers = {name: make_paper(group=group, title=name) for name in ("A", "B", "C", "D")}
    other = make_group("Second", members=[alice, bob])
    for group_of, shelf in ((group, papers), (other, {"A": make_paper(group=other, title="A")})):
        set_vote(paper=shelf["A"], user=bob, stance="want")
        set_vote(paper=shelf["A"], user=alice, stance="wait")
        set_offer(paper=shelf["A"], user=alice, can_present=True)
        make_comment(paper=shelf["A"], user=alice)
        assert group_of.papers.count()
    set_vote(paper=papers["B"], user=bob, stance="not")
    set_vote(paper=papers["C"], user=alice, stance="want")
    for one in (papers["C"], papers["D"]):  # by one who is not in the group
        set_vote(paper=one, user=charlie, stance="want")
        set_offer(paper=one, user=charlie, can_present=True)
    make_comment(paper=papers["D"], user=bob)
    return papers


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {"A", "C", "D"}),
        ("mine=wanted", {"A"}),
        ("mine=unvoted", {"C", "D"}),
        ("mine=not", {"B"}),
        ("mine=wanted&mine=not", {"A", "B"}),
        ("mine=not&mine=unvoted", {"B", "C", "D"}),
        ("mine=not&mine=unvoted&mine=wanted", {"A", "B", "C", "D"}),
        ("wanted_min=1", {"A", "C"}),
        ("wanted_min=2", {"A"}),
        ("wanted_min=3", set()),
        ("presenter=yes", {"A"}),
        ("unread=yes", {"A"}),
        ("wanted_min=1&mine=unvoted", {"C"}),
        ("sort=ranking&mine=unvoted", {"C", "D"}),
    ],
)
def test_filters(member, shelf, query, found):
    page = member.get(f"{LIST}?{query}", follow=True)
    assert set(titles_of(page)) == found
    number = f"{len(found)} paper{'s' if len(found) != 1 else ''}"
    assert number in text_of(page)


@pytest.mark.parametrize(
    "query", ["mine=loved", "wanted_min=0", "wanted_min=x", "presenter=no", "unread=1"]
)
def test_what_is_no_filter_never_widens_the_list(member, shelf, query):
    page = member.get(f"{LIST}?{query}")
    assert page.status_code == 422
    assert titles_of(page) == []


def test_a_vote_shows_at_once_though_counts_are_cached(member, shelf, bob):
    assert set(titles_of(member.get(LIST))) == {"A", "C", "D"}
    set_vote(paper=shelf["D"], user=bob, stance="not")
    assert set(titles_of(member.get(LIST))) == {"A", "C"}
    assert "Not for me 2" in text_of(member.get(LIST))


def test_where_all_papers_are_not_for_me_that_is_said(member, group, bob, shelf):
    for paper in shelf.values():
        set_vote(paper=paper, user=bob, stance="not")
    page = text_of(member.get(LIST))
    assert "You have marked all of these papers as not for you" in page
    assert "No papers yet" not in page


def test_a_superuser_from_outside_sees_all(client, group, shelf):
    root = make_user("root", is_superuser=True)
    set_vote(paper=shelf["A"], user=root, stance="not")  # from when they were in the group
    client.force_login(root)
    assert set(titles_of(client.get(LIST))) == {"A", "B", "C", "D"}


def test_each_rank_says_why(member, group, shelf, alice, bob):
    set_vote(paper=shelf["C"], user=bob, stance="wait")
    page = text_of(member.get(LIST))
    assert page.index(
        "#1 · 3 points: +2 wanted by Bob and Alice, +1 Alice can present"
    ) < page.index("#2 · 2 points: +2 wanted by Alice and Bob")
    assert "#3" not in page


@pytest.mark.parametrize("form", ["csv", "bibtex"])
@pytest.mark.parametrize("sort", SORT_LABELS)
def test_what_is_exported_stands_in_the_order_of_the_list(member, group, shelf, sort, form):
    page = member.get(f"{LIST}?q=a&sort={sort}", follow=True)
    query = f"?sort={sort}" if sort != "best" else "?q=a"
    shown = titles_of(member.get(LIST + query, follow=True))
    text = body_of(member.get(f"{LIST}{query}&export={form}"))
    assert page.status_code == 200
    lines = {"csv": r"^(\w),", "bibtex": r"title = \{+(\w)\}"}[form]
    assert re.findall(lines, text, re.MULTILINE) == shown


def test_chips_say_what_is_filtered(member, shelf):
    page = text_of(
        member.get(f"{LIST}?mine=not&wanted_min=2&presenter=yes&unread=yes", follow=True)
    )
    for chip in ("My vote: not for me", "Wanted by 2 or more", "Has a presenter", "Unread"):
        assert f"Remove the filter {chip}" in page


def test_the_ranking_comes_first_and_then_the_rest(member, group, alice, bob):
    for number in range(60):
        make_paper(group=group, title=f"{number:02}", upvotes=number % 7)
    papers = list(Paper.objects.order_by("pk"))
    for paper in papers[:30]:
        set_vote(paper=paper, user=alice, stance="want")
    for paper in papers[10:20]:
        set_vote(paper=paper, user=bob, stance="want")
    shown = list(itertools.chain(*(titles_of(member.get(f"{LIST}?page={n}")) for n in (2, 3))))
    shown = titles_of(member.get(LIST)) + shown

    def upvotes(title):
        return -(int(title) % 7)

    first, second, rest = shown[:10], shown[10:30], shown[30:]
    assert first == sorted((f"{n:02}" for n in range(10, 20)), key=lambda t: (upvotes(t), t))
    others = [*range(10), *range(20, 30)]
    assert second == sorted((f"{n:02}" for n in others), key=lambda t: (upvotes(t), t))
    left = sorted((f"{n:02}" for n in range(30, 60)), reverse=True)
    assert rest == sorted(left, key=upvotes)


def seen(paper, user, votes):
    """How ``user`` voted on ``paper``, as the filter calls it."""
    return {"want": "wanted", "wait": "wanted", "not": "not"}.get(
        votes.get((paper.pk, user.pk)), "unvoted"
    )


def test_counts_are_right_under_any_combination(group, alice, bob):
    """Against counting by hand, for many combinations of filters and random votes."""
    rng = random.Random(7)
    dana = make_user("dana")
    Membership.objects.create(group=group, user=dana)
    people, statuses = [alice, bob, dana], list(Paper.Status.values)
    topics = {}
    for _ in range(40):
        names = rng.choice([[], ["Vision"], ["Theory"], ["Vision", "Theory"]])
        day = rng.choice(["2021-03-01", "2023-05-01", None])
        paper = make_paper(group=group, topics=names, status=rng.choice(statuses), published_on=day)
        topics[paper.pk] = {name.lower() for name in names}
        for user in people:
            if stance := rng.choice(["", "want", "wait", "not"]):
                set_vote(paper=paper, user=user, stance=stance)
        if rng.random() < 0.3:
            set_offer(paper=paper, user=rng.choice(people), can_present=True)
    papers = list(Paper.objects.all())
    votes = {(v.paper_id, v.user_id): v.stance for v in Vote.objects.all()}
    offered = set(Offer.objects.values_list("paper", flat=True))

    def number(asked, **instead):
        """How many pass ``asked``, with ``instead`` in place of the facet's own choice."""
        asked = {"mine": ["wanted", "unvoted"]} | asked | instead
        return sum(all(passes[name](paper, v) for name, v in asked.items()) for paper in papers)

    def wanted(paper):
        return sum(votes.get((paper.pk, user.pk)) in ("want", "wait") for user in people)

    passes = {
        "status": lambda paper, v: paper.status in v,
        "topic": lambda paper, v: bool(topics[paper.pk] & set(v)),
        "mine": lambda paper, v: seen(paper, bob, votes) in v,
        "wanted_min": lambda paper, v: wanted(paper) >= int(v[0]),
        "presenter": lambda paper, v: paper.pk in offered,
        "year_min": lambda paper, v: paper.dated_on.year >= int(v[0]),
    }
    values = {
        "status": [["open"], ["open", "discussed"]],
        "topic": [["vision"], ["vision", "theory"]],
        "mine": [["wanted"], ["unvoted"], ["not"], ["wanted", "not"], ["unvoted", "not"]],
        "wanted_min": [["1"], ["2"]],
        "presenter": [["yes"]],
        "year_min": [["2022"]],
    }
    choices = [{"status": ["open"]}, {}]
    for name, some in values.items():
        choices += [choice | {name: value} for choice in choices for value in some]
    group = access.group_for(bob, group.slug)
    for asked in rng.sample(choices, 150):
        choice = PaperFilter(
            QueryDict(urlencode(asked or {"status": "all"}, doseq=True)), group=group, user=bob
        )
        assert choice.is_valid()
        counts, _ = cached_counts.counts_and_first_ids(choice)
        assert counts.total == number(asked) == choice.filtered_papers().count(), asked
        for name in ("wanted", "unvoted", "not"):
            assert counts.mine[name] == number(asked, mine=[name]), (asked, name)
        for status in statuses:
            assert counts.statuses[status] == number(asked, status=[status]), (asked, status)
        for slug, _, shown in counts.topics:
            assert shown == number(asked, topic=[slug]), (asked, slug)


def test_a_search_that_finds_only_hidden_papers_says_so_and_shows_them(member, shelf, bob):
    make_paper(group=shelf["A"].group, title="Über primes")
    hidden = Paper.objects.get(title="Über primes")
    set_vote(paper=hidden, user=bob, stance="not")
    browser = Browser(bob)
    page = browser.open(f"{LIST}?q=uber&status=all")
    assert "1 paper you marked as not for you matches." in page.root.text
    (show,) = [link for link in page.root.all("a") if link.text == "Show it"]
    assert "Über primes" in browser.open(urljoin(page.address, show.get("href"))).root.text


def test_a_search_that_finds_nothing_offers_no_hidden_papers(member, shelf, bob):
    for query in ("q=zebra", "wanted_min=3&mine=not"):
        assert "not for you match" not in Browser(bob).open(f"{LIST}?{query}").root.text
