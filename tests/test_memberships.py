"""Roles, leaving, removing, deleting an account; a group that has members keeps an organiser."""

from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from papers.accounts import AccountAdapter
from papers.models import (
    Comment,
    CommentRevision,
    Listing,
    Membership,
    Offer,
    Paper,
    User,
    Vote,
    Watch,
)
from papers.models.people import former_member
from papers.notifications import outbox
from papers.services import joining, memberships
from tests.browsing import Browser
from tests.factories import (
    PASSWORD,
    make_comment,
    make_group,
    make_listing,
    make_paper,
    make_user,
)
from tests.pages import text_of

LAST = "is the last organiser of Curious minds"


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


def membership(group, user):
    return group.memberships.filter(user=user).first()


def act(client, group, user, name, **data):
    pk = membership(group, user).pk
    return client.post(f"/curious-minds/members/{pk}/{name}/", data, follow=True)


def test_a_member_becomes_an_organiser_and_a_member_again(organiser, group, bob):
    for role, said in (("organiser", "an organiser"), ("member", "a member")):
        page = act(organiser, group, bob, "role", role=role)
        assert f"Bob is now {said}." in text_of(page)
        assert membership(group, bob).role == role


def test_an_unknown_role_changes_nothing(organiser, group, bob):
    page = act(organiser, group, bob, "role", role="owner")
    assert page.status_code == 422
    assert membership(group, bob).role == "member"


def test_the_last_organiser_stays_one(organiser, group, alice):
    page = act(organiser, group, alice, "role", role="member")
    assert page.status_code == 422
    assert "A group needs an organiser" in text_of(page)
    page = act(organiser, group, alice, "remove")
    assert LAST in text_of(page)
    page = organiser.post("/curious-minds/leave/")
    assert page.status_code == 422
    assert LAST in text_of(page)
    assert membership(group, alice).is_organiser


def test_an_organiser_whose_account_is_off_is_nobody_to_rely_on(group, alice, bob):
    Membership.objects.create(group=group, user=make_user("dora"))
    Membership.objects.filter(user=bob).update(role="organiser")
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="last organiser"):
        memberships.end_membership(membership=membership(group, alice), by=alice)


def test_with_another_one_an_organiser_may_go(organiser, group, alice, bob):
    act(organiser, group, bob, "role", role="organiser")
    page = organiser.post("/curious-minds/leave/", follow=True)
    assert "You have left Curious minds" in text_of(page)
    assert organiser.get("/curious-minds/papers/").status_code == 404
    assert membership(group, alice) is None


def test_who_is_alone_may_go(client, alice):
    make_group("Alone", organisers=[alice])
    client.force_login(alice)
    assert client.post("/alone/leave/").status_code == 302
    assert not alice.memberships.exists()


def open_link(client, link, person):
    client.force_login(person)
    client.get(link)
    return client.post("/join/").status_code


def test_who_was_removed_does_not_come_back_by_an_old_link(organiser, group, alice, bob):
    """Neither by one that is open to anyone, nor by one of their own."""
    dora = make_user("dora")
    _, anyones = joining.create_invitation(group=group, by=alice, role="member", days=7, uses=9)
    _, of_bob = joining.create_invitation(group=group, by=bob, role="organiser", days=7, uses=9)
    _, mine = joining.create_invitation(
        group=group, by=alice, role="member", days=7, email=bob.email
    )
    _, doras = joining.create_invitation(
        group=group, by=alice, role="member", days=7, email=dora.email
    )
    act(organiser, group, bob, "remove")
    for token in (anyones, of_bob, mine):
        assert open_link(organiser, f"/join/{token}/", bob) == 410
    assert membership(group, bob) is None
    assert open_link(organiser, f"/join/{doras}/", dora) == 302  # hers still holds


def test_who_steps_down_does_not_rise_by_an_old_link(organiser, group, alice, bob):
    act(organiser, group, bob, "role", role="organiser")
    _, token = joining.create_invitation(group=group, by=bob, role="organiser", days=7, uses=9)
    act(organiser, group, bob, "role", role="member")
    assert open_link(organiser, f"/join/{token}/", bob) == 410
    assert membership(group, bob).role == "member"


def test_the_last_who_leaves_closes_the_door(client, alice, bob):
    """Nobody comes into a group that nobody runs."""
    group = make_group("Alone", organisers=[alice])
    _, token = joining.create_invitation(group=group, by=alice, role="member", days=7)
    joining.create_invitation(
        group=group, by=make_user("root", is_superuser=True), role="member", days=7
    )
    client.force_login(alice)
    client.post("/alone/leave/")
    assert open_link(client, f"/join/{token}/", bob) == 410
    assert not group.invitations.filter(revoked_at=None).exists()


def test_who_acts_on_somebody_who_is_gone_is_told_so(organiser, group, alice, bob):
    row = membership(group, bob)
    row.delete()
    for act_on in (
        memberships.end_membership,
        partial(memberships.set_role, role="organiser"),
    ):
        with pytest.raises(ValidationError, match="no longer in the group"):
            act_on(membership=Membership(pk=row.pk or 1, group=group, user=bob), by=alice)


def test_removing_asks_first(organiser, group, bob):
    pk = membership(group, bob).pk
    page = organiser.get(f"/curious-minds/members/{pk}/remove/")
    assert "Remove Bob?" in text_of(page)
    assert membership(group, bob)


def test_leaving_asks_first(client, group, bob):
    client.force_login(bob)
    assert "Leave Curious minds?" in text_of(client.get("/curious-minds/leave/"))
    assert membership(group, bob)


def test_who_is_removed_is_out_and_what_they_uploaded_stays(organiser, group, bob):
    listing = make_listing(group=group, by=bob, papers=[make_paper(group=group)])
    page = act(organiser, group, bob, "remove")
    assert "Bob is no longer in the group" in text_of(page)
    listing.refresh_from_db()
    assert listing.created_by == bob
    organiser.force_login(bob)
    assert organiser.get("/curious-minds/papers/").status_code == 404


@pytest.mark.parametrize("page", ["change", "delete"])
def test_the_admin_keeps_the_last_organiser_too(organiser, group, alice, page):
    row = membership(group, alice)
    address = reverse(f"admin:papers_membership_{page}", args=[row.pk])
    form = {"change": {"role": "member"}, "delete": {"post": "yes"}}[page]
    shown = organiser.post(address, form, follow=True)
    assert "organiser" in text_of(shown)
    assert membership(group, alice).is_organiser


def test_an_organiser_changes_roles_in_the_admin_within_the_group(organiser, group, bob, charlie):
    theirs = charlie.memberships.get()
    for row, role in ((membership(group, bob), "organiser"), (theirs, "member")):
        address = reverse("admin:papers_membership_change", args=[row.pk])
        organiser.post(address, {"role": "organiser"})
        row.refresh_from_db()
        assert row.role == role


@pytest.fixture
def sure(client, group, bob):
    """Bob, who has just typed his password."""
    client.force_login(bob)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


GOING = {"writings": "keep", "email": "bob@example.org"}


def test_an_account_is_deleted_with_all_that_is_personal(sure, group, bob):
    listing = make_listing(group=group, by=bob, papers=[make_paper(group=group, title="Ours")])
    assert Session.objects.exists()
    page = sure.post("/me/delete/", GOING)
    assert "Your account is deleted" in text_of(page)
    assert not User.objects.filter(pk=bob.pk).exists()
    assert not EmailAddress.objects.filter(email=bob.email).exists()
    assert not Session.objects.exists()
    listing.refresh_from_db()
    assert str(listing.created_by) == "a former member"
    assert sure.get("/me/").status_code == 302


def test_nothing_has_the_name_or_an_address_of_who_is_gone(sure, group, alice, bob):
    joining.create_invitation(group=group, by=alice, role="member", days=7, email="Bob@Example.org")
    outbox.queue_mail(to="BOB@example.org", subject="x", text="x")
    sure.force_login(alice)
    address = reverse("admin:papers_membership_change", args=[membership(group, bob).pk])
    sure.post(address, {"role": "member"})
    sure.force_login(bob)
    sure.post("/accounts/reauthenticate/", {"password": PASSWORD})
    sure.post("/me/delete/", GOING)
    models = apps.get_models()
    left = [str(row) for model in models for row in model.objects.values() if model != Session]
    assert [row for row in left if "bob" in row.lower()] == []


def test_nobody_takes_the_place_of_the_former_members(sure, group, alice, bob):
    """A name makes a handle; none makes this one."""
    adapter = AccountAdapter()
    made = [adapter.generate_unique_username([name]) for name in ("Former member", "former-member")]
    assert "former member" not in made
    impostor = make_user(made[0])
    listing = make_listing(group=group, by=bob)
    sure.post("/me/delete/", GOING)
    listing.refresh_from_db()
    assert listing.created_by not in (impostor, None)


def test_a_superuser_deletes_a_person_by_the_same_rules(client, group, alice, bob):
    client.force_login(make_user("root", is_superuser=True))
    for person, is_left in ((alice, True), (bob, False)):
        address = reverse("admin:papers_user_delete", args=[person.pk])
        client.post(address, {"post": "yes"}, follow=True)
        assert User.objects.filter(pk=person.pk).exists() is is_left


def test_the_page_of_a_group_in_the_admin_adds_members_and_takes_none(client, group, alice):
    client.force_login(make_user("root", is_superuser=True))
    page = client.get(reverse("admin:papers_group_change", args=[group.pk]))
    assert "memberships-0-DELETE" not in page.text
    assert 'name="memberships-0-role"' not in page.text


def test_the_listing_of_who_is_gone_says_a_former_member(sure, group, alice, bob):
    paper = make_paper(group=group)
    make_listing(group=group, by=bob, papers=[paper])
    sure.post("/me/delete/", GOING)
    sure.force_login(alice)
    assert "by a former member" in text_of(sure.get(paper.get_absolute_url()))


@pytest.mark.parametrize(("writings", "left"), [("keep", {"read", "used"}), ("remove", {"used"})])
def test_what_was_written_stays_or_goes_as_its_author_says(sure, group, bob, writings, left):
    make_listing(group=group, by=bob, name="used", applied_at=timezone.now())
    Listing.objects.create(
        group=group, name="read", created_by=bob, state="staged", captured_on="2025-11-26"
    )
    sure.post("/me/delete/", GOING | {"writings": writings})
    assert set(Listing.objects.values_list("name", flat=True)) == left


@pytest.fixture
def said(group, alice, bob):
    """What Bob said of a paper of the group, with what others said to it."""
    paper = make_paper(group=group, title="Ours")
    Vote.objects.create(paper=paper, user=bob)
    Offer.objects.create(paper=paper, user=bob)
    Watch.objects.create(paper=paper, user=bob, follows=True)
    comment = make_comment(
        paper=paper, user=bob, body="Bob's word.", is_question=True, edited_at=timezone.now()
    )
    comment.mentions.add(alice)
    CommentRevision.objects.create(comment=comment, body="Before.", written_at=timezone.now())
    make_comment(paper=paper, user=alice, parent=comment, body="To which I say no.")
    removed = make_comment(paper=paper, user=bob, body="Rude.")
    Comment.objects.filter(pk=removed.pk).update(
        removed_at=timezone.now(), removed_by=alice, removal_reason="Rude."
    )
    return comment


def test_what_was_said_stays_under_nobodys_name(sure, said, alice):
    sure.post("/me/delete/", GOING)
    said.refresh_from_db()
    assert (str(said.user), said.body, said.removed_at) == ("a former member", "Bob's word.", None)
    assert said.is_question
    assert said.revisions.count() == 1
    assert list(said.mentions.all()) == [alice]
    for model in (Vote, Offer, Watch):
        assert not model.objects.exists()


def test_what_was_said_goes_and_its_place_stays(sure, said, alice):
    sure.post("/me/delete/", GOING | {"writings": "remove"})
    reply = Comment.objects.get(user=alice)
    assert (reply.parent, reply.body, reply.removed_at) == (said, "To which I say no.", None)
    for gone in Comment.objects.exclude(user=alice):
        assert (str(gone.user), str(gone.removed_by)) == ("a former member",) * 2
        assert (gone.body, gone.removal_reason, gone.is_question) == ("", "", False)
        assert gone.removed_at
        assert not gone.edited_at
        assert not gone.mentions.exists()
    assert not CommentRevision.objects.exists()
    for model in (Vote, Offer, Watch):
        assert not model.objects.exists()


@pytest.mark.parametrize("writings", ["keep", "remove"])
def test_what_was_proposed_goes_where_nobody_else_has_touched_it(sure, group, alice, bob, writings):
    """Also in a group that was left long ago."""
    left = make_group("Left long ago")
    alone = make_paper(group=left, title="Alone", proposed_by=bob)
    reply = make_comment(paper=alone, user=bob)
    make_comment(paper=alone, user=bob, parent=reply)
    Vote.objects.create(paper=alone, user=bob)
    wanted = make_paper(group=group, title="Wanted", proposed_by=bob)
    Vote.objects.create(paper=wanted, user=alice)
    make_paper(group=group, title="Hers", proposed_by=alice)
    left.refresh_from_db()
    before = left.papers_version
    sure.post("/me/delete/", GOING | {"writings": writings})
    names = {paper.title: str(paper.proposed_by) for paper in Paper.objects.all()}
    nobodys = {"Wanted": "a former member", "Hers": "Alice"}
    assert names == nobodys | ({"Alone": "a former member"} if writings == "keep" else {})
    left.refresh_from_db()
    assert (left.papers_version > before) is (writings == "remove")
    assert wanted.votes.get().user == alice


def test_who_leaves_has_said_what_they_said_but_counts_no_more(client, group, said, bob):
    client.force_login(bob)
    assert "your votes and offers no longer count" in text_of(client.get("/curious-minds/leave/"))
    assert Vote.objects.of_members(group).get().user == bob
    client.post("/curious-minds/leave/")
    said.refresh_from_db()
    assert (said.user, said.body) == (bob, "Bob's word.")
    assert Vote.objects.get().user == Offer.objects.get().user == bob
    assert not Vote.objects.of_members(group).exists()
    assert not Offer.objects.of_members(group).exists()


def test_deleting_asks_for_the_address_and_means_it(sure, bob):
    for wrong in ("", "alice@example.org"):
        page = sure.post("/me/delete/", GOING | {"email": wrong})
        assert page.status_code == 422
    assert User.objects.filter(pk=bob.pk).exists()


def test_deleting_asks_for_the_password_again(client, group, bob):
    client.force_login(bob)
    assert client.post("/me/delete/", GOING).url.startswith("/accounts/reauthenticate/")
    assert User.objects.filter(pk=bob.pk).exists()


def test_the_last_organiser_cannot_delete_the_account(client, group, alice):
    client.force_login(alice)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.post("/me/delete/", GOING | {"email": alice.email})
    assert page.status_code == 422
    assert "You are the last organiser of Curious minds" in text_of(page)
    page = client.get("/me/delete/")
    assert page.status_code == 200
    assert "Make another member an organiser first" in text_of(page)
    assert membership(group, alice)


def test_the_last_superuser_cannot_delete_the_account(db):
    root = make_user("root", is_superuser=True)
    with pytest.raises(ValidationError, match="last superuser"):
        memberships.delete_account(user=root, keep_writings=True)
    make_user("second", is_superuser=True)
    memberships.delete_account(user=root, keep_writings=True)
    assert User.objects.get(is_superuser=True).username == "second"


def test_whoever_stands_for_the_former_members_is_not_deleted(client, group, bob):
    make_listing(group=group, by=bob)
    memberships.delete_account(user=bob, keep_writings=True)
    former = User.objects.get(username="former member")
    client.force_login(make_user("root", is_superuser=True))
    address = reverse("admin:papers_user_delete", args=[former.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [former.pk], "post": "yes"}
    client.post(reverse("admin:papers_user_changelist"), chosen)
    assert User.objects.filter(pk=former.pk).exists()


# Memberships in the admin.


@pytest.fixture
def root(group):
    return make_user("root", is_superuser=True, is_staff=True)


@pytest.fixture
def admin_browser(root):
    return Browser(root)


def add_in_admin(browser, person, role="Member"):
    form = browser.open("/admin/papers/membership/add/").form("Save")
    form.choose("Group", "Curious minds")
    form.choose("User", f"{person} <{person.email}>")
    form.choose("Role", role)
    return form.submit()


def test_a_superuser_adds_changes_and_ends_a_membership_in_the_admin(admin_browser, group, charlie):
    group.join_requests.create(user=charlie)
    assert add_in_admin(admin_browser, charlie).errors() == []
    row = membership(group, charlie)
    assert (row.role, group.join_requests.count()) == ("member", 0)
    form = admin_browser.open(f"/admin/papers/membership/{row.pk}/change/").form("Save")
    form.choose("Role", "Organiser")
    form.submit()
    assert membership(group, charlie).is_organiser
    admin_browser.open(f"/admin/papers/membership/{row.pk}/delete/").form("Yes, I’m sure").submit()
    assert membership(group, charlie) is None


def test_the_admin_adds_nobody_twice(admin_browser, group, bob):
    page = add_in_admin(admin_browser, bob, "Organiser")
    assert "Already a member." in text_of(page.response)
    assert membership(group, bob).role == "member"


def test_a_member_is_added_on_the_page_of_the_group_and_changed_from_there(
    admin_browser, group, alice, charlie
):
    page = admin_browser.open(f"/admin/papers/group/{group.pk}/change/")
    form = page.form("Save")
    form.choose("memberships-2-user", f"Charlie <{charlie.email}>")
    assert form.submit().errors() == []
    assert membership(group, charlie).role == "member"
    page = admin_browser.open(f"/admin/papers/group/{group.pk}/change/")
    links = [link.get("href", "") for link in page.root.all("a")]
    pk = membership(group, alice).pk
    assert any(link.startswith(f"/admin/papers/membership/{pk}/change/") for link in links)


def test_the_admin_offers_nobody_who_is_deactivated_or_gone(admin_browser, group):
    make_user("erin", is_active=False)
    former_member()
    page = admin_browser.open("/admin/papers/membership/add/")
    offered = [option.text for option in page.root.all("option")]
    assert "Alice <alice@example.org>" in offered
    assert not any("Erin" in text or "former" in text for text in offered)


def test_an_organiser_cannot_add_people_of_other_groups(organiser, group):
    assert organiser.get("/admin/papers/membership/add/").status_code == 403
