"""The size of what is pressed on a phone: 44 px for acts, 24 px for other links."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from papers.services.voting import set_offer, set_vote
from tests.factories import make_comment, make_meeting, make_paper
from tests.importing.texts import BROKEN, SORTING, TIDES, listing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME = "/curious-minds/"
ACTS = "button, summary, a.button, .chip, .clear, .tabs a, nav a, label:has(input)"
# What is too small, of the acts and of the links that do not stand in a sentence.
SMALL = """([acts, most]) => {
  const isShown = (one) => one.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const isHidden = (one) => one.closest(".visually-hidden, .skip");
  const describe = (one, box) =>
    `${one.localName}.${one.className} “${one.innerText.trim().slice(0, 30)}” `
    + `${Math.round(box.width)} x ${Math.round(box.height)}`;
  const tooSmall = (selector, least) => [...document.querySelectorAll(selector)]
    .filter((one) => isShown(one) && !isHidden(one))
    .map((one) => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => Math.min(box.width, box.height) < least - 0.5)
    .map(([one, box]) => describe(one, box));
  return tooSmall(acts, most);
}"""


@pytest.fixture
def pages(group, alice, bob):
    """The addresses of the core pages, with all the acts that an organiser finds there."""
    papers = [make_paper(group=group, title=f"Paper {n}", topics=["Vision"]) for n in range(3)]
    for user in (alice, bob):
        set_vote(paper=papers[0], user=user, stance="want")
    set_offer(paper=papers[0], user=bob, can_present=True)
    make_comment(paper=papers[0], user=bob, body="How so?", is_question=True)
    poll = make_meeting(group=group, state="polling", papers=papers[1:2])
    for day in (3, 4):
        at = datetime(2099, 3, day, 18, tzinfo=UTC)
        poll.options.create(position=day, starts_at=at, ends_at=at.replace(hour=19))
    meeting = make_meeting(group=group, papers=papers[2:])
    return {
        "home": HOME,
        "list": f"{HOME}papers/",
        "filtered list": f"{HOME}papers/?q=paper&status=open&status=scheduled",
        "paper": papers[0].get_absolute_url(),
        "meeting": meeting.get_absolute_url(),
        "poll": poll.get_absolute_url(),
        "discussions": f"{HOME}discussions/",
        "new poll": f"{HOME}discussions/poll/",
        "members": f"{HOME}members/",
    }


def test_acts_are_large_enough_for_a_finger(open_page, alice, pages):
    page = open_page(alice, width=390)
    found = {}
    for name, address in pages.items():
        page.goto(address)
        if page.locator(".filters-switch").count():
            page.locator(".filters-switch").first.click()
        for menu in page.locator("main .vote details.menu, main .vote-wide details.menu").all()[:1]:
            menu.locator("summary").click()
        found[name] = page.evaluate(SMALL, [ACTS, 44])
    assert {name: small for name, small in found.items() if small} == {}


def test_links_on_their_own_are_large_enough_to_hit(open_page, alice, pages):
    """Links in a sentence or a title are as high as its lines."""
    page = open_page(alice, width=390)
    found = {}
    for name, address in pages.items():
        page.goto(address)
        found[name] = page.evaluate(SMALL, ["a:not(:is(p, h1, h2, h3, .title) a)", 24])
    assert {name: small for name, small in found.items() if small} == {}


def test_acts_on_a_listing_are_large_enough_for_a_finger(open_page, alice, group):
    acts = "button, summary, select, a.button, input:is([type=submit], [type=file], [type=date])"
    page = open_page(alice, "/admin/papers/listing/add/", width=390)
    assert page.evaluate(SMALL, [f"#content :is({acts})", 44]) == []
    page.get_by_label("File").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": listing(TIDES, BROKEN, SORTING)}
    )
    page.get_by_role("button", name="Read the listing").click()
    page.wait_for_url(re.compile(r"/listing/\d+/"))
    assert page.evaluate(SMALL, [f"#content :is({acts})", 44]) == []


@pytest.mark.parametrize("touch", [True, False])
def test_a_phone_is_not_told_of_keys_it_does_not_have(open_page, alice, pages, touch):
    page = open_page(alice, pages["paper"], width=390, touch=touch)
    expect(page.get_by_label("Write a comment")).to_be_visible()
    expect(page.get_by_text("sends it.").last).to_be_visible(visible=not touch)
