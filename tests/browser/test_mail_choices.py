"""Choosing what one is mailed, as a person does it."""

import pytest
from playwright.sync_api import expect

from papers.notifications import fan_out, unsubscribe
from tests.browser.looks import in_all_widths_too
from tests.factories import make_group, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def bob():
    bob = make_user("bob")
    make_group(members=[bob])
    return bob


@pytest.mark.parametrize("javascript", [True, False])
def test_i_choose_on_one_page_and_a_mail_ends_its_kind(open_page, bob, javascript):
    page = open_page(bob, "/me/", javascript=javascript)
    page.get_by_role("link", name="Change your e-mail settings").click()
    page.get_by_role(
        "radio",
        name="Daily digest (A meeting is scheduled, changed or cancelled)",
    ).check()
    page.get_by_role("radio", name="Immediately (Reminder, 1 hour before)").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("radio", name="Immediately (Reminder, 1 hour before)")).to_be_checked()
    ways = fan_out.delivery_choices(bob)
    assert (ways["date"], ways["hour"], ways["poll"]) == ("digest", "now", "now")

    path = f"/mail/stop/{unsubscribe.token_for(bob, 'hour')}/"
    page = open_page(None, path, javascript=javascript)
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_text("gets no more e-mails of this kind")).to_be_visible()
    assert fan_out.delivery_choices(bob)["hour"] == "off"


@in_all_widths_too
def test_the_pages_are_for_everybody(open_page, axe, bob, width, dark):
    for user, path in (
        (bob, "/me/mail/"),
        (None, f"/mail/stop/{unsubscribe.token_for(bob, 'date')}/"),
    ):
        page = open_page(user, path, width=width, dark=dark)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
