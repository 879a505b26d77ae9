"""Secret addresses in a browser: made, copied, used and revoked; and a meeting taken along."""

import re

import pytest
from playwright.sync_api import expect

from papers.models import Feed
from papers.services import feeds
from tests.browser.looks import in_all_widths
from tests.factories import make_meeting, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/me/feeds/"


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_an_address_is_made_used_and_revoked(open_page, bob, group, javascript):
    make_meeting(group=group, papers=[make_paper(group=group, title="Tides")])
    page = open_page(bob, "/me/", javascript=javascript)
    page.get_by_role("link", name="Manage subscriptions").click()
    expect(page.get_by_text("You have no links yet.")).to_be_visible()
    page.get_by_label("What to subscribe to").select_option("All meetings of Curious minds")
    page.get_by_label("Name", exact=True).fill("Phone")
    page.get_by_label("Alarm").select_option("1 hour before")
    page.get_by_role("button", name="Create a link").click()
    expect(page.get_by_role("heading", name="Your new link")).to_be_visible()
    address = page.get_by_label("Private link").input_value()
    assert re.fullmatch(r"http://[^/]+/feeds/[\w-]{43}/calendar\.ics", address)
    subscribe = page.get_by_role("link", name="Subscribe on this device")
    expect(subscribe).to_have_attribute("href", address.replace("http:", "webcal:"))
    expect(page.get_by_role("button", name="Copy")).to_have_count(1 if javascript else 0)
    response = page.request.get(address)
    assert "SUMMARY:Curious minds: Tides" in response.text()
    page.goto(PAGE)
    expect(page.get_by_label("Private link")).to_have_count(0)
    expect(page.get_by_text("last used on")).to_be_visible()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke the link").click()
    expect(page.get_by_text("It no longer works")).to_be_visible()
    assert page.request.get(address).status == 404


def test_a_meeting_is_taken_along(open_page, bob, group):
    meeting = make_meeting(group=group, papers=[make_paper(group=group, title="Tides")])
    page = open_page(bob, meeting.get_absolute_url())
    with page.expect_download() as download:
        page.get_by_role("link", name="Download .ics").click()
    text = download.value.path().read_text()
    assert download.value.suggested_filename == f"curious-minds-meeting-{meeting.pk}.ics"
    assert f"UID:{meeting.uid}@" in text
    google = page.get_by_role("link", name="Google Calendar")
    expect(google).to_have_attribute("href", re.compile("^https://calendar.google.com/"))
    expect(google).to_have_attribute("rel", "noreferrer")
    expect(page.get_by_role("link", name="Outlook")).to_be_visible()
    page.get_by_role("link", name="Subscribe").click()
    page.wait_for_url(f"**{PAGE}?group=curious-minds")


@in_all_widths
def test_everybody_can_use_the_pages(open_page, axe, bob, group, width, dark):
    group.name = "Long" * 24
    group.save()
    meeting = make_meeting(group=group, papers=[make_paper(group=group)])
    for kind in Feed.Kind.values:
        of = group if kind in Feed.GROUP_KINDS else None
        feeds.create_feed(user=bob, kind=kind, group=of, label="phone" * 12)
    page = open_page(bob, PAGE, width=width, dark=dark)
    page.get_by_label("What to subscribe to").select_option("Only meetings where I present")
    page.get_by_role("button", name="Create a link").click()
    expect(page.get_by_role("heading", name="Your new link")).to_be_visible()
    _is_fine(page, axe)
    names = [link.inner_text() for link in page.get_by_role("link", name="Revoke").all()]
    assert len(names) == len(set(names)) == 7
    for path in (f"{PAGE}{Feed.objects.first().pk}/revoke/", meeting.get_absolute_url()):
        page.goto(path)
        _is_fine(page, axe)


def _is_fine(page, axe):
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
