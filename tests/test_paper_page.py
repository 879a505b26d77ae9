"""The page of a paper, and what organisers say of it there."""

import pytest

from papers.models import Topic
from tests.factories import make_group, make_listing, make_paper
from tests.pages import html_of, text_of, titles_of


@pytest.fixture
def paper(group):
    return make_paper(
        group=group,
        title=r"Learning in $\mathcal{O}(n)$",
        abstract="We <learn> that $x^2$ costs $5 and $10.",
        arxiv_id="2405.01234",
        doi="10.1000/182",
        author_count=2,
        upvotes=23,
        comment_count=1,
        captured_on="2025-11-26",
        topics=["Theory"],
    )


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def test_all_that_is_known_of_a_paper(member, paper):
    response = member.get(paper.get_absolute_url())
    shown = text_of(response)
    assert "2 authors 17 May 2024" in shown
    assert "23 upvotes and 1 comment on Hugging Face, as of 26 Nov 2025" in shown
    assert "costs $5 and $10." in shown
    body = html_of(response)
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in body
    assert "<h1>Learning in<math" in body
    assert "&lt;learn&gt;" in body
    for link in ("arxiv.org/abs/2405.01234", "arxiv.org/pdf/2405.01234", "doi.org/10.1000/182"):
        assert f'href="https://{link}"' in body
    assert 'href="/curious-minds/papers/?topic=theory"' in body


def test_a_paper_of_which_little_is_known(member, group):
    paper = make_paper(group=group, title="Bare", abstract="", published_on=None)
    shown = text_of(member.get(paper.get_absolute_url()))
    assert "This paper has no abstract." in shown
    for word in ("None", "PDF", "DOI", "elsewhere", "Sources"):
        assert word not in shown


def test_where_it_came_from(client, group, paper, alice, bob):
    make_listing(group=group, papers=[make_paper(group=group), paper], by=alice, name="Daily")
    client.force_login(bob)
    response = client.get(paper.get_absolute_url())
    assert "From listing Daily, line 2, captured 26 Nov 2025 · by Alice" in text_of(response)
    assert "/admin/" not in response.content.decode()
    client.force_login(alice)
    assert "/admin/papers/listing/" in client.get(paper.get_absolute_url()).content.decode()


def test_the_queries_do_not_grow_with_the_listings(
    organiser, group, paper, alice, django_assert_max_num_queries
):
    make_listing(group=group, papers=[paper], by=alice)
    with django_assert_max_num_queries(16) as few:
        organiser.get(paper.get_absolute_url())
    for _ in range(29):
        make_listing(group=group, papers=[paper], by=alice)
    with django_assert_max_num_queries(16) as many:
        assert text_of(organiser.get(paper.get_absolute_url())).count("From listing") == 30
    assert len(few.captured_queries) == len(many.captured_queries)


def test_bibtex_to_copy(member, paper):
    response = member.get(f"{paper.get_absolute_url()}bibtex/")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode().startswith("@misc{learning2024p")


def test_an_organiser_changes_the_status(organiser, paper):
    response = organiser.post(
        f"{paper.get_absolute_url()}status/", {"status": "discussed"}, follow=True
    )
    assert response.redirect_chain == [(paper.get_absolute_url(), 302)]
    assert "The status is now: discussed." in text_of(response)
    assert "Discussed" in text_of(organiser.get("/curious-minds/papers/?status=discussed"))


@pytest.mark.parametrize("status", ["", "gone"])
def test_an_unknown_status_changes_nothing(organiser, paper, status):
    response = organiser.post(f"{paper.get_absolute_url()}status/", {"status": status})
    assert response.status_code == 422
    body = response.content.decode()
    assert 'id="id_status_error"' in body
    assert 'aria-describedby="id_status_error"' in body
    paper.refresh_from_db()
    assert paper.status == "open"


def test_an_organiser_names_the_topics(organiser, paper, group):
    Topic.get_or_create(group, "Vision")
    response = organiser.post(
        f"{paper.get_absolute_url()}topics/",
        {"topics": " vision,Speech  &  audio, speech & AUDIO,, "},
        follow=True,
    )
    assert "The topics are saved." in text_of(response)
    assert [topic.name for topic in paper.topics.all()] == ["Speech & audio", "Vision"]
    found = organiser.get("/curious-minds/papers/?topic=speech-audio")
    assert text_of(found).count("Speech & audio") >= 2
    organiser.post(f"{paper.get_absolute_url()}topics/", {"topics": ""})
    assert not paper.topics.exists()


def test_topics_of_another_group_are_not_reused(organiser, paper, group):
    theirs = Topic.get_or_create(make_group("Strangers"), "Secret")
    organiser.post(f"{paper.get_absolute_url()}topics/", {"topics": "Secret"})
    assert paper.topics.get().group == group
    assert not theirs.papers.exists()


@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ("x" * 51, "is longer than 50 characters."),
        (",".join("abcdefghijklm"), "These are 13 topics; 12 is the limit."),
    ],
)
def test_topics_that_cannot_be_come_back_as_they_were_given(organiser, paper, topics, message):
    response = organiser.post(f"{paper.get_absolute_url()}topics/", {"topics": topics})
    assert response.status_code == 422
    assert message in text_of(response)
    assert f'value="{topics}"' in response.content.decode()
    assert [topic.name for topic in paper.topics.all()] == ["Theory"]


def test_members_see_no_controls_of_organisers(member, paper):
    shown = text_of(member.get(paper.get_absolute_url()))
    for word in ("Save", "Edit", "Status of this paper"):
        assert word not in shown


def test_the_row_of_the_list_leads_here(member, paper):
    response = member.get("/curious-minds/papers/")
    assert f'href="{paper.get_absolute_url()}"' in response.content.decode()
    assert len(titles_of(response)) == 1
