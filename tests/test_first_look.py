"""A page that somebody just opened accuses them of nothing."""

from tests.access_table import TABLE
from tests.browsing import Browser
from tests.factories import PASSWORD
from tests.test_access import address, undone
from tests.test_access import ids as ids  # a fixture
from tests.test_access import people as people

# Those that see most pages: what one of them may not open the others do.
LOOKING = ("organiser", "member", "superuser", "anonymous")
# For some of what must have been seen: made by us, by Django's admin, and by allauth.
SOME = {"admin:papers_listing_add", "admin:papers_topic_add", "discussion-poll", "paper-withdraw"}
SOME |= {"account_login", "account_email", "delete-account", "mfa_activate_totp", "group-settings"}


def signed_in(person):
    """A browser of ``person``, who has just given their password: some pages ask for it again."""
    browser = Browser()
    if person:
        form = browser.open("/accounts/login/").form("Sign in")
        form.fill("Email", person.email)
        form.fill("Password", PASSWORD)
        assert form.submit().errors() == []
    return browser


def test_no_form_opens_with_an_error(people, ids):  # noqa: F811
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
