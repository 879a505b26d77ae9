"""Every page that can be opened: it shows no error, and forms that create carry their key."""

from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

from papers.submit_once import FIELD
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


def keyless_forms(page):
    """The addresses of the forms on ``page`` that create something, and lack the key for that."""
    for form in page.root.all("form"):
        address = urljoin(page.address, form.get("action", ""))
        is_post = form.get("method", "").lower() == "post"
        if is_post and _creates(address) and not _has_key(form):
            yield address


def _creates(address):
    try:
        return hasattr(resolve(urlsplit(address).path).func, "submits_once")
    except Resolver404:
        return False


def _has_key(form):
    return any(field.get("name") == FIELD for field in form.all("input"))


def test_no_form_opens_with_an_error(db):
    people = make_people()
    ids = make_rows(people)
    found, keyless, seen = {}, set(), set()
    for who in LOOKING:
        browser = signed_in(people[who])
        for name in [name for name, methods in TABLE.items() if "GET" in methods]:
            with undone():
                page = browser.open(address(name, ids))
            if page.status == 200 and page.address == address(name, ids):
                seen |= {name} if any(page.root.all("form")) else set()
                keyless |= set(keyless_forms(page))
                if errors := page.errors():
                    found[who, name] = errors
    assert found == {}
    assert keyless == set()
    assert seen >= SOME
