"""Getting in, with a phone, a passkey, another browser; with scripts and without."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from papers.models import JoinRequest, Membership
from papers.services import joining
from tests.browser.looks import in_both_widths_too
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b")


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without scripts"])
def test_a_newcomer_with_a_link_is_in(open_page, worker, group, alice, javascript):
    page = open_page(alice, "/curious-minds/papers/", javascript=javascript)
    page.get_by_role("link", name="Members").click()
    page.get_by_role("button", name="Create a link").click()
    link = page.get_by_label("Link to copy").input_value()

    page = open_page(path=link, javascript=javascript, width=390)
    expect(page.get_by_text("Alice invites you to Curious minds")).to_be_visible()
    page.get_by_label("Your name").fill("Nora New")
    page.get_by_label("Email").fill("nora@example.org")
    page.get_by_label("Password").fill("a few words do well")
    page.get_by_role("button", name="Create an account and join").click()
    worker()
    page.get_by_label("Code").fill(CODE.search(mail.outbox[-1].body)[0])
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_text("Welcome to Curious minds!")).to_be_visible()
    expect(page.get_by_role("heading", name="Up next")).to_be_visible()
    assert group.memberships.filter(user__name="Nora New").exists()


def test_a_newcomer_invited_by_mail_types_no_code(open_page, worker, group, alice):
    page = open_page(alice, "/curious-minds/members/")
    page.get_by_label("E-mail addresses").fill("nora@example.org\nolaf@example.org")
    page.get_by_role("button", name="Send invitations").click()
    expect(page.get_by_text("2 invitations sent.")).to_be_visible()
    worker()
    sent = next(one for one in mail.outbox if one.to == ["nora@example.org"])
    page = open_page(path=re.search(r"http\S+", sent.body)[0], width=390)
    page.get_by_label("Your name").fill("Nora New")
    page.get_by_label("Password").fill("a few words do well")
    page.get_by_role("button", name="Create an account and join").click()
    expect(page.get_by_text("Welcome to Curious minds!")).to_be_visible()


def test_the_link_is_copied(open_page, group, alice):
    page = open_page(alice, "/curious-minds/members/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Create a link").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.get_by_label("Link to copy")).to_be_in_viewport()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.get_by_label("Link to copy").input_value()


def test_a_stranger_asks_and_an_organiser_lets_them_in(open_page, group, alice, charlie):
    group.anyone_may_ask = True
    group.save()
    page = open_page(charlie, "/curious-minds/ask/", width=390)
    page.get_by_label("Message to the organisers").fill("I read much.")
    page.get_by_role("button", name="Ask to join").click()
    expect(page.get_by_text("You asked on")).to_be_visible()
    organiser = open_page(alice, "/curious-minds/members/")
    expect(organiser.get_by_text("I read much.")).to_be_visible()
    organiser.get_by_role("button", name="Accept Charlie").click()
    expect(organiser.get_by_text("Charlie is now a member.")).to_be_visible()
    page.goto("/curious-minds/papers/")
    expect(page.get_by_role("heading", name="Papers", exact=True)).to_be_visible()


def test_a_member_is_made_an_organiser_and_removed(open_page, group, alice, bob):
    page = open_page(alice, "/curious-minds/members/")
    page.get_by_label("Change Bob").click()
    page.get_by_role("button", name="Make an organiser").click()
    expect(page.get_by_text("Bob is now an organiser.")).to_be_visible()
    page.get_by_label("Change Bob").click()
    page.get_by_role("link", name="Remove from the group").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Bob is no longer in the group.")).to_be_visible()
    assert not bob.memberships.exists()


@pytest.fixture
def passkeys(open_page, group, bob):
    """A page of Bob's in a browser that has a key of its own."""
    page = open_page(bob, "/accounts/2fa/", by_password=True)
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True}
    options["automaticPresenceSimulation"] = True
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return page


def test_a_passkey_signs_in_with_one_click(passkeys, bob):
    page = passkeys
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/2fa/**")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/curious-minds/")
    assert bob.authenticator_set.filter(type="webauthn").exists()


def test_where_there_is_no_passkey_that_is_said(open_page, group):
    page = open_page(path="/accounts/login/")
    page.evaluate(
        "() => { navigator.credentials.get = () =>"
        " Promise.reject(new DOMException('', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()


def test_the_theme_and_the_keys_follow_the_account(open_page, group, bob):
    page = open_page(bob, "/curious-minds/papers/")
    page.locator("details.menu summary").click()
    with page.expect_response("**/me/preferences/"):
        page.locator("[data-theme-switch]").first.click()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    with page.expect_response("**/me/preferences/"):
        page.uncheck("text=Use single-key shortcuts")
    elsewhere = open_page(bob, "/curious-minds/papers/", dark=True)
    assert elsewhere.evaluate("document.documentElement.dataset.theme") == "light"
    elsewhere.keyboard.press("?")
    assert not elsewhere.is_visible("dialog")


def test_the_zone_of_the_browser_is_offered_and_taken(open_page, chromium, live_server, group, bob):
    page = open_page(bob, "/me/")
    here = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    page.get_by_role("button", name=f"Use {here}").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    bob.refresh_from_db()
    assert bob.time_zone == here


@pytest.mark.parametrize(("width", "user"), [(390, "alice"), (320, "alice"), (390, "bob")])
def test_what_can_be_done_with_a_row_is_beside_its_name(
    open_page, request, group, alice, width, user
):
    """On a phone, however long the name and the address are."""
    everything(group, alice)
    page = open_page(request.getfixturevalue(user), width=width)
    for path in ("/curious-minds/members/", "/me/"):
        page.goto(path)
        rows = page.locator(".rows > li:has(.what):has(.end:not(.acts))").all()
        assert rows
        for row in rows:
            what, end = (row.locator(part).bounding_box() for part in (".what", ".end"))
            assert end["y"] < what["y"] + what["height"]


def everything(group, alice):
    """Rows for each part of the page of members."""
    group.anyone_may_ask = True
    group.save()
    frank = make_user("frank")
    JoinRequest.objects.create(group=group, user=frank, message="I read " + "much " * 60)
    Membership.objects.create(group=group, user=make_user("w" * 60))
    joining.create_invitation(
        group=group, by=alice, role="organiser", days=7, email="guest@example.org"
    )


SIGNED_IN = [
    "/me/",
    "/me/delete/",
    "/curious-minds/members/",
    "/curious-minds/settings/",
    "/curious-minds/leave/",
    "REMOVE",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/sessions/",
    "/accounts/logout/",
    "/join/",
]
SIGNED_OUT = [
    "/accounts/login/",
    "/accounts/login/code/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-x/",
    "/accounts/inactive/",
    "/curious-minds/ask/",
]
WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@in_both_widths_too
def test_axe_finds_nothing(open_page, axe, group, alice, width, dark):
    everything(group, alice)
    page = open_page(alice, "/accounts/reauthenticate/", width=width, dark=dark)
    assert axe(page) == []
    remove = f"/curious-minds/members/{group.memberships.last().pk}/remove/"
    for path in SIGNED_IN:
        page.goto(remove if path == "REMOVE" else path)
        assert axe(page) == [], path
        assert page.evaluate(WIDE) == 0, path
    page.goto("/curious-minds/members/")
    page.get_by_role("button", name="Create a link").click()
    link = page.get_by_label("Link to copy").input_value()
    assert axe(page) == []
    page = open_page(width=width, dark=dark)
    for path in [*SIGNED_OUT, link]:
        page.goto(path)
        assert axe(page) == [], path
        assert page.evaluate(WIDE) == 0, path
    page.get_by_role("button", name="Create an account and join").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert axe(page) == []


def test_nothing_scrolls_sideways_on_a_small_phone(open_page, group, alice):
    everything(group, alice)
    page = open_page(alice, width=320)
    remove = f"/curious-minds/members/{group.memberships.last().pk}/remove/"
    for path in SIGNED_IN:
        page.goto(remove if path == "REMOVE" else path)
        assert page.evaluate(WIDE) == 0, path
