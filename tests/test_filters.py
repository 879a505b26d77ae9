"""Filters: what they let through, what they count, and the one address of each choice."""

import re

import pytest

from papers.models import Topic
from tests.browsing import Browser
from tests.factories import make_group, make_listing, make_paper
from tests.pages import html_of, text_of, titles_of

LIST = "/curious-minds/papers/"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


@pytest.fixture
def shelf(group):
    """Papers that differ in everything one filters by, and another group's like them."""
    for where in (group, make_group("Strangers")):
        make_paper(
            group=where,
            title="Old sight",
            topics=["Vision"],
            published_on="2019-12-31",
            status="discussed",
            upvotes=5,
        )
        make_paper(
            group=where,
            title="New sight",
            topics=["Vision", "Theory"],
            published_on="2024-01-01",
            upvotes=50,
        )
        make_paper(
            group=where, title="New talk", topics=["Language models"], published_on="2024-12-31"
        )
        make_paper(group=where, title="Undated", published_on=None, status="set-aside")
    return group


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=open", {"New sight", "New talk"}),
        ("status=discussed&status=set-aside", {"Old sight", "Undated"}),
        ("topic=vision", {"Old sight", "New sight"}),
        ("topic=theory&topic=vision", {"Old sight", "New sight"}),
        ("topic=language-models&topic=theory", {"New sight", "New talk"}),
        ("status=open&topic=vision", {"New sight"}),
        ("year_min=2024", {"New sight", "New talk"}),
        ("year_max=2019", {"Old sight"}),
        ("year_max=2024", {"Old sight", "New sight", "New talk"}),
        ("year_min=2024&year_max=2024", {"New sight", "New talk"}),
        ("upvotes_min=5", {"Old sight", "New sight"}),
        ("q=sight&year_min=2020", {"New sight"}),
        ("q=sight&topic=language-models", set()),
    ],
)
def test_or_inside_a_filter_and_across_filters(member, shelf, query, found):
    response = member.get(f"{LIST}?{query}", follow=True)
    assert set(titles_of(response)) == found
    assert f"{len(found)} paper{'' if len(found) == 1 else 's'} " in text_of(response)


def test_from_a_listing(member, shelf):
    listing = make_listing(group=shelf, papers=shelf.papers.filter(title="New talk"), name="Mine")
    response = member.get(LIST, {"listing": listing.pk})
    assert titles_of(response) == ["New talk"]
    assert "From listing Mine" in text_of(response)


def test_another_groups_listing_is_none(member, shelf):
    other = make_group("Others")
    listing = make_listing(group=other, papers=[make_paper(group=other)], name="Secret")
    response = member.get(LIST, {"listing": listing.pk})
    assert response.status_code == 422
    assert "Secret" not in text_of(response)
    assert titles_of(response) == []


def test_counts_leave_out_their_own_choice(member, shelf):
    shown = text_of(member.get(f"{LIST}?status=open&topic=vision"))
    assert "Open 1 Scheduled 0 Discussed 1 Set aside 0" in shown
    assert "Language models 1 Theory 1 Vision 1" in shown


def test_counts_are_of_this_group_alone(member, shelf):
    shown = text_of(member.get(f"{LIST}?status=all"))
    assert "Open 2 Scheduled 0 Discussed 1 Set aside 1" in shown
    assert "Language models 1 Theory 1 Vision 2" in shown


def test_the_histogram_has_a_bar_for_each_year(member, shelf):
    shown = member.get(f"{LIST}?year_min=2024").content.decode()
    assert "<title>2019: 1</title>" in shown
    assert "<title>2024: 2</title>" in shown
    assert shown.count('class="in"') == 1


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("?q=&status=&sort=&year_min=", ""),
        ("?sort=best", ""),
        ("?sort=ranking", ""),
        ("?status=open", ""),
        ("?status=open&sort=ranking", ""),
        ("?status=open&status=all", ""),
        ("?status=open&sort=new", "?sort=new"),
        ("?status=all&sort=new", "?status=all"),
        ("?status=all&q=sight", "?q=sight"),
        ("?q=sight&status=all&status=open", "?q=sight&status=open"),
        ("?q=sight&sort=best", "?q=sight"),
        ("?sort=new&q=sight", "?q=sight&sort=new"),
        ("?q=+sight+", "?q=sight"),
        ("?topic=vision&topic=theory&topic=vision", "?topic=theory&topic=vision"),
        ("?page=1&upvotes_min=0", "?status=all"),
        ("?utm_source=mail", ""),
        ("?year_min=02024", "?year_min=2024"),
    ],
)
def test_each_choice_has_one_address(member, shelf, asked, answered):
    first = member.get(LIST + asked)
    assert first.status_code == 302
    assert first.url == LIST + answered
    assert member.get(first.url).status_code == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("status=opne", "Select a valid choice. opne is not one of the available choices."),
        ("topic=nothing", "Select a valid choice. nothing is not one of the available choices."),
        ("topic=vision&topic=nothing", "nothing is not one of the available choices."),
        ("year_min=abc", "Enter a year with four digits."),
        ("year_max=99", "Enter a year with four digits."),
        ("year_min=" + "9" * 40, "Enter a year with four digits."),
        ("year_min=2024&year_max=2020", "Enter a year that is not before 2024."),
        ("upvotes_min=-1", "Ensure this value is greater than or equal to 0."),
        ("upvotes_min=" + "9" * 30, "Ensure this value is less than or equal to"),
        ("listing=999999", "That choice is not one of the available choices."),
        ("listing=" + "9" * 30, "That choice is not one of the available choices."),
        ("sort=random", "random is not one of the available choices."),
    ],
)
def test_an_invalid_value_is_said_and_never_widens_the_list(member, shelf, query, message):
    for path in (f"{LIST}?{query}", f"{LIST}?{query}&export=csv"):
        response = member.get(path)
        assert response.status_code == 422
        assert titles_of(response) == []
        assert message in text_of(response)
        assert "sight" not in text_of(response)


def test_active_filters_are_chips_that_take_themselves_away(member, shelf):
    shown = member.get(f"{LIST}?q=sight&status=open&year_min=2020").content.decode()
    assert 'class="chip" href="?status=open&amp;year_min=2020"' in shown
    assert 'class="chip" href="?q=sight&amp;status=open"' in shown
    assert f'<a class="clear" href="{LIST}">' in shown


def test_several_statuses_are_chips(member, shelf):
    shown = member.get(f"{LIST}?status=discussed&status=open").content.decode()
    assert 'class="chip" href="?status=discussed"' in shown
    assert 'class="chip" href="?"' in shown


def test_fields_come_back_as_they_were_filled_in(member, shelf):
    headers = {"HX-Request": "true"}
    shown = member.get(f"{LIST}?q=&year_min=&year_max=x&upvotes_min=", headers=headers)
    fields = dict(re.findall(r'name="(\w+)" form="filters" value="([^"]*)"', html_of(shown)))
    assert fields == {"year_min": "", "year_max": "x", "upvotes_min": "", "wanted_min": ""}


def test_topics_are_named_in_the_address_by_their_slug(member, group):
    make_paper(group=group, title="Speech", topics=["Speech & audio"])
    slug = Topic.objects.get().slug
    assert titles_of(member.get(f"{LIST}?topic={slug}")) == ["Speech"]
    assert "Speech & audio" in text_of(member.get(f"{LIST}?topic={slug}"))


def test_pages_and_exports_keep_the_filters(member, group):
    for _ in range(30):
        make_paper(group=group, upvotes=7)
    shown = member.get(f"{LIST}?upvotes_min=7&sort=date").content.decode()
    for more in ("page=2", "export=bibtex", "export=csv"):
        assert f'href="?upvotes_min=7&amp;sort=date&amp;{more}"' in shown


# Names of filters.

BOTH = [LIST, "/curious-minds/discussions/"]


@pytest.mark.parametrize("address", [LIST, "/curious-minds/discussions/"])
def test_an_unknown_export_is_not_found(member, group, address):
    assert member.get(f"{address}?export=xls").status_code == 404
    assert member.get(f"{address}?export=", follow=True).status_code == 200


@pytest.mark.parametrize("address", BOTH)
@pytest.mark.parametrize("export", ["", "&export=csv", "&export=bibtex", "&page=2"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("topics=vision", "There is no filter “topics”. Did you mean “topic”?"),
        ("Topic=vision", "There is no filter “Topic”. Did you mean “topic”?"),
        ("topic[]=vision", "There is no filter “topic[]”. Did you mean “topic”?"),
        ("topicc=", "There is no filter “topicc”. Did you mean “topic”?"),
        ("topic=vision&zzz=1", "There is no filter “zzz”."),
        ("%3Cb%3E=1", "There is no filter “<b>”."),
        ("q=sight&q=talk", "Search: Choose one value"),
    ],
)
def test_an_unknown_filter_is_named_and_widens_nothing(bob, shelf, address, query, said, export):
    page = Browser(bob).open(f"{address}?{query}{export}")
    assert page.status == 422
    assert said in page.root.text
    assert "New sight" not in page.root.text
    assert "Content-Disposition" not in page.response.headers


@pytest.mark.parametrize("address", BOTH)
def test_parameters_that_track_readers_change_nothing(bob, shelf, address):
    page = Browser(bob).open(f"{address}?utm_source=news&fbclid=1&ref=mail")
    assert (page.status, page.address) == (200, address)


def test_a_value_given_twice_is_one(bob, shelf):
    page = Browser(bob).open(f"{LIST}?q=talk&q=talk&topic=vision&topic=language-models")
    assert page.address == f"{LIST}?q=talk&topic=language-models&topic=vision"
    assert titles_of(page.response) == ["New talk"]


@pytest.mark.parametrize("address", BOTH)
def test_the_page_itself_uses_known_names_alone(bob, shelf, address):
    page = Browser(bob).open(address)
    names = {each.get("name") for each in page.root.all() if each.get("form") == "filters"}
    page.form("Apply").submit()
    assert len(names) > 3
    assert page.browser.page.status == 200
