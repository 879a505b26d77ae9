"""Into a group: by a link, by a mail, by asking; and nobody without."""

import re
import time
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from papers.models import Invitation, JoinRequest, Mail, Membership, User
from papers.services import joining
from tests.browsing import Browser
from tests.factories import PASSWORD, make_group, make_paper, make_user
from tests.pages import text_of

NEWCOMER = {
    "name": "Nora New",
    "email": "nora@example.org",
    "password1": "a few words do well",
    "time_zone": "Europe/Berlin",
}


@pytest.fixture
def organiser(client, group, alice):
    client.force_login(alice)
    return client


@pytest.fixture
def invite(group, alice):
    """Make an invitation; its link."""

    def invite(**fields):
        fields = {"role": "member", "days": 7} | fields
        _, token = joining.create_invitation(group=group, by=alice, **fields)
        return f"/join/{token}/"

    return invite


def sign_up(client, **fields):
    return client.post("/accounts/signup/", NEWCOMER | fields, follow=True)


def code_in_mail(send_mails):
    """The code in the mail that came last."""
    send_mails()
    return re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[-1].body)[0]


def is_in(group, email="nora@example.org"):
    return group.memberships.filter(user__email=email).exists()


def test_a_newcomer_is_in_with_a_link_and_the_code_of_a_mail(client, group, invite, send_mails):
    page = client.get(invite(), follow=True)
    assert "Alice invites you to Curious minds" in text_of(page)
    page = sign_up(client)
    assert not is_in(group)
    page = client.post("/accounts/confirm-email/", {"code": code_in_mail(send_mails)}, follow=True)
    assert page.redirect_chain[-1][0] == "/curious-minds/"
    assert "Welcome to Curious minds!" in text_of(page)
    nora = User.objects.get(email="nora@example.org")
    assert (nora.name, nora.time_zone) == ("Nora New", "Europe/Berlin")
    assert "nora@" not in nora.username
    assert Invitation.objects.get().uses_left == 0


def test_a_wrong_code_lets_nobody_in(client, group, invite, send_mails):
    client.get(invite())
    sign_up(client)
    right = code_in_mail(send_mails)
    for _ in range(3):
        client.post("/accounts/confirm-email/", {"code": "WRNG-WRNG"})
    client.post("/accounts/confirm-email/", {"code": right})
    assert not is_in(group)


def test_who_was_invited_by_mail_needs_no_code(organiser, group, send_mails):
    form = {"role": "member", "days": 7, "addresses": "Nora@Example.org, nora@example.org"}
    page = organiser.post("/curious-minds/invitations/mail/", form, follow=True)
    assert "1 invitation sent." in text_of(page)
    send_mails()
    (sent,) = mail.outbox
    assert sent.to == ["nora@example.org"]
    assert "Alice invites you" in sent.subject
    link = re.search(r"http://testserver(/join/\S+)", sent.body)[1]

    newcomer = Client()
    page = newcomer.get(link, follow=True)
    assert 'value="nora@example.org"' in page.text
    page = sign_up(newcomer)
    assert "Welcome to Curious minds!" in text_of(page)
    assert is_in(group)


def test_an_invitation_by_mail_is_for_its_address(organiser, group, invite, send_mails):
    newcomer = Client()
    newcomer.get(invite(email="guest@example.org", was_mailed=True))
    page = sign_up(newcomer)
    assert "The invitation is for another address" in text_of(page)
    assert not User.objects.filter(email="nora@example.org").exists()


def test_a_bound_link_does_not_prove_the_address(client, group, invite, send_mails):
    """Whoever made it may have opened it: the code of a mail proves the address."""
    client.get(invite(email="nora@example.org"))
    sign_up(client)
    assert not is_in(group)
    client.post("/accounts/confirm-email/", {"code": code_in_mail(send_mails)})
    assert is_in(group)


def test_a_bound_link_is_for_the_account_with_its_address(client, group, charlie, invite):
    client.force_login(charlie)
    client.get(invite(email="guest@example.org"))
    page = client.post("/join/")
    assert page.status_code == 422
    assert "for another e-mail address" in text_of(page)
    assert not is_in(group, charlie.email)
    client.get(invite(email="Charlie@Example.org"))
    assert client.post("/join/").url == "/curious-minds/"
    assert is_in(group, charlie.email)


def test_an_unverified_address_is_nobodys(client, group, charlie, invite):
    charlie.emailaddress_set.update(verified=False)
    client.force_login(charlie)
    client.get(invite(email=charlie.email))
    assert client.post("/join/").status_code == 422
    assert not is_in(group, charlie.email)


def test_who_is_signed_in_joins_with_a_click_and_not_by_looking(client, group, charlie, invite):
    client.force_login(charlie)
    page = client.get(invite(), follow=True)
    assert "Join Curious minds" in text_of(page)
    assert not is_in(group, charlie.email)
    client.post("/join/")
    assert is_in(group, charlie.email)


def test_an_account_that_somebody_else_made_with_my_address_is_no_way_in_for_them(
    client, open_group, alice, send_mails
):
    """They never verified it; I am invited at it, and do: their password is worth nothing."""
    squatter = Client()
    form = NEWCOMER | {"next": "/curious-minds/ask/"}
    squatter.post("/accounts/signup/", form)  # and waits where the code is to be typed
    _, token = joining.create_invitation(
        group=open_group,
        by=alice,
        role="organiser",
        days=7,
        email="nora@example.org",
        was_mailed=True,
    )
    assert client.get(f"/join/{token}/", follow=True).redirect_chain[-1][0] == "/accounts/signup/"
    client.post("/accounts/login/code/", {"email": "nora@example.org"})
    send_mails()
    assert "no account has it" in mail.outbox[-1].body  # no code verifies what they made
    client.post("/accounts/password/reset/", {"email": "nora@example.org"})
    send_mails()
    link = re.search(r"http://testserver(/accounts/password/reset/\S+)", mail.outbox[-1].body)[1]
    reset = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(reset, {"password1": "mine and mine alone", "password2": "mine and mine alone"})
    EmailAddress.objects.update(verified=True)
    for path in ("/accounts/confirm-email/", "/accounts/login/"):
        squatter.get(path, follow=True)
        squatter.post(path, {"code": "WRNG-WRNG", "login": NEWCOMER["email"]}, follow=True)
        form = {"login": NEWCOMER["email"], "password": NEWCOMER["password1"]}
        squatter.post("/accounts/login/", form)
        assert squatter.get("/me/").status_code == 302
    assert not is_in(open_group)


def test_who_has_an_account_signs_in_and_is_in(client, group, charlie, invite):
    client.get(invite())
    form = {"login": charlie.email, "password": PASSWORD}
    page = client.post("/accounts/login/", form, follow=True)
    assert "Welcome to Curious minds!" in text_of(page)
    assert is_in(group, charlie.email)


def test_one_may_sign_in_without_joining(client, group, charlie, invite):
    client.get(invite())
    assert "Sign in and join" in text_of(client.get("/accounts/login/"))
    client.post("/join/forget/")
    assert "Sign in and join" not in text_of(client.get("/accounts/login/"))
    client.post("/accounts/login/", {"login": charlie.email, "password": PASSWORD})
    assert not is_in(group, charlie.email)


def test_who_was_sent_a_link_and_has_an_account_is_led_to_sign_in(client, charlie, invite):
    page = client.get(invite(email=charlie.email, was_mailed=True), follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/"
    assert "Alice invites you" in text_of(page)


def test_an_opened_link_is_forgotten_after_an_hour(client, group, charlie, invite, monkeypatch):
    """The browser may be somebody else's by then."""
    link, now = invite(), time.time()
    client.get(link)
    monkeypatch.setattr(joining.time, "time", lambda: now + 3601)
    client.post("/accounts/login/", {"login": charlie.email, "password": PASSWORD})
    assert not is_in(group, charlie.email)


def test_one_use_is_one_person(client, group, charlie, invite):
    link = invite()
    for person, status in ((charlie, 302), (make_user("dora"), 410)):
        client.force_login(person)
        client.get(link)
        assert client.post("/join/").status_code == status
    assert not is_in(group, "dora@example.org")


def test_who_is_in_already_uses_nothing_up(client, group, bob, invite):
    client.force_login(bob)
    client.get(invite())
    page = client.post("/join/", follow=True)
    assert "You are already a member of Curious minds" in text_of(page)
    assert Invitation.objects.get().uses_left == 1


def test_an_invitation_for_organisers_makes_a_member_one_and_none_less(client, group, alice, bob):
    for role, person in (("organiser", bob), ("member", alice)):
        _, token = joining.create_invitation(group=group, by=alice, role=role, days=7)
        client.force_login(person)
        client.get(f"/join/{token}/")
        client.post("/join/")
        assert group.memberships.get(user=person).role == "organiser"


def expire(invitation):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def revoke(invitation):
    joining.revoke_invitation(invitation=invitation, by=make_user("dora"))


@pytest.mark.parametrize(
    ("end", "why"), [(expire, "has expired"), (revoke, "was revoked")], ids=["late", "withdrawn"]
)
def test_what_has_ended_lets_nobody_in_nor_sign_up(client, group, charlie, invite, end, why):
    link = invite()
    client.get(link)  # opened while it held
    end(Invitation.objects.get())
    page = client.get(link, follow=True)
    assert page.status_code == 410
    assert why in text_of(page)
    assert why in text_of(sign_up(client)) or "You need an invitation" in text_of(sign_up(client))
    assert not User.objects.filter(email="nora@example.org").exists()
    client.force_login(charlie)
    client.get(link)
    client.post("/join/")
    assert not is_in(group, charlie.email)


def test_signing_up_while_it_ends_makes_no_member(client, group, invite, send_mails):
    client.get(invite())
    sign_up(client)
    revoke(Invitation.objects.get())
    code = code_in_mail(send_mails)
    page = client.post("/accounts/confirm-email/", {"code": code}, follow=True)
    assert "was revoked" in text_of(page)
    assert not is_in(group)


def test_without_an_invitation_there_is_no_signing_up(client, group):
    for address in ("", "?next=/curious-minds/papers/", "?next=/curious-minds/ask/"):
        page = client.get(f"/accounts/signup/{address}")
        assert "You need an invitation" in text_of(page)
        client.post(f"/accounts/signup/{address}", NEWCOMER)
    client.get("/join/made-up/")
    client.post("/accounts/signup/", NEWCOMER)
    assert not User.objects.filter(email="nora@example.org").exists()


@pytest.mark.parametrize(
    ("role", "typed", "uses", "said"),
    [
        ("Organiser", "", 1, "One person can join with it as organiser, until"),
        ("Member", "", 20, "Up to 20 people can join with it as members, until"),
        ("Organiser", "3", 3, "Up to 3 people can join with it as organisers, until"),
        ("Member", "1", 1, "One person can join with it as member, until"),
    ],
)
def test_a_link_for_organisers_admits_one_unless_a_number_is_typed(
    group, alice, role, typed, uses, said
):
    form = Browser(alice).open("/curious-minds/members/").form("Create a link")
    form.choose("Role", role)
    form.fill("How many people can use it", typed)
    page = form.submit()
    assert Invitation.objects.get().uses_left == uses
    shown = text_of(page.response)
    assert said in shown
    assert f"A link {role} {uses} use{'' if uses == 1 else 's'} left, expires" in shown


def test_every_open_invitation_says_its_role_uses_and_end(organiser, group, invite):
    invite(email="guest@example.org", role="organiser")
    shown = text_of(organiser.get("/curious-minds/members/"))
    assert "guest@example.org Organiser 1 use left, expires" in shown


def test_a_token_is_shown_once_and_kept_nowhere(organiser, group, invite):
    form = {"role": "organiser", "days": 3, "uses": 5}
    organiser.post("/curious-minds/invitations/link/", form)
    waiting = [str(session.get_decoded()) for session in Session.objects.all()]
    page = organiser.get("/curious-minds/members/")
    token = re.search(r"/join/([\w-]{43})/", page.text)[1]
    assert page["Cache-Control"] == "no-store"
    assert token not in organiser.get("/curious-minds/members/").text
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.uses_left) == ("organiser", 5)
    assert timedelta(days=2) < invitation.expires_at - timezone.now() <= timedelta(days=3)
    client = Client()
    client.get(f"/join/{token}/")
    kept = [str(row) for row in Invitation.objects.values()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    assert len(kept) > 1
    assert not [row for row in kept + waiting if token in row]


def test_a_new_link_is_shown_on_the_page_of_its_group_alone(client, group, alice):
    make_group("Second", organisers=[alice])
    client.force_login(alice)
    client.post("/curious-minds/invitations/link/", {"role": "member", "days": 3, "uses": 5})
    assert "/join/" not in client.get("/second/members/").text


def test_a_token_of_a_mail_waits_encrypted_and_goes_with_the_mail(organiser, send_mails):
    form = {"role": "member", "days": 7, "addresses": "nora@example.org"}
    organiser.post("/curious-minds/invitations/mail/", form)
    waiting = Mail.objects.get()
    assert waiting.content
    assert b"/join/" not in bytes(waiting.content)
    send_mails()
    assert "/join/" in mail.outbox[0].body
    assert bytes(Mail.objects.get().content) == b""


def test_the_way_in_does_not_stay_in_the_address(client, invite):
    """No page with the token in its address is shown, so none is passed on as a referrer."""
    page = client.get(invite(), follow=True)
    assert [address for address, _ in page.redirect_chain] == ["/join/", "/accounts/signup/"]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"addresses": "nora"}, "“nora” is not an e-mail address"),
        ({"addresses": ""}, "This field is required"),
        ({"addresses": " ".join(f"a{n}@example.org" for n in range(51))}, "These are 51 addresses"),
        ({"addresses": "a@example.org\nBcc: b@example.org"}, "“bcc:” is not an e-mail address"),
        ({"addresses": "nora@example.org", "days": "0"}, "greater than or equal to 1"),
        ({"addresses": "nora@example.org", "role": "owner"}, "owner is not one of"),
    ],
)
def test_invitations_that_cannot_be_come_back_as_they_were_given(organiser, form, message):
    given = {"role": "member", "days": 7} | form
    page = organiser.post("/curious-minds/invitations/mail/", given)
    assert page.status_code == 422
    assert message in text_of(page)
    assert str(given["addresses"]) in page.text.replace("&#x27;", "'")
    assert not Invitation.objects.exists()
    assert not Mail.objects.exists()


def test_a_group_sends_no_more_than_two_hundred_a_day(organiser, group, alice):
    for n in range(4):
        some = " ".join(f"a{n}-{m}@example.org" for m in range(49))
        form = {"role": "member", "days": 7, "addresses": some}
        organiser.post("/curious-minds/invitations/mail/", form)
    page = organiser.post(
        "/curious-minds/invitations/mail/",
        form
        | {"addresses": "1@example.org 2@example.org 3@example.org 4@example.org 5@example.org"},
    )
    assert page.status_code == 422
    assert "this group has sent 196" in text_of(page)
    assert Mail.objects.count() == 196


def test_asking_again_after_a_no_tells_the_organiser_no_second_time_today(
    client, open_group, charlie
):
    client.force_login(charlie)
    for _ in range(3):
        client.post("/curious-minds/ask/send/", {"message": "Please"})
        client.post("/curious-minds/ask/withdraw/")
    assert Mail.objects.count() == 1


def test_a_new_invitation_to_an_address_takes_the_place_of_the_old(organiser, group, bob):
    form = {"role": "member", "days": 7, "addresses": f"nora@example.org {bob.email}"}
    for _ in range(2):
        page = organiser.post("/curious-minds/invitations/mail/", form, follow=True)
        assert "1 invitation sent. 1 person is a member already." in text_of(page)
    assert group.invitations.count() == 2
    assert group.invitations.usable(timezone.now()).count() == 1


def test_all_invitations_can_be_reached(organiser, group, alice):
    for n in range(101):
        joining.create_invitation(
            group=group, by=alice, role="member", days=7, email=f"a{n}@example.org"
        )
    first = organiser.get("/curious-minds/members/?page=1")
    assert "a100@example.org" in first.text
    assert "a0@example.org" not in first.text
    assert "a0@example.org" in organiser.get("/curious-minds/members/?invitations=2").text


def test_who_withdrew_is_not_let_in(client, open_group, alice, charlie):
    asked = JoinRequest.objects.create(group=open_group, user=charlie)
    JoinRequest.objects.all().delete()
    with pytest.raises(ValidationError, match="is no longer asking to join"):
        joining.accept_request(request=asked, by=alice, link="")
    assert not is_in(open_group, charlie.email)


def test_an_invitation_is_withdrawn(organiser, group, invite):
    link = invite()
    assert "A link" in text_of(organiser.get("/curious-minds/members/"))
    pk = Invitation.objects.get().pk
    organiser.post(f"/curious-minds/invitations/{pk}/revoke/")
    assert "A link" not in text_of(organiser.get("/curious-minds/members/"))
    assert Client().get(link, follow=True).status_code == 410


@pytest.fixture
def open_group(group):
    group.anyone_may_ask = True
    group.save(update_fields=["anyone_may_ask"])
    return group


def test_a_stranger_asks_and_is_let_in(client, open_group, alice, charlie, send_mails):
    client.force_login(charlie)
    page = client.post("/curious-minds/ask/send/", {"message": "I read <b>much</b>."}, follow=True)
    assert "You asked on" in text_of(page)
    assert client.get("/curious-minds/papers/").status_code == 404
    send_mails()
    (told,) = mail.outbox
    assert told.to == [alice.email]
    assert "I read <b>much</b>." in told.body

    client.force_login(alice)
    page = client.get("/curious-minds/members/")
    assert "I read &lt;b&gt;much&lt;/b&gt;." in page.text
    asked = JoinRequest.objects.get()
    client.post(f"/curious-minds/requests/{asked.pk}/admit/")
    assert is_in(open_group, charlie.email)
    assert not JoinRequest.objects.exists()
    send_mails()
    assert mail.outbox[-1].to == [charlie.email]


def test_organisers_see_on_every_page_that_somebody_asks(client, open_group, alice, bob):
    for name in ("frank", "gina"):
        JoinRequest.objects.create(group=open_group, user=make_user(name))
    paper = make_paper(group=open_group)
    for person, is_told in ((alice, True), (bob, False)):
        client.force_login(person)
        for address in ("/curious-minds/papers/", paper.get_absolute_url()):
            assert ("Members 2 ask to join" in text_of(client.get(address))) is is_told


def test_asking_twice_asks_once_and_tells_the_organiser_once(client, open_group, charlie):
    client.force_login(charlie)
    for message in ("Please", "Please!"):
        client.post("/curious-minds/ask/send/", {"message": message})
    assert JoinRequest.objects.get().message == "Please!"
    assert Mail.objects.count() == 1


def test_who_is_declined_is_not_in(client, open_group, alice, charlie):
    asked = JoinRequest.objects.create(group=open_group, user=charlie)
    client.force_login(alice)
    client.post(f"/curious-minds/requests/{asked.pk}/decline/")
    assert not JoinRequest.objects.exists()
    assert not is_in(open_group, charlie.email)


def test_who_asked_may_withdraw(client, open_group, charlie):
    JoinRequest.objects.create(group=open_group, user=charlie)
    client.force_login(charlie)
    client.post("/curious-minds/ask/withdraw/")
    assert not JoinRequest.objects.exists()


def test_to_ask_one_may_make_an_account(client, open_group, send_mails):
    page = client.get("/curious-minds/ask/")
    assert "Create an account and ask" in text_of(page)
    page = client.get("/accounts/signup/?next=/curious-minds/ask/")
    assert "Create an account" in text_of(page)
    sign_up(client, next="/curious-minds/ask/")
    page = client.post("/accounts/confirm-email/", {"code": code_in_mail(send_mails)}, follow=True)
    assert "Ask to join" in text_of(page)
    assert not is_in(open_group)


def test_a_group_that_lets_nobody_ask_is_not_there(client, group, charlie):
    """Not to those who look for it, signed in or not."""
    assert client.get("/curious-minds/ask/").status_code == 404
    client.force_login(charlie)
    assert client.get("/curious-minds/ask/").status_code == 404
    assert client.post("/curious-minds/ask/send/", {"message": "x"}).status_code == 404
    assert not JoinRequest.objects.exists()


def test_the_page_of_members_costs_no_more_for_thirty(client, group, alice):
    client.force_login(alice)

    def add(number):
        for n in range(number):
            user = make_user(f"user{n}-{number}")
            Membership.objects.create(group=group, user=user)
            JoinRequest.objects.create(group=group, user=make_user(f"asks{n}-{number}"))
            joining.create_invitation(group=group, by=user, role="member", days=7, email=user.email)

    add(1)
    client.get("/curious-minds/members/")
    with CaptureQueriesContext(connection) as few:
        client.get("/curious-minds/members/")
    add(29)
    with CaptureQueriesContext(connection) as many:
        assert "User28-29" in text_of(client.get("/curious-minds/members/"))
    assert len(many) == len(few)


def test_hours_are_in_the_zone_of_the_reader_or_else_of_the_group(client, group, alice, invite):
    invite()
    Invitation.objects.update(expires_at="2999-07-01 12:00:00+00:00")
    client.force_login(alice)
    for who, zone, shown in (
        (group, "Asia/Kathmandu", "1 Jul 2999, 17:45 +0545"),
        (alice, "Europe/Berlin", "1 Jul 2999, 14:00 CEST"),
    ):
        who.time_zone = zone
        who.save(update_fields=["time_zone"])
        assert f"expires {shown}" in text_of(client.get("/curious-minds/members/"))


def test_a_member_sees_who_is_in_and_nothing_of_who_is_to_come(client, group, bob, invite):
    invite(email="guest@example.org")
    JoinRequest.objects.create(group=group, user=make_user("frank"))
    client.force_login(bob)
    shown = text_of(client.get("/curious-minds/members/"))
    assert "Alice Organiser" in shown
    for hidden in ("guest@example.org", "Frank", "alice@example.org", "Invite"):
        assert hidden not in shown


def test_members_of_another_group_are_not_in_the_list(client, group, bob, charlie):
    make_group("Third", members=[make_user("dora")])
    client.force_login(bob)
    shown = text_of(client.get("/curious-minds/members/"))
    assert "2 members" in shown
    assert "Charlie" not in shown
    assert "Dora" not in shown
