"""Names that others keep stay the same when a text is edited: keys, ids, addresses, files."""

import re
from datetime import date

import pytest

from papers.models import Discussion, Feed, Group, Paper, Topic
from papers.services import feeds
from tests.browsing import Browser
from tests.factories import make_comment, make_group, make_meeting, make_paper, make_user

HOME = "/curious-minds/"


@pytest.fixture
def root(group):
    return make_user("root", is_superuser=True)


@pytest.fixture
def addresses(bob, group):
    """Two news feeds and a calendar of ``bob``."""
    kinds = {Feed.Kind.PAPERS: "news.xml", Feed.Kind.MEETINGS: "news.xml"}
    kinds |= {Feed.Kind.GROUP: "calendar.ics"}
    made = [
        (feeds.create_feed(user=bob, kind=kind, group=group), file) for kind, file in kinds.items()
    ]
    return [f"/feeds/{token}/{file}" for (_, token), file in made]


def names_in_use(browser, paper, meeting, addresses):
    """Everything on pages and in files by which others refer to the paper, meeting and group."""
    page = browser.open(paper.get_absolute_url())
    names = {"anchors": sorted(e.get("id") for e in page.root.all() if e.get("id"))}
    names["BibTeX"] = re.findall(r"@misc\{(.*),", browser.client.get(f"{page.address}bibtex/").text)
    for address in addresses:
        text = browser.client.get(address).text
        names[address] = re.findall(r"<id>.*?</id>|UID:.*|<link href=.*?>", text)
    for address in (
        f"{meeting.get_absolute_url()}calendar.ics",
        f"{HOME}papers/?export=csv",
        f"{HOME}discussions/?export=bibtex",
    ):
        names[address] = browser.client.get(address)["Content-Disposition"]
    names["topic"] = [
        e.get("href") for e in browser.open(page.address).root.all("a") if "topic" in e.classes
    ]
    return names


def edit_paper(group, browser):
    form = browser.open(f"{HOME}papers/{group.papers.get().pk}/edit/").form("Save the paper")
    form.fill("title", "Quite Another Title")
    form.fill("abstract", "Another one.")
    form.submit()
    assert Paper.objects.get().title == "Quite Another Title"


def edit_paper_in_admin(group, browser):
    form = browser.open(f"/admin/papers/paper/{group.papers.get().pk}/change/").form("Save")
    form.fill("title", "Quite Another Title")
    form.fill("published_on", "1999-01-01")
    form.submit()
    assert Paper.objects.get().published_on.year == 1999


def rename_topic(group, browser):
    form = browser.open(f"/admin/papers/topic/{group.topics.get().pk}/change/").form("Save")
    form.fill("name", "Theory")
    form.submit()
    assert Topic.objects.get().name == "Theory"


def rename_group(group, browser):
    form = browser.open(f"{HOME}settings/").form("Save")
    form.fill("name", "Curious Others")
    form.submit()
    assert Group.objects.get(pk=group.pk).name == "Curious Others"


def rename_member(group, browser):
    form = browser.open("/me/").form("Save")
    form.fill("name", "Roberta")
    form.submit()
    assert browser.page.errors() == []


def edit_meeting(group, browser):
    form = browser.open(f"{Discussion.objects.get().get_absolute_url()}edit/").form("Save")
    form.fill("place", "Another place")
    form.submit()
    assert Discussion.objects.get().place == "Another place"


@pytest.mark.parametrize(
    "edit",
    [edit_paper, edit_paper_in_admin, rename_topic, rename_group, rename_member, edit_meeting],
)
def test_an_edit_changes_no_name_that_others_keep(root, group, bob, addresses, edit):
    Paper.objects.all().delete()
    paper = make_paper(group=group, title="Kernel Methods", topics=["Vision"], proposed_by=root)
    make_comment(paper=paper, user=bob)
    meeting = make_meeting(group=group, papers=[paper], created_by=root)
    browser = Browser(root)
    before = names_in_use(browser, paper, meeting, addresses)
    assert before["BibTeX"] == [f"kernel2024p{paper.pk}"]
    assert before["topic"] == [f"{HOME}papers/?topic=vision"]

    edit(group, browser)

    assert names_in_use(browser, paper, meeting, addresses) == before


def test_no_two_papers_have_one_citation_key(group):
    other = make_group("Strangers")
    papers = [
        make_paper(group=where, title=f"Kernel {n}") for n in "ab" for where in (group, other)
    ]
    assert len({paper.citation_key for paper in papers}) == 4


def test_a_citation_key_is_a_word_of_the_title(group):
    for title, key in (
        ("Über Größe", "uber"),
        (r"$\mathbb{R}$-trees", "trees"),
        ("題名", "paper"),
        ("A " + "x" * 90, "x" * 20),
    ):
        paper = make_paper(group=group, title=title, published_on=date(2020, 1, 1))
        assert paper.citation_key == f"{key}2020p{paper.pk}"


# The address of a group.


def move_group(root, group, slug):
    browser = Browser(root)
    form = browser.open(f"/admin/papers/group/{group.pk}/change/").form("Save")
    form.fill("slug", slug)
    form.submit()
    return browser


def test_a_former_address_leads_to_the_present_one(root, group, bob):
    paper = make_paper(group=group)
    move_group(root, group, "minds")
    move_group(root, group, "new-minds")
    for before in ("curious-minds", "minds"):
        page = Browser(bob).open(f"/{before}/papers/?sort=date")
        assert (page.status, page.address) == (200, "/new-minds/papers/?sort=date")
    page = Browser(bob).open(paper.get_absolute_url())
    assert page.address == f"/new-minds/papers/{paper.pk}/"


def test_an_open_form_arrives_at_the_present_address(root, group, bob):
    paper = make_paper(group=group, title="Before", proposed_by=bob)
    form = Browser(bob).open(f"{paper.get_absolute_url()}edit/").form("Save the paper")
    move_group(root, group, "minds")
    form.fill("title", "After")
    page = form.submit()
    assert page.address == f"/minds/papers/{paper.pk}/"
    assert Paper.objects.get().title == "After"


def test_a_former_address_tells_a_stranger_nothing(root, group, charlie):
    move_group(root, group, "minds")
    assert Browser(charlie).open("/curious-minds/").status == 404
    Group.objects.filter(pk=group.pk).update(anyone_may_ask=True)
    assert Browser(charlie).open("/curious-minds/ask/").address == "/minds/ask/"


def test_no_other_group_takes_a_former_address(root, group):
    move_group(root, group, "minds")
    other = make_group("Others")
    page = move_group(root, other, "curious-minds").page
    assert any("Another group had this address" in error for error in page.errors())
    assert move_group(root, group, "curious-minds").page.errors() == []
    assert Browser(root).open("/minds/").address == "/curious-minds/"
