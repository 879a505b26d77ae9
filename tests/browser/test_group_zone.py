"""The step that asks what meetings keep in a new time zone, at all widths."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import in_all_widths
from tests.factories import make_meeting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@in_all_widths
def test_everybody_can_choose(open_page, axe, alice, group, width, dark):
    make_meeting(group=group)
    zone = "America/Argentina/Buenos_Aires"
    page = open_page(alice, f"/curious-minds/settings/time-zone/?to={zone}", width=width, dark=dark)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Keep the moments").check()
    page.get_by_role("button", name="Change the time zone").click()
    expect(page.get_by_text(f"The time zone is {zone} now.")).to_be_visible()
