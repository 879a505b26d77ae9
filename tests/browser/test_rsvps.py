"""Who is going and who presents, in a browser: with scripts and without, wide and narrow."""

import pytest
from playwright.sync_api import expect

from papers.models import Membership, Offer
from papers.services import presenters, rsvps
from tests.browser.looks import in_all_widths
from tests.factories import make_meeting, make_paper, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "On the tides of a moon that is very far away and of which nothing at all is known"


@pytest.fixture
def meeting(group, alice):
    """Two papers, one seat and Dan on it; Dan presents the second."""
    dan = make_user("dan")
    dan.name = "Daniela Maximiliane von der Oberen-Niederlausitz"
    dan.save()
    Membership.objects.create(group=group, user=dan)
    papers = [make_paper(group=group, title=title) for title in (LONG, "Sorting")]
    meeting = make_meeting(group=group, papers=papers, seats=1, created_by=alice)
    Offer.objects.create(paper=papers[0], user=dan)
    rsvps.set_rsvp(discussion=meeting, user=dan, answer="coming")
    presenters.take_item(item=meeting.agenda.select_related("discussion").last(), user=dan)
    return meeting


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_an_answer_and_taking_it_back(open_page, bob, meeting, javascript):
    page = open_page(bob, meeting.get_absolute_url(), javascript=javascript)
    button(page, "Join the waiting list").click()
    expect(page.locator("#rsvp")).to_contain_text("You are first on the waiting list.")
    expect(button(page, "On the waiting list")).to_have_attribute("aria-pressed", "true")
    button(page, "Joining online").click()
    expect(page.locator("#rsvp")).to_contain_text("You are joining online.")
    button(page, "Joining online").click()
    expect(page.locator("#rsvp")).to_contain_text("You have not answered yet.")
    assert not meeting.rsvps.filter(user=bob).exists()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_asked_confirmed_and_swapped(open_page, alice, bob, meeting, javascript):
    first = meeting.agenda.first()
    there = meeting.get_absolute_url()
    page = open_page(alice, there, javascript=javascript)
    expect(page.locator(f"#i{first.pk}")).to_contain_text("who offered to present it")
    page.get_by_text(f"Ask somebody else to present: {LONG}").click()
    page.get_by_label(f"Who presents: {LONG}").select_option("Bob")
    button(page, f"Ask them to present: {LONG}").click()
    expect(page.locator(f"#i{first.pk}")).to_contain_text("Bob is asked to present it.")
    page = open_page(bob, there, javascript=javascript)
    page.get_by_role("button", name="Yes, I'll present").click()
    expect(page.locator(f"#i{first.pk}")).to_contain_text("You present it.")
    page.locator(f"#i{first.pk} summary", has_text="Swap").click()
    button(page, f"Swap for what is chosen: {LONG}").click()
    expect(page.locator(f"#i{first.pk}")).to_contain_text("Until that is agreed you present this.")
    page = open_page(meeting.agenda.last().presenter, there, javascript=javascript)
    button(page, f"I swap and present: {LONG}").click()
    expect(page.locator(f"#i{first.pk}")).to_contain_text("You present it.")
    expect(page.locator(f"#i{meeting.agenda.last().pk}")).to_contain_text("Bob presents it.")


@in_all_widths
def test_it_can_be_read_and_used_by_all(open_page, axe, alice, bob, meeting, width, dark):
    rsvps.set_rsvp(discussion=meeting, user=bob, answer="coming")
    presenters.ask_to_present(item=meeting.agenda.first(), by=alice, user=bob)
    for user in (alice, bob):
        page = open_page(user, meeting.get_absolute_url(), width=width, dark=dark)
        for summary in page.locator(".ways-to-present summary").all():
            summary.click()
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide
        assert axe(page) == []
        names = page.locator(
            ".main-part button, .main-part summary, .main-part select, #rsvp button"
        )
        said = names.evaluate_all(
            "all => all.map(one => one.tagName + (one.labels?.[0] ?? one).textContent.trim())"
        )
        assert len(said) == len(set(said))
        heights = names.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        assert min(heights) >= 24
