"""The list and the page of a paper in a browser: with scripts, without, by keyboard."""

import pytest

from tests.browser.looks import in_both_widths_too
from tests.factories import make_listing, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/curious-minds/papers/"


@pytest.fixture
def shelf(group, alice):
    """Thirty papers with what is hard to show."""
    papers = [make_paper(group=group, title=f"Paper {n:02}") for n in range(1, 28)]
    papers.append(make_paper(group=group, title="Long" * 60, abstract="x" * 900, topics=["Theory"]))
    papers.append(make_paper(group=group, title="Kernel", status="discussed", topics=["Vision"]))
    papers.append(
        make_paper(
            group=group,
            title=r"In $\mathcal{O}(n)$ and ${" + "x + " * 30 + "1}$",
            abstract=r"$$\sum_{i=1}^{n} x_i \le \frac{1}{2}\int_0^1 f(x)\,dx + "
            + "y + " * 60
            + "z$$",
            arxiv_id="2405.01234",
        )
    )
    make_listing(group=group, papers=papers, by=alice)
    return papers


def count(page):
    return page.inner_text("#count")


def wait_for(page, address):
    page.wait_for_function("address => location.pathname + location.search == address", arg=address)
    page.wait_for_selector("#paper-list:not(.htmx-request)")


def test_the_list_follows_what_is_typed(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.keyboard.press("/")
    page.keyboard.type("kern")
    wait_for(page, f"{LIST}?q=kern")
    assert count(page) == page.inner_text("#announced") == "1 paper"
    page.keyboard.type("els")
    wait_for(page, f"{LIST}?q=kernels")
    assert page.input_value("#q") == "kernels"
    assert count(page) == "0 papers"


def test_filters_chips_and_the_way_back(open_page, bob, shelf):
    page = open_page(bob, f"{LIST}?q=kernel")
    page.check("#status-discussed")
    wait_for(page, f"{LIST}?q=kernel&status=discussed")
    assert page.evaluate("document.activeElement.id") == "status-discussed"
    page.click(".chip >> nth=0")
    wait_for(page, f"{LIST}?status=discussed")
    assert page.input_value("#q") == ""
    page.go_back()
    wait_for(page, f"{LIST}?q=kernel&status=discussed")
    page.wait_for_function("() => document.getElementById('q').value == 'kernel'")
    assert page.title().startswith("Papers")
    page.click("summary")
    assert page.inner_text("[data-theme-switch]") == "Theme: same as system"
    page.click("text=Clear all")
    wait_for(page, LIST)
    assert count(page) == "30 papers"
    page.click("nav.pages >> text=2")
    wait_for(page, f"{LIST}?page=2")
    assert page.locator(".paper").count() == 5
    assert page.evaluate("document.activeElement.id") == "count"


def test_an_invalid_year_is_said_beside_its_field(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.fill("#year_min", "soon")
    page.keyboard.press("Enter")
    page.wait_for_selector("#year_min-error")
    assert page.input_value("#year_min") == "soon"
    assert page.locator(".paper").count() == 0
    page.fill("#year_min", "2020")
    page.keyboard.press("Enter")
    wait_for(page, f"{LIST}?year_min=2020")
    assert count(page) == "30 papers"


def test_signed_out_meanwhile(open_page, bob, shelf):
    page = open_page(bob, LIST)
    page.context.clear_cookies()
    page.check("#status-discussed")
    page.wait_for_selector("text=Sign in")
    assert "/accounts/login/" in page.url


def test_without_scripts(open_page, bob, shelf):
    page = open_page(bob, LIST, javascript=False)
    page.fill("#q", "kernel")
    page.check("#status-discussed")
    page.click("text=Apply")
    assert page.url.endswith(f"{LIST}?q=kernel&status=discussed")
    assert count(page) == "1 paper"


def test_by_keyboard(open_page, bob, shelf):
    page = open_page(bob, LIST)
    focused = "document.activeElement.textContent"
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(focused) == "Kernel"
    page.keyboard.press("k")
    assert page.evaluate(focused).startswith("In ")
    page.keyboard.press("?")
    assert page.is_visible("dialog")
    page.uncheck("text=Use single keys")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not page.is_visible("dialog")
    page.focus("#q")
    page.keyboard.type("j?")
    assert page.input_value("#q") == "j?"


def test_the_theme_is_chosen_by_hand_and_kept(open_page, bob, shelf):
    page = open_page(bob, LIST, dark=True)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    dark = page.evaluate(background)
    page.click("summary")
    page.click("[data-theme-switch]")
    assert page.inner_text("[data-theme-switch]") == "Theme: light"
    light = page.evaluate(background)
    assert light != dark
    page.reload()
    assert page.evaluate(background) == light


@in_both_widths_too
def test_axe_finds_nothing(open_page, axe, alice, bob, shelf, width, dark):
    page = open_page(alice, LIST, width=width, dark=dark)
    paths = [f"{LIST}?q=paper&topic=theory", f"{LIST}?year_min=x", f"{LIST}?q=unheard", "/nowhere/"]
    for path in [LIST, *paths, shelf[-1].get_absolute_url()]:
        page.goto(path)
        if width == 390 and page.locator(".filters-switch").count():
            page.click(".filters-switch")
        assert axe(page) == [], path
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    assert axe(page) == []


def test_nothing_scrolls_sideways_on_a_small_phone(open_page, alice, shelf):
    page = open_page(alice, LIST, width=320)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for path in [LIST, f"{LIST}?q={'w' * 150}", *(p.get_absolute_url() for p in shelf[-3:])]:
        page.goto(path)
        assert page.evaluate(wide) == 0, path
