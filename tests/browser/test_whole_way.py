"""The whole way: a listing becomes papers, votes, a date, a meeting, and what came of it."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from papers.models import Discussion, Feed, Mail
from tests.importing.texts import SORTING, TIDES, listing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Tides Under the Ice of Small Moons"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_from_a_listing_to_what_the_group_learned(
    open_page, worker, client, group, alice, bob, tmp_path, javascript
):
    organiser = open_page(alice, f"/{group.slug}/papers/", javascript=javascript)
    member = open_page(bob, f"/{group.slug}/", javascript=javascript)
    feed = feeding_address(bob, group)

    upload(organiser, worker, tmp_path)
    vote(member, group)
    meeting = poll(organiser, member, group, worker)
    worker()
    assert Mail.objects.filter(to=bob.email, state="sent").count() == 2  # asked, and fixed
    assert "STATUS:CONFIRMED" in client.get(feed).text

    # Bob said yes, and comes; he joins online after all, and presents.
    member.goto(f"/{group.slug}/")
    coming = member.get_by_role("button", name="Going", exact=True)
    expect(coming).to_have_attribute("aria-pressed", "true")
    remote = member.get_by_role("button", name="Joining online", exact=True)
    remote.click()
    expect(remote).to_have_attribute("aria-pressed", "true")
    member.goto(meeting.get_absolute_url())
    member.get_by_role("button", name="I'll present this").click()
    expect(member.locator("#agenda")).to_contain_text("You present it")

    meet(meeting, member)
    conclude(organiser, meeting)
    worker()
    member.goto(f"/{group.slug}/discussions/")
    expect(member.locator("main")).to_contain_text(TITLE)
    expect(member.locator("main")).to_contain_text("Worth it")
    member.goto(f"/{group.slug}/papers/?status=discussed")
    expect(member.get_by_role("heading", name="1 paper", exact=True)).to_be_visible()
    with member.expect_download() as download:
        member.goto(f"/{group.slug}/discussions/")
        member.get_by_role("link", name=re.compile("BibTeX")).click()
    assert "worth it. The ice is thin." in download.value.path().read_text()


def feeding_address(user, group):
    """The secret address of the group's calendar."""
    token = Feed.new_token()
    Feed.objects.create(user=user, group=group, kind=Feed.Kind.GROUP, digest=Feed.digest_of(token))
    return f"/feeds/{token}/calendar.ics"


def upload(page, worker, folder):
    file = folder / "listing.txt"
    file.write_bytes(listing(TIDES, SORTING))
    page.get_by_role("link", name="Add a listing").first.click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_label("Captured on").fill("2025-11-26")
    page.get_by_role("button", name="Read the listing").click()
    page.wait_for_url(re.compile(r"/listing/\d+/"))
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    worker()
    expect(page.get_by_role("button", name="Take back")).to_be_visible(timeout=10_000)


def vote(page, group):
    page.goto(f"/{group.slug}/papers/")
    wish = page.get_by_role("button", name=f"Want to discuss: {TITLE}")
    with page.expect_response("**/vote/"):
        wish.click()
    expect(wish).to_have_attribute("aria-pressed", "true")


def poll(organiser, member, group, worker):
    """Alice asks for a date for the paper, Bob answers, she chooses the one he can come on."""
    organiser.goto(f"/{group.slug}/papers/?sort=ranking")
    organiser.get_by_role("link", name=TITLE).click()
    organiser.get_by_role("link", name="Ask for a date").click()
    expect(organiser.get_by_label(TITLE)).to_be_checked()
    organiser.get_by_role("button", name="Ask the members").click()
    organiser.wait_for_url("**/discussions/*/")
    meeting = Discussion.objects.get()
    worker()

    member.goto(f"/{group.slug}/")
    member.get_by_role("link", name=re.compile("When can you come")).click()
    dates = member.locator(".dates > li")
    for number, answer in enumerate(["No", "Yes"]):
        dates.nth(number).locator(".answer").get_by_text(answer).click()
    member.get_by_role("button", name="Save my answers").click()
    expect(member.locator(".poll-grid .mine")).to_contain_text("✓ yes")

    organiser.goto(meeting.get_absolute_url())
    organiser.locator(".dates > li").nth(1).get_by_role("link", name="Choose this date").click()
    organiser.get_by_role("button", name="Choose this date").click()
    expect(organiser.locator("main")).to_contain_text("The date is chosen")
    meeting.refresh_from_db()
    assert meeting.starts_at == meeting.options.all()[1].starts_at
    return meeting


def meet(meeting, page):
    """The hour has come: a question is asked and ticked off, and notes are taken."""
    starts_at = timezone.now() - timedelta(minutes=10)
    Discussion.objects.filter(pk=meeting.pk).update(
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)
    )
    page.goto(f"{meeting.get_absolute_url()}meeting/")
    page.get_by_label("Question", exact=True).fill("How thin is the ice?")
    page.get_by_role("button", name="Add the question").click()
    expect(page.locator("#queue")).to_contain_text("How thin is the ice?")
    page.get_by_role("button", name=re.compile("Answered")).click()
    expect(page.locator("#queue")).not_to_contain_text("1 still open")
    page.get_by_label("Shared notes").fill("Bob drew a *moon*.")
    page.get_by_role("button", name="Save the notes").click()
    expect(page.locator("main em")).to_have_text("moon")


def conclude(page, meeting):
    page.goto(meeting.get_absolute_url())
    page.get_by_role("link", name="Record the outcome").first.click()
    page.get_by_role("radio", name=re.compile("^Worth it")).check()
    page.get_by_label(re.compile("Take-aways")).fill("The ice is thin.")
    page.get_by_role("button", name="Save the outcome").click()
    page.wait_for_url(re.compile(r"/discussions/\d+/(#.*)?$"))
    expect(page.locator("main")).to_contain_text("The ice is thin.")
    expect(page.locator("main")).to_contain_text("Held")
