"""Votes in a browser: at once with scripts, by the keyboard, taken back on failure; and without."""

import re

import pytest
from playwright.sync_api import expect

from papers.models import Offer, Vote
from papers.services.voting import set_offer, set_vote
from tests.browser.looks import in_both_widths
from tests.factories import make_comment, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOME = "/curious-minds/"
LIST = "/curious-minds/papers/"


@pytest.fixture
def shelf(group, alice):
    """Papers of which the first is wanted, can be presented, and has a thread."""
    papers = [make_paper(group=group, title=f"Paper {n:02}") for n in range(30)]
    for paper in papers[:6]:
        set_vote(paper=paper, user=alice, stance="wait")
    set_offer(paper=papers[0], user=alice, can_present=True)
    make_comment(paper=papers[0], user=alice, body="What of $x^2$?", is_question=True)
    return papers


def upvote(page, title):
    return page.get_by_role("button", name=re.compile(rf"^\d+, Want to discuss: {title}$"))


def pressed(is_so):
    return str(is_so).lower()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_a_click_votes_and_another_takes_it_back(open_page, bob, shelf, javascript):
    page = open_page(bob, f"{LIST}?sort=new&page=2", javascript=javascript)
    title = page.locator(".paper .title").first.inner_text()
    before = int(upvote(page, title).inner_text())
    for is_so in (True, False):
        with page.expect_response("**/vote/"):
            upvote(page, title).click()
        expect(upvote(page, title)).to_have_attribute("aria-pressed", pressed(is_so))
        expect(upvote(page, title)).to_have_text(str(before + is_so))
        expect(page).to_have_url(re.compile(r"\?sort=new&page=2"))
        assert Vote.objects.filter(user=bob).exists() is is_so


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_the_other_votes_are_in_a_menu(open_page, bob, shelf, javascript):
    page = open_page(bob, LIST, javascript=javascript)
    page.get_by_label("Other votes on: Paper 29").click()
    page.get_by_role("button", name="Wait for me").first.click()
    expect(upvote(page, "Paper 29")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Other votes on: Paper 28").click()
    page.locator(f"#p{shelf[28].pk}").get_by_role("button", name="Not for me").click()
    if javascript:
        expect(page.locator(".vote.is-not")).to_have_count(1)
    else:
        expect(page.get_by_text("is hidden from your list of papers")).to_be_visible()
        expect(upvote(page, "Paper 28")).to_have_count(0)
    stances = dict(Vote.objects.filter(user=bob).values_list("paper__title", "stance"))
    assert stances == {"Paper 29": "wait", "Paper 28": "not"}


def test_by_the_keyboard(open_page, bob, shelf):
    page = open_page(bob, f"{LIST}?sort=new")
    page.keyboard.press("j")
    page.keyboard.press("j")
    with page.expect_response("**/vote/"):
        page.keyboard.press("v")
    expect(upvote(page, "Paper 28")).to_have_attribute("aria-pressed", "true")
    assert Vote.objects.get(user=bob).paper.title == "Paper 28"
    page.goto(shelf[3].get_absolute_url())
    page.keyboard.press("v")
    expect(page.get_by_text("Wanted by Alice (wait for Alice), Bob")).to_be_visible()


def test_it_shows_at_once_and_is_taken_back_with_a_word(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.route("**/vote/", lambda route: route.abort())
    upvote(page, "Paper 29").click()
    expect(page.get_by_text("Not saved: there is no connection.")).to_be_visible()
    expect(upvote(page, "Paper 29")).to_have_attribute("aria-pressed", "false")
    expect(upvote(page, "Paper 29")).to_have_text("0")
    page.unroute("**/vote/")

    waiting = []

    def hold_the_first(route):
        waiting.append(route)
        if len(waiting) > 1:
            route.continue_()

    page.route("**/vote/", hold_the_first)
    upvote(page, "Paper 29").click()
    expect(upvote(page, "Paper 29")).to_have_text("1")  # and nothing was answered yet
    upvote(page, "Paper 29").click()
    upvote(page, "Paper 29").click()
    with page.expect_response("**/vote/"), page.expect_response("**/vote/"):
        waiting[0].continue_()
    expect(upvote(page, "Paper 29")).to_have_attribute("aria-pressed", "true")
    expect(upvote(page, "Paper 29")).to_have_text("1")
    assert len(waiting) == 2  # of three clicks the first and the last
    assert Vote.objects.filter(user=bob).count() == 1


def test_who_is_signed_out_meanwhile_is_asked_to_sign_in(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.context.clear_cookies(name="sessionid")
    page.context.clear_cookies(name="__Host-sessionid")
    upvote(page, "Paper 29").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not Vote.objects.filter(user=bob).exists()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])
def test_on_the_page_of_a_paper(open_page, bob, shelf, javascript):
    page = open_page(bob, shelf[0].get_absolute_url(), javascript=javascript)
    page.get_by_role("button", name="I can present this").click()
    expect(page.get_by_text("Alice, Bob can present it")).to_be_visible()
    page.get_by_role("button", name="I want to discuss this").click()
    expect(page.get_by_text("Wanted by Alice (wait for Alice), Bob")).to_be_visible()
    page.get_by_role("button", name="I can present this").click()
    expect(page.get_by_text("Alice can present it")).to_be_visible()
    assert Offer.objects.filter(user=bob).count() == 0
    assert Vote.objects.get(user=bob).stance == "want"


def test_a_vote_on_the_home_page(open_page, bob, shelf):
    page = open_page(bob, HOME)
    expect(page.get_by_text("2 points: +1 wanted by Alice, +1 Alice can present")).to_be_visible()
    upvote(page, "Paper 00").click()
    expect(upvote(page, "Paper 00")).to_have_text("2")


@in_both_widths
def test_axe_finds_nothing(open_page, axe, bob, shelf, width, dark):
    set_vote(paper=shelf[1], user=bob, stance="wait")
    page = open_page(bob, HOME, width=width, dark=dark)
    assert axe(page) == []
    page.goto(f"{LIST}?sort=ranking")
    page.get_by_label("Other votes on: Paper 00").click()
    assert axe(page) == []
    page.goto(shelf[1].get_absolute_url())
    page.get_by_label("Other votes").click()
    assert axe(page) == []
    for path in (HOME, LIST, shelf[1].get_absolute_url()):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_is_pressed_is_large_enough_on_a_phone(open_page, bob, shelf):
    page = open_page(bob, LIST, width=390)
    box = upvote(page, "Paper 29").bounding_box()
    assert min(box["width"], box["height"]) >= 44
    box = page.get_by_label("Other votes on: Paper 29").bounding_box()
    assert min(box["width"], box["height"]) >= 24


def test_the_counts_under_my_vote_follow(open_page, bob, shelf):
    page = open_page(bob, LIST)
    wanted, unvoted = page.locator("#mine-wanted-count"), page.locator("#mine-unvoted-count")
    expect(wanted).to_have_text("0")
    upvote(page, "Paper 29").click()
    expect(upvote(page, "Paper 29")).to_have_accessible_name("1, Want to discuss: Paper 29")
    expect(wanted).to_have_text("1")
    expect(unvoted).to_have_text("29")
    page.get_by_label("Other votes on: Paper 29").click()
    page.locator(f"#p{shelf[29].pk}").get_by_role("button", name="Not for me").click()
    expect(page.locator("#mine-not-count")).to_have_text("1")
    expect(wanted).to_have_text("0")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_pressed_button_is_legible_under_the_pointer(open_page, axe, bob, shelf, dark):
    set_vote(paper=shelf[1], user=bob, stance="want")
    set_offer(paper=shelf[1], user=bob, can_present=True)
    for path in (HOME, LIST, shelf[1].get_absolute_url()):
        page = open_page(bob, path, dark=dark)
        pressed_buttons = page.locator("main button[aria-pressed=true]:visible")
        assert pressed_buttons.count(), path
        for one in pressed_buttons.all():
            one.hover()
            page.wait_for_function("() => document.getAnimations().length === 0")
            assert axe(page) == [], path
