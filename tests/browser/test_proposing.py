"""Proposing a paper in a browser: with scripts and without."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from papers.models import Paper
from tests.browser.looks import in_both_widths
from tests.factories import make_meeting, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/curious-minds/papers/"
PROPOSE = f"{LIST}propose/"


@pytest.fixture
def discussed(group):
    """A paper that the group has discussed, with what is hard to show."""
    title = r"Sorting in $\mathcal{O}(n)$ by Forgetting " + "long" * 30
    paper = make_paper(group=group, title=title, status="discussed")
    at = datetime(2025, 3, 3, 12, tzinfo=UTC)
    make_meeting(group=group, papers=[paper], state="held", starts_at=at)
    return paper


def propose(page, title, address="", abstract=""):
    page.get_by_label("Address").fill(address)
    page.get_by_label("Title").fill(title)
    page.get_by_label("Abstract").fill(abstract)
    page.get_by_role("button", name="Propose the paper").click()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_a_paper_is_proposed_corrected_and_withdrawn(open_page, bob, group, javascript):
    page = open_page(bob, LIST, javascript=javascript)
    page.get_by_role("link", name="Propose a paper").first.click()
    propose(page, "Sorting by Forgetting", "nonsense", "It costs $x^2$.")
    expect(page.locator("#id_address_error")).to_contain_text(
        "This is no arXiv id, DOI or address."
    )
    expect(page.get_by_label("Abstract")).to_have_value("It costs $x^2$.")
    page.get_by_label("Address").fill("https://papers.example.org/forgetting.pdf")
    page.get_by_role("button", name="Propose the paper").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sorting by Forgetting")
    expect(page.get_by_text("Proposed by Bob")).to_be_visible()
    link = page.get_by_role("link", name="papers.example.org")
    expect(link).to_have_attribute("href", "https://papers.example.org/forgetting.pdf")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title").fill("Sorting by Remembering")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sorting by Remembering")
    page.get_by_role("link", name="Withdraw").click()
    page.get_by_role("button", name="Withdraw the proposal").click()
    expect(page.get_by_text("The proposal was withdrawn.")).to_be_visible()
    assert not Paper.objects.exists()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
def test_what_looks_like_one_we_discussed_is_shown_first(open_page, bob, discussed, javascript):
    page = open_page(bob, PROPOSE, javascript=javascript)
    propose(page, f"{discussed.title} Twice", "10.1000/182", "Two lines,\nof an abstract.")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("The group has a similar paper")
    expect(alert).to_contain_text("We discussed this on 3 March 2025.")
    expect(page.get_by_label("Abstract")).to_have_value("Two lines,\nof an abstract.")
    expect(page.get_by_label("Address")).to_have_value("10.1000/182")
    page.get_by_role("button", name="Add my paper anyway").click()
    expect(page.get_by_text("The paper was added.")).to_be_visible()
    assert Paper.objects.filter(doi="10.1000/182", votes__user=bob).exists()


@in_both_widths
def test_axe_finds_nothing(open_page, axe, bob, discussed, width, dark):
    page = open_page(bob, PROPOSE, width=width, dark=dark)
    assert axe(page) == []
    propose(page, discussed.title, "nonsense")
    expect(page.locator("#id_address_error")).to_be_visible()
    assert axe(page) == []
    propose(page, f"{discussed.title} Twice")
    expect(page.get_by_role("alert")).to_be_visible()
    assert axe(page) == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) == 0
    page.get_by_role("button", name="Add my paper anyway").click()
    expect(page.get_by_text("Proposed by Bob")).to_be_visible()
    assert axe(page) == []
    for act in ("edit", "withdraw"):
        page.goto(f"{Paper.objects.latest('pk').get_absolute_url()}{act}/")
        assert axe(page) == []
