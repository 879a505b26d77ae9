"""An organiser uploads a listing, looks at it, applies it, finds the papers, takes it back."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from papers.models import Paper
from tests.browser.looks import in_both_widths_too
from tests.importing.texts import BROKEN, MOSSES, SORTING, TIDES, listing

pytestmark = pytest.mark.browser

REAL = Path(__file__).parents[3] / "shared" / "listings" / "listing-12.txt"


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def javascript(request):
    return request.param


@pytest.fixture
def upload(group, alice, open_page, javascript, tmp_path):
    """Open the page of papers, follow it to the upload, and upload ``raw``."""

    def upload(raw, captured_on="2025-11-26"):
        file = tmp_path / "listing.txt"
        file.write_bytes(raw)
        page = open_page(alice, f"/{group.slug}/papers/", javascript=javascript)
        page.get_by_role("link", name="Add a listing").first.click()
        page.get_by_label("File").set_input_files(file)
        page.get_by_label("Captured on").fill(captured_on)
        read(page)
        return page

    return upload


def read(page):
    """Send the upload, and wait for the page of the listing it became."""
    page.get_by_role("button", name="Read the listing").click()
    # A reload while the answer is under way would meet a page that is going.
    page.wait_for_url(re.compile(r"/listing/\d+/"))


def apply(page, worker, javascript):
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    worker()
    # The page notices by itself: htmx asks each second, or the page is loaded again.
    expect(page.get_by_role("button", name="Take back")).to_be_visible(timeout=10_000)


def tabs(page):
    return page.get_by_label("Entries by kind").inner_text().split()


def test_upload_look_apply_find_take_back(upload, worker, javascript, group):
    page = upload(listing(TIDES, BROKEN, SORTING))
    expect(page.get_by_role("heading", name="Tides Under the Ice of Small Moons")).to_be_visible()
    assert tabs(page) == ["All", "3", "New", "2", "Problems", "1"]
    assert not Paper.objects.exists()

    apply(page, worker, javascript)
    page.get_by_role("link", name="See its papers").click()
    expect(page.get_by_role("heading", name="2 papers")).to_be_visible()
    page.get_by_role("link", name="Sorting Networks That Forget").click()
    expect(page.get_by_text("line 3")).to_be_visible()

    page.get_by_role("link", name="listing.txt").click()
    page.get_by_role("button", name="Take back").click()
    worker()
    expect(page.get_by_role("button", name="Preview it again")).to_be_visible(timeout=10_000)
    assert not group.papers.exists()


def test_the_word_where_the_abstract_begins_is_clicked(upload, worker, javascript, group):
    page = upload(listing(MOSSES))
    entry = group.listings.get().entries.get()
    body = f"{entry.title} {entry.abstract}"
    group.listings.get().entries.update(title=body[:11], abstract=body[12:], confidence=0.4)
    page.reload()
    expect(page.get_by_text("1 entry needs a look first")).to_be_visible()
    page.get_by_role("link", name="Unsure 1").click()
    page.get_by_role("button", name="Mosses", exact=True).nth(1).click()
    expect(page.get_by_text("The title is “A Census of Alpine Mosses” now.")).to_be_visible()

    apply(page, worker, javascript)
    paper = group.papers.get()
    assert paper.title == "A Census of Alpine Mosses"
    assert paper.title_edited


def test_an_upload_that_is_no_listing_is_kept_with_a_sentence(upload, group):
    page = upload(b"%PDF-1.7 and so on")

    expect(page.get_by_role("alert")).to_contain_text("PDF")
    assert group.listings.get().raw_bytes == b"%PDF-1.7 and so on"


def test_an_upload_without_its_date_is_kept_and_read_when_the_date_is_given(upload):
    page = upload(listing(TIDES), captured_on="")
    expect(page.get_by_role("alert")).to_contain_text("date of capture is missing")

    page.get_by_label("Captured on").fill("2025-11-26")
    page.get_by_role("button", name="Read it again").click()
    expect(page.get_by_role("button", name="Apply: 1 new")).to_be_visible()
    assert tabs(page) == ["All", "1", "New", "1"]


@pytest.mark.skipif(not REAL.exists(), reason="the real listing is not beside the project")
def test_the_real_listing_is_new_and_then_unchanged(upload, worker, javascript, group):
    page = upload(REAL.read_bytes())
    assert "New 12" in " ".join(tabs(page))
    apply(page, worker, javascript)
    assert group.papers.count() == 12

    page = upload(REAL.read_bytes())
    assert "Already here 12" in " ".join(tabs(page))
    assert "New" not in tabs(page)


@in_both_widths_too
def test_the_pages_are_accessible(group, alice, open_page, axe, dark, width, tmp_path):
    file = tmp_path / "listing.txt"
    file.write_bytes(listing(TIDES, BROKEN, SORTING))
    page = open_page(alice, "/admin/papers/listing/add/", dark=dark, width=width)
    assert axe(page) == []
    page.get_by_label("File").set_input_files(file)
    read(page)
    group.listings.get().entries.filter(line=1).update(confidence=0.4)
    page.reload()
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
