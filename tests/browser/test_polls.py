"""A date poll in a browser: with scripts and without, wide and narrow, light and dark."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from papers.models import Discussion, Membership, Offer
from papers.services import date_polls
from papers.services.voting import set_vote
from tests.browser.looks import in_both_widths_too
from tests.factories import make_paper, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW = "/curious-minds/discussions/poll/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOON = (timezone.now() + 30 * DAY).replace(hour=16, minute=0, second=0, microsecond=0)
LONG = "On the tides of a moon that is very far away and of which nothing at all is known"


@pytest.fixture
def poll(group, alice, bob):
    """Twelve dates, nine members with long names, two papers; all but Bob and Alice answered."""
    group.time_zone, bob.time_zone = "Europe/Berlin", "Asia/Kathmandu"
    group.save()
    bob.save()
    papers = [make_paper(group=group, title=title) for title in (LONG, r"In $\mathcal{O}(n)$")]
    make = [make_paper(group=group, title=f"{'Long' * 30} {number}") for number in range(3)]
    options = [(SOON + day * DAY, SOON + day * DAY + HOUR) for day in range(12)]
    poll = date_polls.open_poll(
        group=group, by=alice, options=options, papers=papers, answer_by=SOON - DAY, quorum=4
    )
    for number in range(9):
        user = make_user(f"member{number}")
        user.name = f"Maximiliane von der Oberen-Niederlausitz {number}"
        user.save()
        Membership.objects.create(group=group, user=user)
        set_vote(paper=papers[0], user=user, stance="wait" if number % 3 else "want")
        set_vote(paper=make[number % 3], user=user, stance="want")
        Offer.objects.create(paper=papers[1], user=user)
        if number:
            pks = poll.options.values_list("pk", flat=True)
            said = [["yes", "maybe", "no", ""][(number + n) % 4] for n in range(len(pks))]
            answers = dict(zip(pks, said, strict=True))
            date_polls.save_answers(discussion=poll, user=user, answers=answers)
    return poll


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def unfold(page):
    """Open the tables of the poll."""
    for summary in page.locator(".table-of > summary").all():
        summary.click()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_asked_answered_and_fixed(open_page, group, alice, bob, javascript):
    paper = make_paper(group=group, title="Tides")
    set_vote(paper=paper, user=bob, stance="want")
    page = open_page(alice, f"{NEW}?top=yes", javascript=javascript)
    expect(page.get_by_label("Tides")).to_be_checked()
    button(page, "Ask the members").click()
    page.wait_for_url("**/discussions/*/")
    poll = Discussion.objects.get()
    assert poll.options.count() == 4
    there = poll.get_absolute_url()

    theirs = open_page(bob, there, javascript=javascript)
    dates = theirs.locator(".dates > li")
    for number, answer in enumerate(["No", "If necessary", "Yes"]):
        dates.nth(number).locator(".answer").get_by_text(answer).click()
    button(theirs, "Save my answers").click()
    expect(theirs.locator(".poll-grid .mine")).to_contain_text("Bob (you)")
    expect(theirs.locator(".poll-grid .mine td")).to_have_text(
        ["✗ no", "≈ if necessary", "✓ yes", "–no answer"]
    )
    expect(dates.nth(2)).to_contain_text("★ Best")
    expect(dates.nth(2)).to_contain_text("The one who wants it can come.")

    page.goto(there)
    button(page, "Remind 1 member").click()  # Bob has not answered the fourth date
    expect(page.locator("#poll")).to_contain_text("A reminder was sent today.")
    page.get_by_text("Compare papers and dates").click()
    page.locator(".matrix .best input").check()
    button(page, "Choose this paper and date").click()
    expect(page.locator("main")).to_contain_text("1 member will be notified by mail.")
    button(page, "Choose this date").click()
    expect(page.locator("main")).to_contain_text("The date is chosen. 1 member is notified.")
    expect(page.locator("#poll")).to_have_count(0)
    poll.refresh_from_db()
    assert poll.starts_at == poll.options.all()[2].starts_at
    assert [rsvp.user for rsvp in poll.rsvps.all()] == [bob]


def test_days_are_picked_on_a_calendar_and_one_hour_is_copied(open_page, group, alice):
    page = open_page(alice, NEW)
    days, hours = page.locator("[type=date][name^=day_]"), page.locator("[type=time]")
    for number in range(4):
        days.nth(number).fill("")
        hours.nth(number).fill("")
    hours.nth(0).fill("10:30")
    page.get_by_role("button", name="Next month").click()
    for day in (9, 3, 20, 3):  # the third is picked, and taken back
        page.get_by_role("button", name=re.compile(rf"\b{day} \w+ 20")).click()
    picked = page.locator(".day-picker [aria-pressed=true]")
    expect(picked).to_have_text(["9", "20"])
    hours.nth(2).fill("12:00")
    page.get_by_text("Use the first hour for all dates").click()
    button(page, "Ask the members").click()
    page.wait_for_url("**/discussions/*/")
    starts = Discussion.objects.get().options.values_list("starts_at", flat=True)
    assert [f"{start:%d %H:%M}" for start in starts] == ["09 10:30", "20 10:30"]


def test_a_day_fills_the_first_free_row_also_where_it_is_folded(open_page, group, alice):
    page = open_page(alice, NEW)
    for number in range(8):
        day = SOON + number * DAY
        page.locator("[type=date][name^=day_]").nth(number).fill(f"{day:%Y-%m-%d}")
    page.get_by_role("button", name="Next month").click()
    page.get_by_role("button", name="Next month").click()
    page.locator(".day-picker [data-day]").last.click()
    expect(page.get_by_label("Day of date 9")).to_be_visible()
    expect(page.get_by_label("Day of date 9")).not_to_have_value("")
    assert page.get_by_label("Hour of date 9").input_value()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_ways_to_meet_stand_in_one_line(open_page, alice, group, width):
    page = open_page(alice, NEW, width=width)
    tops = page.locator(".ways a").evaluate_all("links => links.map(one => one.offsetTop)")
    assert len(set(tops)) == 1


def test_tables_are_folded_and_use_the_width_of_the_page(open_page, alice, poll):
    page = open_page(alice, poll.get_absolute_url(), width=1280)
    table = page.locator(".sideways").first
    expect(table).to_be_hidden()
    page.get_by_text("Answers of each member").click()
    expect(table).to_be_visible()
    assert table.bounding_box()["width"] > 1000


def test_a_keyboard_answers(open_page, group, alice, bob):
    options = [(SOON, SOON + HOUR)]
    poll = date_polls.open_poll(group=group, by=alice, options=options)
    page = open_page(bob, poll.get_absolute_url())
    page.locator(".answer input").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".poll-grid .mine td")).to_have_text(["≈ if necessary"])


def test_more_dates_are_folded_away_and_come_back_where_wrong(open_page, group, alice):
    page = open_page(alice, NEW)
    expect(page.get_by_label("Day of date 9")).to_be_hidden()
    page.get_by_text("Even more dates").click()
    page.fill("[name=day_12]", "2020-01-01")
    page.fill("[name=place]", "The attic")
    button(page, "Ask the members").click()
    expect(page.get_by_label("Day of date 13")).to_be_visible()
    expect(page.locator("main")).to_contain_text("more than two years ago")
    assert page.input_value("[name=place]") == "The attic"
    assert page.get_by_label("Day of date 13").get_attribute("aria-invalid") == "true"


@in_both_widths_too
def test_axe_finds_nothing(open_page, axe, alice, bob, poll, width, dark):
    there = poll.get_absolute_url()
    for user in (alice, bob):
        page = open_page(user, there, width=width, dark=dark)
        unfold(page)
        page.locator(".answer label").nth(1).click()
        assert axe(page) == []
        for choice in ("main button", "main input[type=radio]"):
            names = page.locator(choice).evaluate_all(
                "found => found.map(one => (one.labels?.[0] ?? one).textContent.trim())"
            )
            assert len(names) == len(set(names)), choice
    page = open_page(alice, NEW, width=width, dark=dark)
    assert axe(page) == []
    for path in ("poll/", f"fix/?pick={poll.options.first().pk}:", "cancel/"):
        page.goto(f"{there}{path}")
        assert axe(page) == [], path


@pytest.mark.parametrize("width", [320, 390, 850, 1280])
def test_nothing_scrolls_sideways_but_the_tables(open_page, alice, bob, poll, width):
    there = poll.get_absolute_url()
    for user, paths in ((alice, [there, NEW, f"{there}poll/"]), (bob, [there])):
        page = open_page(user, width=width)
        for path in paths:
            page.goto(path)
            unfold(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    table = page.locator(".sideways").first
    assert table.evaluate("one => one.scrollWidth > one.clientWidth")
    table.evaluate("one => one.scrollTo(400, 0)")
    name = page.locator(".poll-grid .mine th").bounding_box()
    assert name["x"] >= 0  # it stays where it is


def test_what_is_pressed_is_large_enough(open_page, alice, poll):
    page = open_page(alice, poll.get_absolute_url(), width=390)
    unfold(page)
    for one in page.locator("#poll button:visible, .answer label, .matrix label").all():
        box = one.bounding_box()
        assert min(box["width"], box["height"]) >= 24
