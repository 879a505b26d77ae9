"""A meeting in a browser: while it goes on and afterwards, with scripts and without, on paper."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from papers.models import AgendaItem
from papers.services import outcomes, reading_state
from tests.browser.looks import in_all_widths_too
from tests.factories import make_comment, make_meeting, make_paper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "On the tides of a moon that is very far away and of which nothing at all is known"
SCRIPTS = pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "none"])


@pytest.fixture
def papers(group):
    abstract = "We show that $\\sum_{k=1}^n k^2 = \\frac{n(n+1)(2n+1)}{6}$ holds for tides."
    return [make_paper(group=group, title=title, abstract=abstract) for title in (LONG, "Sorting")]


@pytest.fixture
def meeting(group, papers, alice, bob):
    """It goes on since ten minutes; there are questions, and one was left by the meeting before."""
    at = timezone.now() - timedelta(minutes=10)
    old = make_paper(group=group, title="An older paper")
    make_meeting(group=group, papers=[old], starts_at=at - timedelta(days=7), state="held")
    meeting = make_meeting(
        group=group, papers=papers, starts_at=at, created_by=alice, place="B 12", notes="A *word*."
    )
    meeting.agenda.filter(paper=papers[0]).update(minutes=30, presenter=bob, is_confirmed=True)
    for paper, body in [(papers[0], "Why the moon?"), (old, "What of $x^2$?")]:
        make_comment(paper=paper, user=alice, body=body, is_question=True)
    return meeting


def at(meeting, part="meeting"):
    return f"{meeting.get_absolute_url()}{part}/"


def button(page, name):
    """The button of that name; there may be a space before what only screen readers read."""
    words = re.escape(name).replace(":", " ?:", 1)
    return page.get_by_role("button", name=re.compile(f"^{words}"))


@SCRIPTS
def test_a_question_is_ticked_off_and_another_asked(open_page, bob, meeting, javascript):
    page = open_page(bob, at(meeting), javascript=javascript)
    expect(page.locator("#queue")).to_contain_text("2 still open")
    expect(page.locator("#queue")).to_contain_text("Carried over from earlier meetings")
    why = button(page, "Answered: Why the moon?")
    why.click()
    expect(page.locator("#queue")).to_contain_text("1 still open")
    expect(why).to_have_attribute("aria-pressed", "true")
    if javascript:
        expect(why).to_be_focused()
    page.get_by_label("Question", exact=True).fill("And the sun?")
    page.get_by_label("On", exact=True).select_option("Sorting")
    button(page, "Add the question").click()
    expect(page.locator("#queue")).to_contain_text("2 still open")
    expect(page.locator("#queue")).to_contain_text("And the sun?")
    why.click()
    expect(page.locator("#queue")).to_contain_text("3 still open")


def test_what_others_tick_is_seen_and_the_focus_stays(open_page, bob, meeting):
    page = open_page(bob, at(meeting))
    field, why = page.get_by_label("Shared notes"), button(page, "Answered: Why the moon?")
    field.fill("I am writing")
    why.focus()
    comment = meeting.agenda.first().paper.comments.get()
    outcomes.set_question_answered(discussion=meeting, comment=comment, is_answered=True)
    expect(page.locator("#queue")).to_contain_text("1 still open", timeout=15_000)
    expect(why).to_be_focused()
    expect(field).to_have_value("I am writing")


def test_the_clock_and_what_is_on(open_page, bob, meeting):
    page = open_page(bob, at(meeting))
    expect(page.locator("[data-clock]")).to_contain_text("50 minutes left")
    start = button(page, f"Start: {LONG}")
    start.click()
    expect(start).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".plan li.is-on")).to_contain_text("0:01 of 30:00")
    page.reload()  # it goes on
    expect(start).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".plan li.is-on")).to_contain_text(":0")
    button(page, "Start: Sorting").click()
    expect(start).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".plan li.is-on")).to_have_count(1)


def test_without_scripts_the_hours_are_there(open_page, bob, meeting):
    page = open_page(bob, at(meeting), javascript=False)
    expect(page.locator(".plan .hours").first).to_contain_text("–")
    expect(page.locator("[data-start]").first).to_be_hidden()


@SCRIPTS
def test_two_write_notes_and_nothing_is_lost(open_page, alice, bob, meeting, javascript):
    first = open_page(alice, at(meeting), javascript=javascript)
    second = open_page(bob, at(meeting), javascript=javascript)
    for page, text in ((first, "Alice's line"), (second, "Bob's line")):
        page.get_by_label("Shared notes").fill(text)
        button(page, "Save the notes").click()
        page.wait_for_load_state()
    expect(first.get_by_text("The notes are saved.")).to_be_visible()
    expect(second.get_by_role("alert")).to_contain_text(
        "Somebody else has saved the notes meanwhile"
    )
    expect(second.get_by_label("Saved notes")).to_have_value("Alice's line")
    mine = second.get_by_label("Your notes, not saved yet")
    expect(mine).to_have_value("Bob's line")
    mine.fill("Alice's line\n\nBob's line")
    button(second, "Save the notes").click()
    expect(second.get_by_text("The notes are saved.")).to_be_visible()
    meeting.refresh_from_db()
    assert meeting.notes == "Alice's line\n\nBob's line"


def test_a_draft_is_kept_with_the_version_it_began_from(open_page, bob, meeting):
    page = open_page(bob, at(meeting))
    page.get_by_label("Shared notes").fill("A draft")
    page.reload()
    field = page.get_by_label("Shared notes")
    expect(field).to_have_value("A draft")
    expect(page.get_by_text("Your unsaved notes are back.")).to_be_visible()
    outcomes.save_notes(discussion=meeting, notes="Of somebody else", version=0)
    page.reload()
    expect(field).to_have_value("A draft")
    button(page, "Save the notes").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has saved the notes meanwhile")
    page.get_by_label("Your notes, not saved yet").fill("Both")
    button(page, "Save the notes").click()
    expect(page.get_by_text("The notes are saved.")).to_be_visible()
    expect(page.get_by_label("Shared notes")).to_have_value("Both")
    expect(page.get_by_text("Your unsaved notes are back.")).to_have_count(0)


@SCRIPTS
def test_reading_is_said_and_taken_back(open_page, bob, meeting, javascript):
    page = open_page(bob, meeting.get_absolute_url(), javascript=javascript)
    read = button(page, f"I have read it: {LONG}")
    read.click()
    expect(read).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#agenda")).to_contain_text("1 has read it.")
    read.click()
    expect(read).to_have_attribute("aria-pressed", "false")


@SCRIPTS
def test_what_came_of_it(open_page, alice, meeting, javascript):
    page = open_page(alice, meeting.get_absolute_url(), javascript=javascript)
    page.get_by_role("link", name="Record the outcome").click()
    page.get_by_label(re.compile(f"^Worth it ?: {LONG}")).check()
    page.get_by_label(f"Take-aways: {LONG}").fill("The *moon* does it.")
    page.get_by_label("We discussed it: Sorting").uncheck()
    button(page, "Save the outcome").click()
    expect(page.get_by_text("The outcome is saved.")).to_be_visible()
    expect(page.locator("#agenda")).to_contain_text("The moon does it.")
    expect(page.locator("#agenda")).not_to_contain_text("Sorting")
    button(page, "Mark as not held").click()
    expect(page.get_by_text("The meeting is marked as not held.")).to_be_visible()


@in_all_widths_too
def test_it_can_be_read_and_used_by_all(open_page, axe, group, alice, meeting, width, dark):
    outcomes.set_read_together(discussion=meeting, on=True)
    soon = make_meeting(
        group=group, papers=[make_paper(group=group, title="Soon")], created_by=alice
    )
    soon.starts_at, soon.ends_at = (timezone.now() + timedelta(hours=n) for n in (20, 21))
    soon.save()
    reading_state.set_reading_state(paper=soon.agenda.get().paper, user=alice, state="read")
    held = make_meeting(
        group=group,
        papers=[meeting.agenda.first().paper],
        starts_at=timezone.now() - timedelta(days=20),
        state="held",
        notes="- one\n- two",
        recording="https://video.example/1",
    )
    AgendaItem.objects.filter(discussion=held).update(
        verdict="mixed",
        takeaways="It *scales*.",
        open_questions="Why?",
        slides="https://s.example/",
    )
    page = open_page(alice, at(meeting), width=width, dark=dark)
    pages = [at(meeting), at(meeting, "sheet"), at(meeting, "conclude"), soon.get_absolute_url()]
    pages += [held.get_absolute_url(), at(held, "conclude")]
    pages += [meeting.agenda.first().paper.get_absolute_url()]
    for url in pages:
        page.goto(url)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), url
        assert axe(page) == [], url
        names = page.locator("main :is(button, textarea, select, input:not([type=hidden]))")
        said = names.evaluate_all(
            "all => all.filter(one => one.offsetParent).map(one => one.tagName + one.type"
            " + (one.ariaLabel ?? (one.labels?.[0] ?? one).textContent.trim()))"
        )
        assert len(said) == len(set(said)), (url, said)


def test_on_paper(open_page, alice, meeting):
    outcomes.set_read_together(discussion=meeting, on=True)
    alice.theme = "dark"
    alice.save()
    page = open_page(alice, at(meeting, "sheet"))
    page.emulate_media(media="print")
    expect(page.locator("html")).to_have_css("color-scheme", "light")  # paper is white
    page.set_viewport_size({"width": 794, "height": 1123})
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".abstract math").first).to_be_visible()
    expect(page.get_by_text("Why the moon?")).to_be_visible()


def test_a_queue_that_is_no_queue_leaves_what_is_there(open_page, bob, meeting):
    """Signed out meanwhile: what was written stays."""
    page = open_page(bob, at(meeting))
    field = page.get_by_label("Shared notes")
    field.fill("Kept")
    page.context.clear_cookies()
    page.evaluate("htmx.ajax('GET', '?part=questions', {source: '#live', target: '#queue'})")
    expect(page.locator("#toast")).to_contain_text("reload the page")
    expect(field).to_have_value("Kept")
    expect(page.locator("#queue")).to_contain_text("2 still open")
