"""Setting up a new group in a browser, which offers its time zone."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import in_both_widths_too
from tests.factories import make_group, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def root(db):
    make_group("Reading group", set_up_at=None, set_up_dismissed_at=None)
    return make_user("root", is_superuser=True, is_staff=True)


def in_kolkata(page):
    """Move the browser to where some browsers still say Asia/Calcutta."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Calcutta"})
    page.reload()


def test_the_zone_of_the_browser_is_chosen_for_a_new_group(open_page, root):
    page = open_page(root, "/reading-group/")
    in_kolkata(page)
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Kolkata")
    page.get_by_role("button", name="Save and become organiser").click()
    expect(page.get_by_text("Reading group is set up, and you are an organiser.")).to_be_visible()


def test_the_settings_offer_the_zone_of_the_browser(open_page, group, alice):
    page = open_page(alice, "/curious-minds/settings/")
    in_kolkata(page)
    expect(page.get_by_label("Time zone")).to_have_value("UTC")
    page.get_by_role("button", name="Use Asia/Kolkata").click()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Kolkata")
    expect(page.get_by_role("button", name="Use Asia/Kolkata")).to_be_hidden()


@in_both_widths_too
def test_axe_finds_nothing_on_the_card(open_page, axe, root, width, dark):
    page = open_page(root, "/reading-group/", width=width, dark=dark)
    assert axe(page) == []
    page.get_by_label("Time zone").select_option("UTC")
    page.get_by_role("button", name="Save and become organiser").click()
    expect(page.get_by_role("link", name="Invite people")).to_be_visible()
    assert axe(page) == []
