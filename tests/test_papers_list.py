"""The list of papers: what is on it, its pages, its empty states, and what it costs."""

import re

import pytest

from papers.models import Paper
from papers.services import commenting
from papers.services.voting import set_offer, set_vote
from tests.factories import make_comment, make_group, make_listing, make_paper, paper_fields
from tests.pages import html_of, text_of, titles_of

LIST = "/curious-minds/papers/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def add(group, number):
    first = group.papers.count() + 1
    titles = [f"Paper {n:04}" for n in range(first, first + number)]
    papers = [paper_fields(group=group, title=title) for title in titles]
    Paper.objects.bulk_create(papers)
    group.bump_papers_version()


def test_a_row_has_what_one_chooses_by(member, group):
    make_paper(
        group=group,
        title="Attention & all that",
        abstract="We <attend>.",
        author_count=25,
        upvotes=23,
        comment_count=1,
        status="scheduled",
        topics=["Vision"],
    )
    shown = text_of(member.get(LIST))
    assert "Attention & all that Scheduled We <attend>. 25 authors 17 May 2024" in shown
    assert "23 upvotes elsewhere 1 comment elsewhere Vision" in shown


def test_a_row_keeps_silent_on_what_is_not_known(member, group):
    make_paper(group=group, title="Bare", abstract="", published_on=None)
    page = member.get(LIST)
    row = page.content.decode().split("data-row>")[1].split("</li>")[0]
    assert "None" not in row
    assert "elsewhere" not in row
    assert "authors" not in row


def test_a_row_has_a_permalink_and_only_the_beginning_of_the_abstract(member, group):
    paper = make_paper(group=group, abstract="word " * 1000 + "finally")
    page = member.get(LIST)
    assert f'id="p{paper.pk}"' in page.content.decode()
    assert "finally" not in text_of(page)


def test_papers_of_other_groups_are_not_there(member, group):
    make_paper(group=make_group("Strangers"), title="Not for us")
    make_paper(group=group, title="For us")
    assert titles_of(member.get(LIST)) == ["For us"]
    assert "1 paper " in text_of(member.get(LIST))


def test_the_newest_come_first(member, group):
    add(group, 3)
    assert titles_of(member.get(LIST)) == ["Paper 0003", "Paper 0002", "Paper 0001"]


@pytest.mark.parametrize(
    ("sort", "first"),
    [("date", "Late"), ("upvotes", "Liked"), ("discussed", "Talked of"), ("new", "Undated")],
)
def test_sorts(member, group, sort, first):
    make_paper(group=group, title="Late", published_on="2025-06-01")
    make_paper(group=group, title="Liked", upvotes=99)
    make_paper(group=group, title="Talked of", comment_count=9)
    make_paper(group=group, title="Undated", published_on=None)
    found = titles_of(member.get(LIST, {"sort": sort}, follow=True))
    assert found[0] == first
    assert len(found) == 4
    if sort == "date":
        assert found[-1] == "Undated"


def test_equal_papers_stand_in_one_order_over_all_pages(member, group):
    add(group, 60)
    for sort in ("date", "upvotes", "discussed"):
        pages = [
            titles_of(member.get(LIST, {"sort": sort, "page": n}, follow=True)) for n in (1, 2, 3)
        ]
        assert [len(page) for page in pages] == [25, 25, 10]
        assert sum(pages, []) == [f"Paper {n:04}" for n in range(60, 0, -1)]


def test_every_page_of_a_long_list_is_reached_from_both_ends(member, group):
    add(group, 130)
    seen = sum((titles_of(member.get(LIST, {"page": n}, follow=True)) for n in range(1, 7)), [])
    assert seen == [f"Paper {n:04}" for n in range(130, 0, -1)]


@pytest.mark.parametrize("page", ["7", "999999999", "9" * 30])
def test_behind_the_last_page_comes_the_last(member, group, page):
    add(group, 30)
    shown = titles_of(member.get(LIST, {"page": page}, follow=True))
    assert shown in (
        ["Paper 0005", "Paper 0004", "Paper 0003", "Paper 0002", "Paper 0001"],
        [f"Paper {n:04}" for n in range(30, 5, -1)],
    )


@pytest.mark.parametrize("page", ["", "0", "-1", "x", "1.5", "٣", "1e3", "9" * 5000])
def test_what_is_no_page_is_the_first(member, group, page):
    add(group, 30)
    response = member.get(LIST, {"page": page}, follow=True)
    assert response.status_code == 200
    assert titles_of(response)[0] == "Paper 0030"
    assert response.request["QUERY_STRING"] == ""


def test_an_empty_group_tells_the_member_who_will_add(member):
    shown = text_of(member.get(LIST))
    assert "No papers yet" in shown
    assert "The organiser of Curious minds adds them from listings" in shown
    assert "Add a listing" not in shown


def test_an_empty_group_tells_the_organiser_what_to_do(client, group, alice):
    client.force_login(alice)
    shown = client.get(LIST).content.decode()
    assert "No papers yet" in shown
    assert shown.count(f'href="/admin/papers/listing/add/?group={group.pk}"') == 2


def test_where_nothing_is_found_the_filters_can_be_cleared(member, group):
    add(group, 1)
    response = member.get(LIST, {"q": "unheard"})
    assert "0 papers" in text_of(response)
    assert "No papers match these filters" in text_of(response)
    assert f'<a class="button" href="{LIST}">Clear the filters</a>' in response.content.decode()


def test_a_change_shows_at_once_though_counts_are_cached(member, group):
    add(group, 1)
    assert "1 paper " in text_of(member.get(LIST))
    make_paper(group=group, status="discussed")
    shown = text_of(member.get(LIST))
    assert "2 papers" in shown
    assert "Discussed 1" in shown


def test_htmx_gets_the_list_alone_with_its_address(member, group):
    add(group, 1)
    response = member.get(LIST, {"q": "paper", "status": ""}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert titles_of(response) == ["Paper 0001"]
    assert response["HX-Push-Url"] == f"{LIST}?q=paper"
    assert 'hx-swap-oob="innerHTML:#announced">1 paper<' in html_of(response)
    assert "HX-Request" in response["Vary"]


def test_a_page_that_comes_back_from_the_history_is_whole(member, group):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    response = member.get(LIST, headers=headers)
    assert "<html" in response.content.decode()
    assert "HX-Request" in member.get(LIST)["Vary"]


QUERIES = ["", "?q=paper", "?status=open", "?sort=date", "?page=2", "?sort=ranking", "?unread=yes"]
QUERIES += ["?mine=wanted", "?mine=unvoted", "?wanted_min=1", "?presenter=yes"]


@pytest.mark.parametrize("query", QUERIES)
def test_the_queries_do_not_grow_with_the_rows(
    member, group, alice, bob, query, django_assert_max_num_queries
):
    def take_part(paper):
        """All that members can do to a paper; ``bob`` wants none but the first and the last."""
        paper.topics.set(group.topics.all())
        set_vote(paper=paper, user=alice, stance="wait")
        set_offer(paper=paper, user=alice, can_present=True)
        make_comment(paper=paper, user=alice)
        if "wanted" in query or paper.title == "Paper":
            set_vote(paper=paper, user=bob, stance="want")

    add(group, 30 if "page" in query else 1)
    make_paper(group=group, title="Paper", topics=["Vision"])
    make_paper(group=group, title="Not for me", status="set-aside")
    set_vote(paper=Paper.objects.get(title="Not for me"), user=bob, stance="not")
    for paper in Paper.objects.exclude(title="Not for me"):
        take_part(paper)
    make_listing(group=group, papers=Paper.objects.all())
    member.get(LIST + query)  # fills the cache
    with django_assert_max_num_queries(20) as few:
        assert titles_of(member.get(LIST + query))
    add(group, 80)
    for paper in Paper.objects.exclude(title="Not for me"):
        take_part(paper)
    member.get(LIST + query)
    with django_assert_max_num_queries(20) as many:
        assert len(titles_of(member.get(LIST + query))) == 25
    assert len(few.captured_queries) == len(many.captured_queries)


def test_a_row_says_what_members_said_of_it(member, group, alice, bob):
    paper = make_paper(group=group)
    other = make_paper(group=group, title="Silent")
    for _ in range(2):
        make_comment(paper=paper, user=alice)
    make_comment(paper=paper, user=bob)
    gone = make_comment(paper=paper, user=alice)
    commenting.remove_comment(comment=gone, by=alice)
    row, silent = re.findall(r'<li class="paper".*?</li>', member.get(LIST).text, re.DOTALL)[::-1]
    words = " ".join(re.sub("<[^>]+>", " ", row).split())
    assert "3 comments ( 2 new )" in words
    assert other.title in silent
    assert "comment" not in silent
