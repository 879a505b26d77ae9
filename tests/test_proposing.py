"""Members propose papers by hand; what the group has, or may have, is shown first."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from papers.models import Offer, Paper, User, Vote
from papers.services import importing
from tests.browsing import Browser
from tests.factories import (
    make_comment,
    make_group,
    make_listing,
    make_meeting,
    make_paper,
    make_user,
)
from tests.importing.texts import CAPTURED_ON, TIDES, listing
from tests.pages import text_of, titles_of

LIST = "/curious-minds/papers/"
PROPOSE = f"{LIST}propose/"
TYPED = {
    "address": "https://arxiv.org/abs/2401.12345v2",
    "title": "Sorting by Forgetting",
    "abstract": "We forget.",
    "wants": "on",
}
HAS_IT = "The group already has this paper"
LOOKS_LIKE = "The group has a similar paper"


@pytest.fixture
def member(client, group, bob):
    client.force_login(bob)
    return client


def proposed(client, **fields):
    """The paper that came of it, and the page after it."""
    page = client.post(PROPOSE, TYPED | fields, follow=True)
    assert page.status_code == 200, text_of(page)
    return Paper.objects.latest("pk"), page


def refused(client, **fields):
    """The page that came back, on which nothing that was typed is lost."""
    before, typed = Paper.objects.count(), TYPED | fields
    page = client.post(PROPOSE, typed)
    assert page.status_code == 422
    assert Paper.objects.count() == before
    for name in ("address", "title", "abstract"):
        assert page.context["form"][name].value() == typed[name]
    return page


def discuss(paper, at, state="held"):
    make_meeting(group=paper.group, papers=[paper], state=state, starts_at=at)


def test_a_member_proposes_a_paper(member, group, bob):
    paper, page = proposed(member)
    assert (paper.title, paper.abstract, paper.arxiv_id) == (
        "Sorting by Forgetting",
        "We forget.",
        "2401.12345",
    )
    assert (paper.group, paper.proposed_by, paper.status) == (group, bob, "open")
    shown = text_of(page)
    assert "The paper was added." in shown
    assert "Proposed by Bob" in shown
    assert 'href="https://arxiv.org/abs/2401.12345"' in page.text
    assert titles_of(member.get(LIST)) == ["Sorting by Forgetting"]
    assert [(vote.user, vote.stance) for vote in paper.votes.all()] == [(bob, "want")]


def test_who_does_not_want_to_discuss_it_has_no_vote(member):
    assert member.get(PROPOSE).context["form"]["wants"].value() is True
    paper, _ = proposed(member, wants="")
    assert not paper.votes.exists()


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [
        ("2401.12345", "arxiv_id", "2401.12345"),
        ("arXiv:math.GT/0309136", "arxiv_id", "math/0309136"),
        ("http://export.arxiv.org/pdf/2401.12345v3.pdf", "arxiv_id", "2401.12345"),
        ("https://huggingface.co/papers/2401.12345?utm=x", "arxiv_id", "2401.12345"),
        ("https://doi.org/10.48550/arXiv.2401.12345", "arxiv_id", "2401.12345"),
        ("10.1000/182", "doi", "10.1000/182"),
        ("doi:10.1000/ABC(1)", "doi", "10.1000/abc(1)"),
        ("https://doi.org/10.1000/182?utm_source=x#top", "doi", "10.1000/182"),
        (
            "https://example.org/a paper".replace(" ", "%20"),
            "link",
            "https://example.org/a%20paper",
        ),
        # Numbered alike, but by somebody else.
        ("https://example.org/papers/2401.12345", "link", "https://example.org/papers/2401.12345"),
        ("HTTPS://Example.org/x?y=1#z", "link", "HTTPS://Example.org/x?y=1#z"),
        ("", "link", ""),
    ],
)
def test_addresses_are_recognised(member, address, field, value):
    paper, _ = proposed(member, address=address)
    found = {name: getattr(paper, name) for name in ("arxiv_id", "doi", "link")}
    assert found == {"arxiv_id": "", "doi": "", "link": ""} | {field: value}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/x",
        "www.example.org/x",
        "https://",
        "https://example.org/a b",
        "//example.org/x",
        "a good paper",
        "10.1/x",
        "10.1000/" + "x" * 300,
    ],
)
def test_what_is_no_address_is_refused_with_an_example(member, address):
    page = refused(member, address=address)
    assert "This is no arXiv id, DOI or address. Examples: 2510.14528" in text_of(page)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", ""),
        ("title", "  \n "),
        ("title", "\u200b\u202e"),
        ("title", "x" * 1001),
        ("abstract", "x" * 10_001),
        ("address", "https://example.org/" + "x" * 500),
    ],
)
def test_what_is_missing_or_too_long_is_refused(member, field, text):
    assert refused(member, **{field: text}).context["form"].errors.keys() == {field}


def test_texts_are_tidied_as_they_come(member):
    abstract = "\r\n".join(["line"] * 2000)  # 9,999 characters, as people count
    paper, _ = proposed(member, title="  Sorting \r\n by\tForgetting ", abstract=abstract)
    assert paper.title == "Sorting by Forgetting"
    assert paper.abstract == "\n".join(["line"] * 2000)


def test_a_link_is_shown_by_its_host_and_tells_it_nothing(member):
    _, page = proposed(member, address="https://arxiv.org@papers.example.org:8000/x?a=1&b=2")
    assert (
        'href="https://arxiv.org@papers.example.org:8000/x?a=1&amp;b=2" rel="noreferrer"'
        in page.text
    )
    assert "papers.example.org" in text_of(page)
    assert "arxiv.org@" not in text_of(page)


def test_markup_is_text_everywhere(member, group):
    evil = '<img src=x onerror=alert(1)> "quoted"'
    paper, page = proposed(member, title=evil, abstract=evil, address="https://example.org/'\"<x>")
    for address in (paper.get_absolute_url(), f"{paper.get_absolute_url()}edit/", LIST):
        assert "<img src=x" not in member.get(address).text
    page = refused(member, title=evil, abstract=evil)
    assert "You already proposed this paper" in text_of(page)
    assert "<img src=x" not in page.text


@pytest.mark.parametrize(
    "theirs",
    [
        {"title": "Another title altogether", "arxiv_id": "2401.12345"},
        {"title": "sorting, by FORGETTING!"},
        {"title": "Another title altogether", "doi": "10.48550/arxiv.2401.12345"},
    ],
)
def test_the_same_paper_is_shown_and_not_added(member, group, theirs):
    there = make_paper(group=group, **theirs)
    page = refused(member)
    assert f"{HAS_IT} {there.title} It is open for votes" in text_of(page)
    assert f'href="{there.get_absolute_url()}"' in page.text
    assert "Add my paper anyway" not in text_of(page)
    assert not Vote.objects.exists()
    refused(member, seen=there.pk)


def test_the_same_doi_is_the_same_paper(member, group):
    make_paper(group=group, title="Another title", doi="10.1000/182")
    assert HAS_IT in text_of(refused(member, address="https://doi.org/10.1000/182"))


def test_who_sends_it_twice_is_told_it_is_there(member):
    proposed(member)
    assert "You already proposed this paper Sorting by Forgetting" in text_of(refused(member))


def test_papers_of_other_groups_are_nobodys_business(member, charlie):
    other = make_group("Strangers", members=[charlie])
    make_paper(group=other, title=TYPED["title"], arxiv_id="2401.12345")
    make_paper(group=other, title="Sorting by Forgetting Again")
    _, page = proposed(member)
    assert "Strangers" not in page.text


def test_when_we_discussed_it_is_said_in_my_zone(member, group, bob):
    User.objects.filter(pk=bob.pk).update(time_zone="Asia/Tokyo")
    there = make_paper(group=group, title=TYPED["title"], status="discussed")
    utc = ZoneInfo("UTC")
    discuss(there, datetime(2024, 1, 9, 18, tzinfo=utc))
    discuss(there, datetime(2025, 3, 2, 18, tzinfo=utc))  # the third, in Tokyo
    discuss(there, datetime(2025, 6, 1, 18, tzinfo=utc), state="cancelled")
    assert "We discussed this on 3 March 2025." in text_of(refused(member))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("discussed", "We discussed this."),
        ("scheduled", "It is scheduled."),
        ("set-aside", "It was set aside."),
    ],
)
def test_where_the_group_is_with_it_is_said(member, group, status, said):
    make_paper(group=group, title=TYPED["title"], status=status)
    assert said in text_of(refused(member))
    assert said in text_of(refused(member, title="Sorting by Forgetting It"))


def test_what_looks_like_it_is_shown_and_can_be_another(member, group, bob):
    there = make_paper(group=group, title="Sorting by Forgettings")
    discuss(there, datetime(2025, 3, 3, 12, tzinfo=ZoneInfo("UTC")))
    page = refused(member)
    shown = text_of(page)
    assert f"{LOOKS_LIKE} Sorting by Forgettings We discussed this on 3 March 2025." in shown
    assert f'<button class="button" name="seen" value="{there.pk}">Add my paper anyway' in page.text
    refused(member, seen=there.pk + 1)
    refused(member, seen="x")
    paper, _ = proposed(member, seen=there.pk)
    assert paper.title == "Sorting by Forgetting"
    assert paper.votes.get().user == bob


def test_two_works_of_one_title_are_two_papers(member, group):
    there = make_paper(group=group, title=TYPED["title"], arxiv_id="2402.00001")
    assert LOOKS_LIKE in text_of(refused(member))
    paper, _ = proposed(member, seen=there.pk)
    assert {paper.title, there.title} == {TYPED["title"]}


def test_the_same_link_looks_like_it(member, group):
    make_paper(group=group, title="Quite another", link="https://example.org/x")
    assert LOOKS_LIKE in text_of(refused(member, address="https://example.org/x"))
    proposed(member, address="https://example.org/y")


def test_many_papers_cost_as_many_queries_as_few(member, group):
    def queries(title):
        with CaptureQueriesContext(connection) as done:
            assert member.post(PROPOSE, TYPED | {"title": title}).status_code == 422
        return len(done)

    make_paper(group=group, title="Sorting by Remembering Much")
    few = queries("Sorting by Remembering")
    for number in range(29):
        make_paper(group=group, title=f"Sorting by Remembering {number}")
    assert queries("Sorting by Remembering") == few


def test_a_superuser_from_outside_proposes_nothing(client, group):
    client.force_login(make_user("root", is_superuser=True))
    assert PROPOSE not in client.get(LIST).text
    assert client.get(PROPOSE).status_code == 403
    assert client.post(PROPOSE, TYPED).status_code == 403
    assert not Paper.objects.exists()


def test_the_list_leads_there_also_while_it_is_empty(member, group):
    assert member.get(LIST).text.count(f'href="{PROPOSE}"') == 2
    make_paper(group=group)
    assert member.get(LIST).text.count(f'href="{PROPOSE}"') == 1


def apply(raw, group):
    kept = importing.store_upload(raw=raw, group=group, name="l", captured_on=CAPTURED_ON, by=None)
    importing.stage_listing(listing=kept)
    assert importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    kept.refresh_from_db()
    return kept


def test_a_listing_brings_figures_and_what_was_left_empty_but_no_other_words(member, group):
    mine, _ = proposed(
        member, title="Tides under the ice of small moons", abstract="My words.", address=""
    )
    apply(listing(TIDES), group)
    mine.refresh_from_db()
    assert (mine.title, mine.abstract) == ("Tides under the ice of small moons", "My words.")
    assert (mine.upvotes, mine.author_count) == (12, 3)
    assert Paper.objects.count() == 1
    mine.delete()
    bare, _ = proposed(member, title="Tides under the ice of small moons", abstract="", address="")
    apply(listing(TIDES), group)
    bare.refresh_from_db()
    assert bare.abstract.startswith("We show that the shells")


# Editing.


def edited(client, paper, **fields):
    shown = client.get(f"{paper.get_absolute_url()}edit/").context["form"]
    typed = {name: shown[name].value() for name in ("address", "title", "abstract")}
    opened = {f"initial-{name}": value for name, value in typed.items()}
    return lambda: client.post(f"{paper.get_absolute_url()}edit/", typed | opened | fields)


def test_who_proposed_a_paper_corrects_it(member, group):
    paper, _ = proposed(member)
    group.refresh_from_db()
    before = group.papers_version
    send = edited(member, paper, title=" Sorting  by Remembering ", address="10.1000/182")
    assert send().status_code == 302
    paper.refresh_from_db()
    assert (paper.title, paper.arxiv_id, paper.doi) == (
        "Sorting by Remembering",
        "",
        "10.1000/182",
    )
    assert paper.identity == "doi:10.1000/182"
    assert paper.abstract == "We forget."
    assert titles_of(member.get(f"{LIST}?q=remembering")) == [paper.title]
    group.refresh_from_db()
    assert group.papers_version > before


def test_an_address_replaces_the_one_that_was_shown(member, alice, client, group):
    paper = make_paper(group=group, arxiv_id="2401.12345", doi="10.1000/182", link="http://x.org/")
    client.force_login(alice)
    edited(client, paper, address="2401.54321")()
    paper.refresh_from_db()
    assert (paper.arxiv_id, paper.doi, paper.link) == ("2401.54321", "10.1000/182", "http://x.org/")
    edited(client, paper, address="")()
    paper.refresh_from_db()
    assert (paper.arxiv_id, paper.doi, paper.link) == ("", "10.1000/182", "http://x.org/")


def test_a_form_opened_before_turns_nothing_back(client, alice, group):
    apply(listing(TIDES), group)
    paper = group.papers.get()
    client.force_login(alice)
    send = edited(client, paper, title="Tides")
    Paper.objects.filter(pk=paper.pk).update(abstract="A better text.", upvotes=99)
    send()
    paper.refresh_from_db()
    assert (paper.title, paper.abstract, paper.upvotes) == ("Tides", "A better text.", 99)
    assert (paper.title_edited, paper.abstract_edited) == (True, False)


def test_a_paper_does_not_become_one_that_is_there(member, group):
    make_paper(group=group, title="Kernel", doi="10.1000/182")
    paper, _ = proposed(member)
    for wrong in ({"address": "10.1000/182"}, {"title": ""}):
        page = edited(member, paper, **wrong)()
        assert page.status_code == 422
        assert page.context["form"].errors
    assert "The group already has a paper with this title or address." in text_of(
        edited(member, paper, address="10.1000/182")()
    )
    paper.refresh_from_db()
    assert (paper.title, paper.arxiv_id) == (TYPED["title"], "2401.12345")


def test_who_may_correct_which_paper(client, group, alice, bob):
    mine = make_paper(group=group, proposed_by=bob)
    others, done = make_paper(group=group), make_paper(group=group, proposed_by=bob)
    Paper.objects.filter(pk=done.pk).update(status="discussed")
    may = {
        bob: [200, 403, 403],
        alice: [200, 200, 200],
        make_user("root", is_superuser=True): [200] * 3,
    }
    for person, expected in may.items():
        client.force_login(person)
        addresses = [f"{paper.get_absolute_url()}edit/" for paper in (mine, others, done)]
        assert [client.get(address).status_code for address in addresses] == expected
    client.force_login(bob)
    assert f"{mine.get_absolute_url()}edit/" in client.get(mine.get_absolute_url()).text
    for paper in (others, done):
        page = client.get(paper.get_absolute_url()).text
        assert f"{paper.get_absolute_url()}edit/" not in page
        assert "withdraw/" not in page
        assert client.post(f"{paper.get_absolute_url()}edit/", TYPED).status_code == 403


# Withdrawing.


def test_a_proposal_nobody_else_touched_is_withdrawn(member, group, bob):
    paper, page = proposed(member)
    make_comment(paper=paper, user=bob, parent=make_comment(paper=paper, user=bob, body="Mine"))
    Offer.objects.create(paper=paper, user=bob)
    address = f"{paper.get_absolute_url()}withdraw/"
    assert f'href="{address}"' in page.text
    assert "Withdraw the proposal?" in text_of(member.get(address))
    assert Paper.objects.filter(pk=paper.pk).exists()
    page = member.post(address, follow=True)
    assert "The proposal was withdrawn." in text_of(page)
    assert not Paper.objects.exists()
    assert not Vote.objects.exists()
    assert "No papers yet" in text_of(page)


def voted(paper, other):
    Vote.objects.create(paper=paper, user=other, stance="not")


def offered(paper, other):
    Offer.objects.create(paper=paper, user=other)


def commented(paper, other):
    make_comment(paper=paper, user=other)


def listed(paper, other):
    make_listing(group=paper.group, papers=[paper])


def on_agenda(paper, other):
    discuss(paper, datetime(2025, 3, 3, tzinfo=ZoneInfo("UTC")), state="scheduled")


def pinned(paper, other):
    Paper.objects.filter(pk=paper.pk).update(pinned_at=datetime(2025, 3, 3, tzinfo=ZoneInfo("UTC")))


def set_aside(paper, other):
    Paper.objects.filter(pk=paper.pk).update(status="set-aside")


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        (voted, "Members voted on it."),
        (offered, "A member offered to present it."),
        (commented, "Members commented on it."),
        (listed, "A listing has it, too."),
        (on_agenda, "It was on the agenda of a meeting."),
        (pinned, "It is pinned."),
        (set_aside, "It is set aside."),
    ],
)
def test_what_others_have_begun_with_stays_and_why_is_said(member, alice, begin, said):
    paper, _ = proposed(member)
    begin(paper, alice)
    address = f"{paper.get_absolute_url()}withdraw/"
    for page, status in ((member.get(address), 200), (member.post(address), 422)):
        assert page.status_code == status
        assert f"{said} So it cannot be withdrawn, but an organiser can set it aside." in text_of(
            page
        )
        assert 'class="button danger"' not in page.text
    assert Paper.objects.filter(pk=paper.pk).exists()
    assert paper.votes.filter(user=paper.proposed_by).exists()


def test_only_who_proposed_a_paper_withdraws_it(client, group, alice, bob):
    paper = make_paper(group=group, proposed_by=bob)
    client.force_login(alice)
    assert client.post(f"{paper.get_absolute_url()}withdraw/").status_code == 403
    bob.memberships.all().delete()
    client.force_login(bob)
    assert client.post(f"{paper.get_absolute_url()}withdraw/").status_code == 404
    assert Paper.objects.exists()


def test_a_second_click_on_withdraw_finds_nothing(member):
    paper, _ = proposed(member)
    address = f"{paper.get_absolute_url()}withdraw/"
    assert member.post(address).status_code == 302
    assert member.post(address).status_code == 404


@pytest.mark.parametrize(
    ("there", "typed"),
    [
        ({"link": "https://example.org/x"}, "http://www.example.org/x/?utm_source=news#top"),
        ({"link": "http://WWW.example.org:80/x.pdf"}, "https://example.org/x"),
        ({"link": "https://openreview.net/forum?id=a"}, "https://openreview.net/pdf?id=a"),
        (
            {"link": "https://arxiv.org/abs/2401.99999v1"},
            "https://huggingface.co/papers/2401.99999",
        ),
        ({"link": "https://dx.doi.org/10.1000/999"}, "10.1000/999"),
    ],
)
def test_another_address_of_the_same_page_is_offered(group, bob, there, typed):
    make_paper(group=group, title="Quite another", **there)
    form = Browser(bob).open(PROPOSE).form("Propose the paper")
    form.fill("title", "A title of its own")
    form.fill("address", typed)
    page = form.submit()
    assert "Quite another" in page.root.text
    page.form("Add my paper anyway").submit()
    assert group.papers.count() == 2


@pytest.mark.parametrize(
    ("there", "typed"),
    [
        ("https://openreview.net/forum?id=a", "https://openreview.net/forum?id=b"),
        ("https://www.youtube.com/watch?v=a", "https://www.youtube.com/watch?v=b"),
        ("https://example.org/x", "https://example.org/X"),
    ],
)
def test_a_page_of_its_own_is_a_paper_of_its_own(group, bob, there, typed):
    make_paper(group=group, title="Quite another", link=there)
    form = Browser(bob).open(PROPOSE).form("Propose the paper")
    form.fill("title", "A title of its own")
    form.fill("address", typed)
    form.submit()
    assert group.papers.count() == 2


def test_a_corrected_link_is_the_one_that_is_compared(group, bob):
    paper = make_paper(group=group, title="Quite another", link="https://a.org/", proposed_by=bob)
    form = Browser(bob).open(f"{paper.get_absolute_url()}edit/").form("Save the paper")
    form.fill("address", "https://b.org/x")
    form.submit()
    for typed, number in (("https://a.org", 2), ("http://b.org/x/", 2)):
        form = Browser(bob).open(PROPOSE).form("Propose the paper")
        form.fill("title", f"Of its own: {typed}")
        form.fill("address", typed)
        form.submit()
        assert group.papers.count() == number
