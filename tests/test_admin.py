"""The admin: what is done there. Who may is in the table of tests/access_table.py."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.models import Group, Listing, Membership, Topic, User, Vote
from papers.services import importing
from tests.factories import make_comment, make_group, make_listing, make_paper, make_user
from tests.importing.texts import CAPTURED_ON, SORTING, TIDES, listing
from tests.pages import text_of


@pytest.fixture
def rows(group, alice, bob):
    """A row of each kind, of the group."""
    paper = make_paper(group=group, title="Ours", topics=["ours"])
    kept = importing.store_upload(
        raw=listing(TIDES, SORTING), group=group, name="ours.txt", captured_on=CAPTURED_ON, by=alice
    )
    importing.stage_listing(listing=kept)
    return {
        "group": group.pk,
        "listing": kept.pk,
        "paper": paper.pk,
        "topic": paper.topics.get().pk,
        "user": bob.pk,
        "dbtaskresult": "00000000-0000-0000-0000-000000000000",
        "entry": kept.entries.first().pk,
    }


@pytest.fixture
def organiser(client, alice):
    client.force_login(alice)
    return client


def do(client, action, papers, **data):
    chosen = {"action": action, "_selected_action": [paper.pk for paper in papers]}
    return client.post(reverse("admin:papers_paper_changelist"), chosen | data, follow=True)


def test_status_of_many_is_changed_at_once(organiser, group):
    papers = [make_paper(group=group) for _ in range(3)]
    page = do(organiser, "mark_discussed", papers[:2])
    assert "2 papers are discussed now" in page.text
    assert "1 paper is open now" in do(organiser, "mark_open", papers[2:]).text

    assert group.papers.filter(status="discussed").count() == 2


def test_a_topic_is_given_to_many_and_taken_from_them(organiser, group):
    papers = [make_paper(group=group) for _ in range(3)]
    do(organiser, "add_topic", papers[:2], topic="Graphs")
    assert Topic.objects.get(name="Graphs").papers.count() == 2

    do(organiser, "remove_topic", papers[:1], topic="graphs")
    assert Topic.objects.get().papers.count() == 1


@pytest.mark.parametrize("pk", ["x", "9" * 30, "-1", "1.5", "\u0663"])
def test_ids_that_are_none_change_nothing(organiser, group, pk):
    paper = make_paper(group=group)
    chosen = {"action": "mark_discussed", "_selected_action": [paper.pk, pk]}
    page = organiser.post(reverse("admin:papers_paper_changelist"), chosen, follow=True)
    assert "Choose what to change from the list." in page.text
    paper.refresh_from_db()
    assert paper.status == "open"


def test_a_topic_without_a_name_is_refused(organiser, group):
    page = do(organiser, "add_topic", [make_paper(group=group)], topic=" ")

    assert "Name the topic" in page.text
    assert not Topic.objects.exists()


def test_removing_a_topic_that_is_not_there_makes_none(organiser, group):
    page = do(organiser, "remove_topic", [make_paper(group=group)], topic="Grphs")

    assert "There is no topic “Grphs”" in page.text
    assert not Topic.objects.exists()


def test_papers_of_another_group_are_out_of_reach(organiser, charlie):
    theirs = make_paper(group=charlie.memberships.get().group, title="Theirs")
    do(organiser, "mark_discussed", [theirs])

    theirs.refresh_from_db()
    assert theirs.status == "open"


def test_search_finds_words_of_the_abstract_in_ones_own_groups(organiser, group, charlie):
    make_paper(group=group, title="Ours", abstract="About glaciers.")
    make_paper(group=charlie.memberships.get().group, title="Theirs", abstract="On glaciers.")
    page = organiser.get(reverse("admin:papers_paper_changelist"), {"q": "glac"})

    assert "Ours" in page.text
    assert "Theirs" not in page.text


MAKERS = {
    "paper": lambda group: make_paper(group=group, topics=["shared"]),
    "listing": lambda group: make_listing(group=group),
    "topic": lambda group: Topic.get_or_create(group, f"Topic {Topic.objects.count()}"),
    "group": lambda group: make_group(f"Group {Group.objects.count()}"),
    "user": lambda group: make_user(f"user{User.objects.count()}"),
    "membership": lambda group: Membership.objects.create(
        group=group, user=make_user(f"user{User.objects.count()}")
    ),
}


@pytest.mark.parametrize("kind", sorted(MAKERS))
def test_a_list_of_30_costs_the_queries_of_a_list_of_1(client, group, kind):
    client.force_login(make_user("root", is_superuser=True))
    changelist = reverse(f"admin:papers_{kind}_changelist")
    MAKERS[kind](group)
    client.get(changelist)
    with CaptureQueriesContext(connection) as few:
        client.get(changelist)
    for _ in range(29):
        MAKERS[kind](group)
    with CaptureQueriesContext(connection) as many:
        assert client.get(changelist).status_code == 200
    assert len(many) == len(few)


FIELDS = {
    "title": "Ours, Corrected",
    "abstract": "We count.",
    "arxiv_id": "",
    "doi": "",
    "published_on": "2024-05-17",
    "author_count": "",
    "upvotes": 0,
    "comment_count": 0,
    "status": "open",
}


def change(client, paper, **fields):
    url = reverse("admin:papers_paper_change", args=[paper.pk])
    return client.post(url, FIELDS | fields, follow=True)


def test_a_text_edited_here_is_marked_as_edited_by_hand(organiser, group):
    paper = make_paper(group=group, title="Ours")
    change(organiser, paper)

    paper.refresh_from_db()
    assert paper.title == "Ours, Corrected"
    assert (paper.title_edited, paper.abstract_edited) == (True, False)
    assert paper.identity == "title:ours corrected"


def test_a_second_paper_of_one_title_is_refused_with_a_sentence(organiser, group):
    make_paper(group=group, title="Ours, corrected!")
    paper = make_paper(group=group, title="Ours")
    page = change(organiser, paper)

    assert "already" in page.text
    paper.refresh_from_db()
    assert paper.title == "Ours"


def test_topics_of_another_group_are_no_choice(organiser, group, charlie):
    Topic.get_or_create(charlie.memberships.get().group, "theirs")
    paper = make_paper(group=group, title="Ours", topics=["ours"])
    page = organiser.get(reverse("admin:papers_paper_change", args=[paper.pk]))

    assert "ours" in page.text
    assert "theirs" not in page.text


def test_an_address_is_taken_for_the_id_it_names(organiser, group):
    paper = make_paper(group=group, title="Ours")
    change(organiser, paper, arxiv_id="https://arxiv.org/abs/2510.14528v3")
    paper.refresh_from_db()
    assert paper.arxiv_id == "2510.14528"

    page = change(organiser, paper, arxiv_id="nonsense")
    assert "This is not an arXiv id" in page.text


def test_a_link_leads_to_a_page_of_the_web(organiser, group, bob):
    paper = make_paper(group=group, title="Ours", proposed_by=bob)
    change(organiser, paper, link="https://example.org/x")
    for wrong in ("javascript:alert(1)", "ftp://example.org/x", "nowhere at all"):
        page = change(organiser, paper, link=wrong)
        assert "Enter a valid URL." in page.text
        assert "proposed by Bob" in page.text
    paper.refresh_from_db()
    assert paper.link == "https://example.org/x"


def test_an_organiser_cannot_move_a_group_or_make_one(organiser, group):
    change_group = reverse("admin:papers_group_change", args=[group.pk])
    data = {"name": "Renamed", "slug": "moved", "time_zone": "UTC", "place": ""}
    data |= {"meets_for": 60, "fairness_weight": 1, "fairness_meetings": 6}
    organiser.post(change_group, data)

    group.refresh_from_db()
    assert (group.name, group.slug) == ("Renamed", "curious-minds")
    assert organiser.post(reverse("admin:papers_group_add"), data).status_code == 403


def test_a_group_does_not_take_an_address_of_the_app(client, db):
    client.force_login(make_user("root", is_superuser=True))
    data = {"name": "Admin", "slug": "admin", "time_zone": "UTC", "place": ""}
    data |= {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    page = client.post(reverse("admin:papers_group_add"), data)

    assert "uses this word for its own pages" in page.text
    assert not Group.objects.filter(slug="admin").exists()


def test_a_paper_tells_where_it_came_from(organiser, group, rows):
    kept = Listing.objects.get()
    importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    paper = group.papers.get(title__startswith="Sorting")
    page = organiser.get(reverse("admin:papers_paper_change", args=[paper.pk]))

    assert "ours.txt</a>, line 2, captured 26 Nov 2025" in page.text


def test_deleting_a_paper_tells_nobody_how_who_voted(client, group, alice, bob):
    paper = make_paper(group=group, title="Tides")
    Vote.objects.create(paper=paper, user=bob, stance="not")
    make_comment(paper=paper, user=bob)
    client.force_login(alice)
    page = client.get(f"/admin/papers/paper/{paper.pk}/delete/")
    assert "Tides" in text_of(page)
    assert "Votes: 1" in text_of(page)
    assert "Bob" not in text_of(page)
    chosen = {"action": "delete_selected", "_selected_action": paper.pk}
    page = client.post("/admin/papers/paper/", chosen)
    assert "Tides" in text_of(page)
    assert "Bob" not in text_of(page)
