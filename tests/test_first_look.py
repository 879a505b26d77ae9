"""A freshly opened page shows no error message."""

from tests.access_table import TABLE
from tests.browsing import Browser
from tests.factories import PASSWORD
from tests.test_access import address, make_people, make_rows, undone

# Between them they can open every page.
LOOKING = ("organiser", "member", "superuser", "anonymous")
# Some pages with forms that must have been opened: our own, Django's admin's and allauth's.
SOME = {"admin:papers_listing_add", "admin:papers_topic_add", "discussion-poll", "paper-withdraw"}
SOME |= {"account_login", "account_email", "delete-account", "mfa_activate_totp", "group-settings"}


def signed_in(person):
    """A browser of ``person``, who has just signed in: some pages ask for the password again."""
    browser = Browser()
    if person:
        form = browser.open("/accounts/login/").form("Sign in")
        form.fill("Email", person.email)
        form.fill("Password", PASSWORD)
        assert form.submit().errors() == []
    return browser


def test_no_form_opens_with_an_error(db):
    people = make_people()
    ids = make_rows(people)
    found, seen = {}, set()
    for who in LOOKING:
        browser = signed_in(people[who])
        for name in [name for name, methods in TABLE.items() if "GET" in methods]:
            with undone():
                page = browser.open(address(name, ids))
            if page.status == 200 and page.address == address(name, ids):
                seen |= {name} if any(page.root.all("form")) else set()
                if errors := page.errors():
                    found[who, name] = errors
    assert found == {}
    assert seen >= SOME
