"""Setting up a new group: the card on its home page, and its first organiser."""

from datetime import time

import pytest

from papers.models import Group, Membership
from tests.access_table import TABLE
from tests.browsing import Browser
from tests.factories import make_group, make_listing, make_paper, make_user
from tests.filling import CannotDo
from tests.pages import text_of

NEW = {"set_up_at": None, "set_up_dismissed_at": None}
SAVE_AND_JOIN = "Save and become organiser"


@pytest.fixture
def root(db):
    Group.objects.all().delete()
    return make_user("root", is_superuser=True, is_staff=True)


@pytest.fixture
def new_group(root):
    """As the first migration makes it."""
    return make_group("Reading group", **NEW)


def card(page):
    """The text of the card with the steps; "" if the page has none."""
    cards = [each for each in page.root.all("section") if "set-up" in each.classes]
    return cards[0].text if cards else ""


def token(page):
    """What a form of ``page`` sends besides its fields."""
    return "csrfmiddlewaretoken", page.browser.client.cookies["csrftoken"].value


def test_a_new_superuser_becomes_a_voting_organiser_with_one_form(root, new_group):
    paper = make_paper(group=new_group)
    browser = Browser(root)
    page = browser.open("/")
    form = page.form(SAVE_AND_JOIN)
    form.fill("Name", "Quiet Readers")
    form.choose("Time zone", "Europe/Berlin")
    form.choose("Usual weekday", "Wednesday")
    form.fill("Usual hour", "16:30")
    page = form.submit()
    assert page.address == "/quiet-readers/"
    assert "Quiet Readers is set up, and you are an organiser." in text_of(page.response)
    group = Group.objects.get()
    assert (group.name, group.time_zone, group.weekday) == ("Quiet Readers", "Europe/Berlin", 2)
    assert group.meets_at == time(16, 30)
    assert Membership.objects.get(user=root).is_organiser
    page = browser.open(f"/quiet-readers/papers/{paper.pk}/")
    page.form("I want to discuss this 0").submit()
    assert paper.votes.get().user == root


def test_each_done_step_is_ticked_and_the_card_goes_when_all_are(root, new_group):
    browser = Browser(root)
    assert "Done" not in card(browser.open("/reading-group/"))
    form = browser.page.form(SAVE_AND_JOIN)
    form.choose("Time zone", "UTC")
    steps = card(form.submit())
    assert "Done: Name, time zone and usual meeting" in steps
    assert "Done: You are an organiser of this group" in steps
    assert "Done: Invite people" not in steps
    page = browser.open("/reading-group/members/")
    page.form("Create a link").submit()
    assert "Done: Invite people" in card(browser.open("/reading-group/"))
    make_listing(group=new_group)
    assert card(browser.open("/reading-group/")) == ""


@pytest.mark.parametrize("is_set_up", [True, False])
def test_the_steps_can_be_dismissed(root, new_group, is_set_up):
    page = Browser(root).open("/reading-group/")
    if is_set_up:
        form = page.form(SAVE_AND_JOIN)
        form.choose("Time zone", "UTC")
        page = form.submit()
    page = page.form("Hide these steps").submit()
    assert card(page) == ""
    assert card(page.browser.open("/reading-group/")) == ""
    assert ("Join as organiser" in text_of(page.browser.page.response)) is not is_set_up


def test_the_time_zone_must_be_chosen(root, new_group):
    page = Browser(root).open("/reading-group/")
    with pytest.raises(CannotDo, match="'Time zone' is required"):
        page.form(SAVE_AND_JOIN).submit()
    page = page.browser.send("/reading-group/set-up/", [token(page), ("name", "One")], "post")
    assert (page.status, "marked as wrong: Time zone" in page.errors()) == (422, True)
    new_group.refresh_from_db()
    assert new_group.set_up_at is None
    assert not new_group.memberships.exists()
    page.form(SAVE_AND_JOIN)  # still there


def test_the_zone_of_the_installation_is_preselected(root, new_group, settings):
    settings.TIME_ZONE = "Asia/Calcutta"
    Browser(root).open("/reading-group/").form(SAVE_AND_JOIN).submit()
    new_group.refresh_from_db()
    assert new_group.time_zone == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("name", "address", "slug"),
    [
        ("Reading group", "", "reading-group"),
        ("Quiet Readers", "", "quiet-readers"),
        ("Quiet Readers", "qr", "qr"),
        ("Others", "", "others-2"),
        ("Admin", "", "admin-group"),
        ("読書会", "", "reading-group"),
    ],
)
def test_the_address_follows_the_name_unless_it_is_typed(root, new_group, name, address, slug):
    make_group("Others")
    form = Browser(root).open("/reading-group/").form(SAVE_AND_JOIN)
    form.fill("Name", name)
    form.fill("Address of its pages", address)
    form.choose("Time zone", "UTC")
    page = form.submit()
    assert page.errors() == []
    new_group.refresh_from_db()
    assert (new_group.slug, page.address) == (slug, f"/{slug}/")


@pytest.mark.parametrize("address", ["others", "admin", "no spaces"])
def test_an_address_that_cannot_be_is_refused_with_a_sentence(root, new_group, address):
    make_group("Others")
    form = Browser(root).open("/reading-group/").form(SAVE_AND_JOIN)
    form.fill("Address of its pages", address)
    form.choose("Time zone", "UTC")
    page = form.submit()
    assert (page.status, len(page.errors())) == (422, 2)
    assert not new_group.memberships.exists()


def test_the_organiser_of_a_group_made_in_the_admin_sees_the_card(root, alice):
    browser = Browser(root)
    form = browser.open("/admin/papers/group/add/").form("Save")
    form.fill("Name", "Night Owls")
    form.fill("Slug", "night-owls")
    form.choose("memberships-0-user", "Alice <alice@example.org>")
    form.choose("memberships-0-role", "Organiser")
    assert form.submit().errors() == []
    page = Browser(alice).open("/night-owls/")
    assert "Set up Night Owls" in card(page)
    assert page.form("Save")
    assert card(browser.open("/night-owls/")) == ""  # it has an organiser: not the superuser's task


def test_members_do_not_see_the_card(root, new_group, bob):
    Membership.objects.create(group=new_group, user=bob)
    assert card(Browser(bob).open("/reading-group/")) == ""
    assert Browser(bob).open("/reading-group/set-up/").status == 403


def test_a_group_is_set_up_once(root, new_group):
    first, second = Browser(root), Browser(root)
    forms = [browser.open("/reading-group/").form(SAVE_AND_JOIN) for browser in (first, second)]
    for form, name in zip(forms, ("One", "Two"), strict=True):
        form.choose("Time zone", "UTC")
        form.fill("Name", name)
        form.fill("Address of its pages", "reading-group")
        form.submit()
    assert Group.objects.get().name == "One"


def test_saving_the_settings_counts_as_the_first_step(root, new_group, alice):
    Membership.objects.create(group=new_group, user=alice, role="organiser")
    browser = Browser(alice)
    browser.open("/reading-group/settings/").form("Save").submit()
    assert "Done: Name, time zone" in card(browser.open("/reading-group/"))


@pytest.mark.parametrize("where", ["", "members/"])
@pytest.mark.parametrize("was", [None, "member"])
def test_a_superuser_joins_any_group_with_one_button(root, bob, where, was):
    group = make_group("Theirs", organisers=[bob])
    if was:
        Membership.objects.create(group=group, user=root, role=was)
    browser = Browser(root)
    page = browser.open(f"/theirs/{where}")
    page = page.form("Join as organiser").submit()
    assert "You are an organiser of Theirs." in text_of(page.response)
    assert group.memberships.get(user=root).is_organiser
    assert "Join as organiser" not in text_of(browser.open(f"/theirs/{where}").response)


def test_nobody_else_joins_that_way(group, alice, bob, charlie):
    for user, status in ((alice, 403), (bob, 403), (charlie, 404)):
        page = Browser(user).open("/me/")
        page = page.browser.send("/curious-minds/join-as-organiser/", [token(page)], "post")
        assert page.status == status
    assert not group.memberships.get(user=bob).is_organiser
    assert "join-as-organiser" in TABLE


def test_a_superuser_outside_a_group_is_told_that_members_may(root, group):
    browser = Browser(root)
    page = browser.open("/curious-minds/papers/propose/")
    assert page.status == 403
    assert "Only members of the group can do this" in page.root.text
    assert "administrators of this site" not in page.root.text
    browser.open("/curious-minds/").form("Join as organiser").submit()
    assert browser.open("/curious-minds/papers/propose/").status == 200
