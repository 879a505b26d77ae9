"""Forms that create something: however often one is sent, it creates one thing."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from papers.clock import run_due_jobs
from papers.models import (
    Comment,
    Discussion,
    Feed,
    Invitation,
    Listing,
    Mail,
    Notice,
    Paper,
    Submission,
    Topic,
)
from papers.notifications import fan_out
from papers.services import date_polls
from tests.browsing import Browser
from tests.factories import make_meeting, make_paper
from tests.importing.texts import TIDES, listing

GROUP = "/curious-minds/"
REPEATED = "You had sent this form already"


def schedule(browser, paper):
    form = browser.open(f"{GROUP}discussions/new/").form("Schedule the meeting")
    form.choose("Repeat", "Every week")
    form.fill("How many meetings", 3)
    return form


def poll(browser, paper):
    return browser.open(f"{GROUP}discussions/poll/").form("Ask the members")


def written(browser, paper):
    return browser.open(f"{GROUP}discussions/write/?paper={paper.pk}").form("Open the discussion")


def proposal(browser, paper):
    form = browser.open(f"{GROUP}papers/propose/").form("Propose the paper")
    form.fill("title", "Sorting by Forgetting")
    return form


def comment(browser, paper):
    form = browser.open(paper.get_absolute_url()).form("Comment")
    form.fill("body", "Why only small moons?")
    return form


def question(browser, paper):
    discussion = paper.agenda_items.get().discussion
    form = browser.open(f"{discussion.get_absolute_url()}meeting/").form("Add the question")
    form.fill("body", "What about large moons?")
    return form


def link(browser, paper):
    return browser.open(f"{GROUP}members/").form("Create a link")


def mails(browser, paper):
    form = browser.open(f"{GROUP}members/").form("Send invitations")
    form.fill("addresses", "emmy@example.org, lise@example.org")
    return form


def feed(browser, paper):
    return browser.open("/me/feeds/").form("Create a link")


def upload(browser, paper):
    form = browser.open(reverse("admin:papers_listing_add")).form("Read the listing")
    form.fill("text", listing(TIDES).decode())
    return form


def topic(browser, paper):
    form = browser.open(reverse("admin:papers_topic_add")).form("Save")
    form.fill("name", "Moons")
    form.choose("group", str(paper.group))
    return form


CREATE = {
    schedule: (Discussion, 3),
    poll: (Discussion, 1),
    written: (Discussion, 1),
    proposal: (Paper, 1),
    comment: (Comment, 1),
    question: (Comment, 1),
    link: (Invitation, 1),
    mails: (Invitation, 2),
    feed: (Feed, 1),
    upload: (Listing, 1),
    topic: (Topic, 1),
}


@pytest.fixture
def paper(group, alice, bob):
    paper = make_paper(group=group, title="Tides of the moon")
    make_meeting(group=group, papers=[paper], starts_at=timezone.now() - timedelta(minutes=5))
    return paper


@pytest.mark.parametrize("fill", CREATE, ids=lambda fill: fill.__name__)
def test_a_form_that_is_sent_twice_creates_once(
    fill, paper, alice, django_capture_on_commit_callbacks
):
    model, number = CREATE[fill]
    before = model.objects.count()
    form = fill(Browser(alice), paper)
    with django_capture_on_commit_callbacks(execute=True):
        first = form.submit()
    assert first.status == 200
    assert REPEATED not in first.root.text
    mailed = Mail.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        second = form.submit()
    assert (second.status, second.address) == (200, first.address)
    assert REPEATED in second.root.text
    assert model.objects.count() == before + number
    assert Mail.objects.count() == mailed


def test_somebody_who_goes_back_and_changes_the_text_sends_another_form(paper, alice):
    form = comment(Browser(alice), paper)
    form.submit()
    form.fill("body", "And another thing.")
    page = form.submit()
    assert REPEATED not in page.root.text
    assert Comment.objects.count() == 2


def test_the_same_input_in_a_new_form_creates_another(paper, alice):
    link(Browser(alice), paper).submit()
    link(Browser(alice), paper).submit()
    assert Invitation.objects.count() == 2


def test_a_form_with_errors_may_be_sent_again(paper, alice):
    form = proposal(Browser(alice), paper)
    form.fill("address", "not an address")
    for _ in range(2):
        page = form.submit()
        assert page.status == 422
        assert page.errors()
    assert not Submission.objects.exists()


def test_two_people_never_share_a_key(paper, alice, bob):
    """Somebody else's key, however it became known, neither blocks a form nor reveals a page."""
    form = comment(Browser(alice), paper)
    form.submit()
    theirs = comment(Browser(bob), paper)
    for field in theirs.page.root.all("input"):
        if field.get("name") == "once":
            field.attrs["value"] = str(Submission.objects.get().key)
    theirs.submit()
    assert Comment.objects.count() == 2


def test_a_key_that_is_none_is_ignored(paper, alice):
    form = comment(Browser(alice), paper)
    for field in form.page.root.all("input"):
        if field.get("name") == "once":
            field.attrs["value"] = "nonsense"
    form.submit()
    assert Comment.objects.count() == 1
    assert not Submission.objects.exists()


def test_keys_are_forgotten_after_a_day(paper, alice):
    comment(Browser(alice), paper).submit()
    run_due_jobs(timezone.now() + timedelta(hours=23))
    assert Submission.objects.exists()
    run_due_jobs(timezone.now() + timedelta(days=2))
    assert not Submission.objects.exists()


def added_date(browser, poll):
    form = browser.open(f"{poll.get_absolute_url()}poll/").form("Save")
    form.fill("day_0", f"{timezone.now() + timedelta(days=30):%Y-%m-%d}")
    form.fill("hour_0", "15:00")
    return form


def reminder(browser, poll):
    return browser.open(poll.get_absolute_url()).form("Remind 1 member")


def chosen_date(browser, poll):
    pick = f"{poll.options.get().pk}:"
    address = reverse("discussion-fix", args=[poll.group.slug, poll.pk], query={"pick": pick})
    return browser.open(address).form("Choose this date")


def reopened_poll(browser, poll):
    date_polls.fix_date(option=poll.options.get(), by=None)
    address = reverse("discussion-poll-reopen", args=[poll.group.slug, poll.pk])
    return browser.open(address).form("Reopen the date poll")


DECIDE = [added_date, reminder, chosen_date, reopened_poll]


@pytest.fixture
def open_poll(group, alice, bob):
    starts_at = timezone.now() + timedelta(days=9)
    options = [(starts_at, starts_at + timedelta(hours=1))]
    return date_polls.open_poll(group=group, by=alice, options=options)


@pytest.mark.parametrize("fill", DECIDE, ids=lambda fill: fill.__name__)
def test_a_decision_on_a_poll_that_is_sent_twice_is_no_error(fill, open_poll, alice):
    form = fill(Browser(alice), open_poll)
    first = form.submit()
    told = Notice.objects.count()
    second = form.submit()
    assert (second.status, second.address) == (200, first.address)
    assert first.errors() == second.errors() == []
    assert REPEATED in second.root.text
    assert Notice.objects.count() == told


def test_a_refused_decision_may_be_sent_again(open_poll, alice, monkeypatch):
    form = reminder(Browser(alice), open_poll)
    with monkeypatch.context() as patch:
        patch.setattr(fan_out, "MAX_EVENTS", 0)
        assert form.submit().errors()
    page = form.submit()
    assert "1 member is reminded." in page.root.text
    assert REPEATED not in page.root.text
