"""The core ways of the app, in the order a group would take them.

Controls are found as people find them: by role or label, and by the words on them.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from tests.walk.walker import Walker

PASSWORD = "reading-group-demo"  # everybody's, in the demo
ZONE = ZoneInfo("Europe/Berlin")  # of the demo's group
LISTED = "Tides Under the Ice of Small Moons"
LISTING = (
    f"12 {LISTED} We show that the shells of small moons bend enough to keep an ocean warm. "
    "3 authors · Nov 4 2\n"
    "- Sorting Networks That Forget We introduce networks that sort without remembering where "
    "their inputs came from. 1 author · Jun 12, 2023\n"
)
PROPOSED = "What Glaciers Remember of Warm Summers"
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")


def sign_in(walker: Walker) -> None:
    """Sign in: Ada, who organises the group, and Emmy, a member."""
    for role, name in (("organiser", "ada"), ("member", "emmy")):
        page = walker.people[role] = walker.open_browser("/")
        walker.finish_step(f"Sign in as {role}", button(page, "Sign in"))
        page.get_by_label("Email").fill(f"{name}@example.org")
        page.get_by_label("Password").fill(PASSWORD)
        button(page, "Sign in").click()
        walker.finish_step(f"Home of the {role}", heading(page, "Next meeting"))


def add_listing(walker: Walker) -> None:
    """Add a listing, look at it, and apply it."""
    page = walker.people["organiser"]
    go_to(page, "Papers")
    walker.finish_step("Papers", link(page, "Add a listing"))
    link(page, "Add a listing").click()
    walker.finish_step("Add a listing", button(page, "Read the listing"))
    page.get_by_label("File").set_input_files(
        {"name": "moons.txt", "mimeType": "text/plain", "buffer": LISTING.encode()}
    )
    button(page, "Read the listing").click()
    walker.finish_step("Look at the listing", heading(page, LISTED))
    page.get_by_role("button", name="Apply").click()
    walker.finish_step("The listing is applied", button(page, "Take back"))
    link(page, "See its papers").click()
    walker.finish_step("Papers of the listing", link(page, LISTED))


def vote_for_paper(walker: Walker) -> None:
    """Vote for a paper in the list, and open it."""
    page = walker.people["member"]
    go_to(page, "Papers")
    page.get_by_role("searchbox").fill("small moons")
    with page.expect_response(re.compile(r"q=small")):
        button(page, "Search").click()
    expect(heading(page, "1 paper")).to_be_visible()
    wish = page.get_by_role("button", name=f"Want to discuss: {LISTED}")
    with page.expect_response(re.compile("/vote/")):
        wish.click()
    expect(wish).to_have_attribute("aria-pressed", "true")
    walker.finish_step("Vote", wish)
    link(page, LISTED).click()
    walker.finish_step("The paper", page.get_by_text("Wanted by Emmy"))


def comment_on_paper(walker: Walker) -> None:
    """Comment on the paper, with a question for the meeting."""
    page = walker.people["member"]
    page.get_by_label("Write a comment").fill("How thin may the ice be? At $h < 1$ km it *breaks*.")
    page.get_by_role("checkbox", name="meeting").check()
    button(page, "Preview").click()
    walker.finish_step("Preview of the comment", page.get_by_text("How thin may the ice be?"))
    button(page, "Comment").click()
    walker.finish_step("Comment", heading(page, "Questions for the meeting"))


def propose_paper(walker: Walker) -> None:
    """Propose a paper."""
    page = walker.people["member"]
    go_to(page, "Home")
    link(page, "Propose a paper").click()
    walker.finish_step("Propose a paper", heading(page, "Propose a paper"))
    page.get_by_label("Address").fill("https://example.org/glaciers.pdf")
    page.get_by_label("Title").fill(PROPOSED)
    page.get_by_label("Abstract").fill("Layers of old ice say how warm each summer was.")
    button(page, "Propose the paper").click()
    walker.finish_step("The proposed paper", heading(page, PROPOSED))


def schedule_meeting(walker: Walker) -> None:
    """Schedule a meeting on the proposed paper."""
    page = walker.people["organiser"]
    open_paper(page, PROPOSED)
    walker.finish_step("The paper as organiser", link(page, "Schedule a meeting"))
    link(page, "Schedule a meeting").click()
    walker.finish_step("Schedule a meeting", heading(page, "Schedule a meeting"))
    expect(page.get_by_role("checkbox", name=PROPOSED)).to_be_checked()
    button(page, "Schedule the meeting").click()
    walker.finish_step("The scheduled meeting", page.get_by_text("The meeting is scheduled"))


def ask_for_date(walker: Walker) -> None:
    """Open a date poll for the listed paper."""
    page = walker.people["organiser"]
    open_paper(page, LISTED)
    link(page, "Ask for a date").click()
    walker.finish_step("Ask for a date", heading(page, "Ask for a date"))
    expect(page.get_by_role("checkbox", name=LISTED)).to_be_checked()
    button(page, "Ask the members").click()
    walker.finish_step("The date poll", heading(page, "When can you come?"))


def answer_poll(walker: Walker) -> None:
    """Answer the poll as a member: yes to the second date, and the third if necessary."""
    page = walker.people["member"]
    go_to(page, "Home")
    walker.finish_step("Home with a poll to answer", heading(page, "Dates to answer"))
    page.get_by_role("link", name=re.compile(f"When can you come: {LISTED}")).click()
    for number, said in enumerate(["No", "Yes", "If necessary"]):
        choice = page.locator("label").filter(has_text=f"{said}: ").nth(number)
        choice.click()
        expect(choice.get_by_role("radio")).to_be_checked()
    button(page, "Save my answers").click()
    walker.finish_step("The answered poll", page.get_by_text("Your answers are saved"))


def choose_date(walker: Walker) -> None:
    """Reopen a chosen date, and choose one that is not the best; the meeting is then on it."""
    page = walker.people["organiser"]
    page.reload()
    for step, number in [("First choice", 1), ("Second choice", 2)]:
        choice = page.get_by_role("link", name=re.compile("^Choose this date")).nth(number)
        date = choice.inner_text().partition(": ")[2]
        walker.finish_step(f"{step}: the poll", choice)
        choice.click()
        expect(page.get_by_role("definition").first).to_contain_text(date)
        walker.finish_step(f"{step}: what will happen", page.get_by_text("will be notified"))
        button(page, "Choose this date").click()
        walker.finish_step(f"{step}: the meeting", page.get_by_text("The date is chosen"))
        expect(page.get_by_role("definition").first).to_contain_text(date)
        if number == 1:
            link(page, "Reopen the date poll").click()
            walker.finish_step("Reopen the date poll", page.get_by_text("All answers are kept"))
            button(page, "Reopen the date poll").click()
            walker.finish_step("The reopened poll", heading(page, "When can you come?"))


def accept_meeting(walker: Walker) -> None:
    """Accept the meeting (RSVP)."""
    page = walker.people["member"]
    page.reload()
    coming = page.get_by_role("button", name="Going")
    expect(coming).to_have_attribute("aria-pressed", "false")
    coming.click()
    walker.finish_step("RSVP", page.get_by_role("button", name="Going", pressed=True))


def hold_meeting(walker: Walker) -> None:
    """Hold the meeting, moved to now: tick a question, and take notes."""
    organiser, page = walker.people["organiser"], walker.people["member"]
    link(organiser, "Move or change").click()
    walker.finish_step("Move the meeting", button(organiser, "Save"))
    begins = datetime.now(ZONE) - timedelta(minutes=10)
    organiser.get_by_label("Day").fill(f"{begins:%Y-%m-%d}")
    organiser.get_by_label("Begins at").fill(f"{begins:%H:%M}")
    button(organiser, "Save").click()
    walker.finish_step("The meeting has begun", organiser.get_by_text("The meeting is saved"))
    page.reload()
    link(page, "Open the meeting screen").click()
    walker.finish_step("At the meeting", heading(page, "Questions"))
    tick = page.get_by_role("button", name=re.compile("Answered: How thin"))
    tick.click()
    expect(tick).to_have_attribute("aria-pressed", "true")
    walker.finish_step("A question is ticked off", tick)
    page.get_by_label("Shared notes").fill("Emmy drew a *moon*, and its $h$.")
    button(page, "Save the notes").click()
    walker.finish_step("Notes are taken", page.get_by_text("The notes are saved"))


def record_outcome(walker: Walker) -> None:
    """Record the outcome."""
    page = walker.people["organiser"]
    page.reload()
    link(page, "Record the outcome").click()
    walker.finish_step("Record the outcome", heading(page, "Outcome"))
    page.get_by_role("radio", name=re.compile("^Worth it")).check()
    page.get_by_label("Take-aways").fill("The ice is thin.")
    button(page, "Save the outcome").click()
    walker.finish_step("The outcome", page.get_by_text("The ice is thin."))
    go_to(page, "Discussions")
    walker.finish_step("Discussions", heading(page, "Archive"))


def invite_newcomer(walker: Walker) -> None:
    """Invite by a link; a newcomer signs up with the mailed code and joins."""
    page = walker.people["organiser"]
    go_to(page, "Members")
    walker.finish_step("Members", button(page, "Create a link"))
    button(page, "Create a link").click()
    invitation = page.get_by_label("Link to copy")
    walker.finish_step("The link of an invitation", invitation)

    nora = walker.open_browser(invitation.input_value())
    walker.finish_step("Sign up", nora.get_by_text("Ada invites you to Monday Readers"))
    nora.get_by_label("Your name").fill("Nora New")
    nora.get_by_label("Email").fill("nora@example.org")
    nora.get_by_label("Password").fill("a few words do well")
    button(nora, "Create an account and join").click()
    walker.finish_step("Enter the code", nora.get_by_label("Code"))
    nora.get_by_label("Code").fill(_mailed_code(walker, "nora@example.org"))
    button(nora, "Confirm").click()
    walker.finish_step("Joined", nora.get_by_text("Welcome to Monday Readers"))
    page.reload()
    walker.finish_step("Members with the newcomer", page.get_by_text("Nora New"))


def _mailed_code(walker, address):
    """The code in the mail to ``address``, which the worker sends within a second or two."""
    outbox = walker.open_browser("/demo/outbox/")
    mail = outbox.get_by_role("article").filter(has_text=address).filter(has_text=CODE)
    for _ in range(20):
        if mail.count():
            break
        outbox.wait_for_timeout(500)
        outbox.reload()
    walker.finish_step("Outbox", mail)
    return CODE.search(mail.first.inner_text())[0]


def button(page: Page, name: str) -> Locator:
    """The button with just these words."""
    return page.get_by_role("button", name=name, exact=True)


def heading(page: Page, name: str) -> Locator:
    """The heading with these words in it."""
    return page.get_by_role("heading", name=name)


def link(page: Page, name: str) -> Locator:
    """The link with just these words."""
    return page.get_by_role("link", name=name, exact=True)


def go_to(page: Page, section: str) -> None:
    """Open a section of the group by its navigation."""
    page.get_by_role("navigation", name="Group").get_by_role("link", name=section).click()


def open_paper(page: Page, title: str) -> None:
    """Find a paper by searching for its title."""
    go_to(page, "Papers")
    page.get_by_role("searchbox").fill(title)
    button(page, "Search").click()
    link(page, title).click()


WAYS = [
    sign_in,
    add_listing,
    vote_for_paper,
    comment_on_paper,
    propose_paper,
    schedule_meeting,
    ask_for_date,
    answer_poll,
    choose_date,
    accept_meeting,
    hold_meeting,
    record_outcome,
    invite_newcomer,
]
