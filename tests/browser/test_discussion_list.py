"""The list of discussions and the month in a browser: with scripts, without, on a phone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from papers.models import Rsvp
from tests.browser.looks import in_both_widths
from tests.factories import make_meeting, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/curious-minds/discussions/"
MONTH = f"{LIST}month/"
DAY = timedelta(days=1)


@pytest.fixture
def shelf(group, alice, bob):
    """One of each kind, with what is hard to show."""
    group.time_zone, bob.time_zone = "Europe/Berlin", "Asia/Kathmandu"
    group.save()
    bob.save()
    long = make_paper(group=group, title="Long" * 40)
    math = make_paper(group=group, title=r"In $\mathcal{O}(n)$", topics=["Vision"])
    plain = make_paper(group=group, title="Kernels", topics=["Theory"])
    now = timezone.now().replace(hour=12, minute=0)
    coming = make_meeting(
        group=group, papers=[math, long], starts_at=now + DAY, place="Room" * 30, seats=4
    )
    coming.agenda.filter(paper=math).update(presenter=alice, is_confirmed=True)
    Rsvp.objects.create(discussion=coming, user=bob, answer="remote")
    for number in range(3):  # as a group has them that meets every week: the same words
        make_meeting(group=group, starts_at=now + 2 * DAY + number * DAY)
    poll = make_meeting(group=group, papers=[plain], state="polling", answer_by=now + 2 * DAY)
    for number in range(3):
        starts_at = now + number * DAY + DAY
        poll.options.create(position=number, starts_at=starts_at, ends_at=starts_at + DAY / 24)
    make_meeting(group=group, papers=[plain], starts_at=now - 2 * DAY)
    make_meeting(group=group, papers=[plain], starts_at=now, state="cancelled")
    for number in range(30):
        held = make_meeting(
            group=group,
            papers=[math, plain] if number % 2 else [plain],
            starts_at=now - (30 + 20 * number) * DAY,
            state="held",
        )
        held.agenda.update(verdict="worth", presenter=alice, is_confirmed=True)


def wait_for(page, address):
    page.wait_for_function("address => location.pathname + location.search == address", arg=address)
    page.wait_for_selector("#discussion-list:not(.htmx-request)")


def test_filters_chips_and_the_way_back(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.check("#state-past")
    wait_for(page, f"{LIST}?state=past")
    assert page.inner_text("#count") == page.inner_text("#announced") == "31 discussions"
    assert page.evaluate("document.activeElement.id") == "state-past"
    page.fill("#q", "mathcal")
    wait_for(page, f"{LIST}?q=mathcal&state=past")
    expect(page.locator("#count")).to_have_text("15 discussions")
    page.get_by_role("link", name="Remove the filter Past").click()
    wait_for(page, f"{LIST}?q=mathcal")
    expect(page.locator("#count")).to_have_text("16 discussions")
    page.go_back()
    wait_for(page, f"{LIST}?q=mathcal&state=past")
    expect(page.locator("#state-past")).to_be_checked()


def test_without_scripts(open_page, bob, shelf):
    page = open_page(bob, LIST, javascript=False)
    page.select_option("#presenter", "alice")
    page.check("#topic-vision")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url(f"**{LIST}?topic=vision&presenter=alice")
    expect(page.locator("#count")).to_have_text("16 discussions")
    page.goto(f"{LIST}?page=2")
    expect(page.locator(".here")).to_have_text("2")


def test_an_invalid_year_is_said_beside_its_field(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.fill("#year", "26")
    page.press("#year", "Enter")
    page.wait_for_selector("#year-error")
    assert page.input_value("#year") == "26"
    assert page.get_attribute("#year", "aria-describedby") == "year-error"


def test_a_meeting_is_scheduled_from_a_day_of_the_month(open_page, alice, shelf):
    page = open_page(alice, MONTH)
    page.get_by_role("navigation", name="Months").get_by_role("link").last.click()
    page.wait_for_url("**?month=*")
    page.get_by_role("link", name=re.compile("Schedule a meeting on 3 ")).click()
    page.wait_for_url("**/new/?on=*-03")
    assert page.input_value("[name=day]").endswith("-03")


def test_on_a_phone_the_month_is_a_list(open_page, bob, shelf):
    page = open_page(bob, MONTH, width=390)
    expect(page.locator("table.month")).to_be_hidden()
    expect(page.locator(".month-days")).to_be_visible()
    wide = open_page(bob, MONTH, width=1280)
    expect(wide.locator("table.month")).to_be_visible()
    expect(wide.locator(".month-days")).to_be_hidden()


PATHS = [
    LIST,
    f"{LIST}?state=past&state=upcoming",
    f"{LIST}?q=nothing+at+all",
    f"{LIST}?year=26",
    MONTH,
    f"{MONTH}?month=1999-01",
]


@in_both_widths
def test_axe_finds_nothing_and_no_name_is_there_twice(
    open_page, axe, alice, shelf, group, width, dark
):
    page = open_page(alice, width=width, dark=dark)
    for path in PATHS:
        page.goto(path)
        assert axe(page) == [], path
        names = page.locator("main a:visible").all_text_contents()
        assert len(names) == len(set(names)), path


@pytest.mark.parametrize("width", [320, 390, 850, 1280])
def test_nothing_scrolls_sideways(open_page, alice, bob, shelf, width):
    for user in (alice, bob):
        page = open_page(user, width=width)
        for path in PATHS:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_what_is_pressed_is_large_enough(open_page, alice, shelf):
    page = open_page(alice, MONTH)
    for link in page.locator("table.month a").all():
        box = link.bounding_box()
        assert min(box["width"], box["height"]) >= 24
