"""Accounts: signing in and its limits, the second factor, sessions, passwords, addresses."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.models import Mail, User
from papers.services import joining
from tests.factories import PASSWORD, make_user
from tests.pages import text_of

WRONG = "The e-mail address or the password is wrong."
TOO_MANY = "Too many attempts."
NEW = "other words do well, too"


def sign_in(client, email="bob@example.org", password=PASSWORD, **extra):
    return client.post("/accounts/login/", {"login": email, "password": password}, **extra)


def is_signed_in(client):
    return client.get("/me/").status_code == 200


def be_sure(client, user):
    client.force_login(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


@pytest.mark.parametrize("email", ["bob@example.org", "BOB@Example.org"])
def test_one_signs_in_by_address(client, group, bob, email):
    assert sign_in(client, email).url == "/"
    assert is_signed_in(client)


@pytest.mark.parametrize("login", ["bob", "bob@example", "", "@example.org"])
def test_not_by_a_handle_nor_by_half_an_address(client, group, bob, login):
    sign_in(client, login)
    assert not is_signed_in(client)


def test_who_is_deactivated_does_not_sign_in(client, group, bob):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    sign_in(client)
    assert not is_signed_in(client)


def test_five_wrong_passwords_are_the_most(client, group, bob):
    said = [text_of(sign_in(client, password=f"wrong {n}")) for n in range(8)]
    assert [WRONG in words for words in said] == [True] * 5 + [False] * 3
    assert [TOO_MANY in words for words in said] == [False] * 5 + [True] * 3
    assert TOO_MANY in text_of(sign_in(client))  # with the right one, too
    assert not is_signed_in(client)


def test_another_spelling_of_the_address_or_the_host_is_no_new_five(group, bob, settings):
    settings.ALLOWED_HOSTS = ["*"]
    bob.email = "bess@example.org"
    bob.save(update_fields=["email"])
    spellings = ["bess", "BESS", "be\u017fs", "bes\u017f", "be\u017f\u017f", "Bess", "ｂess"]
    for number, name in enumerate(spellings):
        host = f"host{number}.example"
        sign_in(Client(), f"{name}@example.org", "wrong", headers={"host": host})
    assert TOO_MANY in text_of(sign_in(Client(), "bess@example.org", "wrong"))


def test_ten_tries_a_minute_from_one_place_are_the_most(db, client):
    said = [text_of(sign_in(client, f"nobody{n}@example.org", "wrong")) for n in range(12)]
    assert [WRONG in words for words in said] == [True] * 10 + [False] * 2


def test_behind_a_proxy_places_are_told_apart_by_what_it_says(db, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def tries(forwarded):
        client = Client(headers={"x-forwarded-for": forwarded})
        said = [text_of(sign_in(client, f"{n}{forwarded}@example.org", "wrong")) for n in range(11)]
        return sum(WRONG in words for words in said)

    assert tries("192.0.2.1") == 10
    assert tries("192.0.2.2") == 10
    # What stands before the proxy's own word is anybody's to invent.
    assert tries("198.51.100.7, 192.0.2.2") == 0


def test_without_a_proxy_nobody_says_where_they_are(db):
    said = []
    for n in range(12):
        client = Client(headers={"x-forwarded-for": f"192.0.2.{n}"})
        said.append(text_of(sign_in(client, f"nobody{n}@example.org", "wrong")))
    assert sum(WRONG in words for words in said) == 10


def test_the_admin_has_the_same_door(client, group, alice):
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/?next=/admin/"
    data = {"username": "alice", "password": PASSWORD, "next": "/admin/"}
    assert client.post("/admin/login/", data).url == "/accounts/login/?next=/admin/"
    assert not is_signed_in(client)
    page = sign_in(client, alice.email)
    assert client.get("/admin/").status_code == 200


def test_who_does_not_work_in_the_admin_is_told_so(client, group, bob):
    client.force_login(bob)
    page = client.get("/admin/", follow=True)
    assert page.status_code == 403


def test_a_mailed_code_signs_in_once(client, group, bob, send_mails):
    client.post("/accounts/login/code/", {"email": bob.email})
    send_mails()
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body)[0]
    other = Client()
    other.post("/accounts/login/code/confirm/", {"code": code})
    assert not is_signed_in(other)  # only where it was asked for
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert is_signed_in(client)


def test_three_wrong_codes_end_it(client, group, bob, send_mails):
    client.post("/accounts/login/code/", {"email": bob.email})
    send_mails()
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body)[0]
    for _ in range(3):
        client.post("/accounts/login/code/confirm/", {"code": "WRNG-WRNG"})
    client.post("/accounts/login/code/confirm/", {"code": code})
    assert not is_signed_in(client)


@pytest.mark.parametrize("address", ["/accounts/password/reset/", "/accounts/login/code/"])
def test_nobody_learns_who_has_an_account(group, bob, address):
    pages = []
    for email in (bob.email, "nobody@example.org"):
        page = Client().post(address, {"email": email}, follow=True)
        pages.append((page.redirect_chain, text_of(page).replace(email, "")))
    assert pages[0] == pages[1]
    assert Mail.objects.count() == 2  # each gets a mail: one says that no account has it


def test_nobody_learns_it_by_making_an_account(group, alice, bob):
    pages = []
    for email in (bob.email, "nobody@example.org"):
        client = Client()
        _, token = joining.create_invitation(group=group, by=alice, role="member", days=7)
        client.get(f"/join/{token}/")
        form = {"name": "Nobody", "email": email, "password1": "a few words do well"}
        page = client.post("/accounts/signup/", form, follow=True)
        pages.append((page.redirect_chain, text_of(page).replace(email, "")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "address",
    ["be\u017f\u017f@example.org", '"\\\\\t"@example.org', "\u0130" * 60 + "@example.org"],
)
def test_an_address_that_databases_read_in_two_ways_is_refused(group, alice, address):
    client = Client()
    _, token = joining.create_invitation(group=group, by=alice, role="member", days=7)
    client.get(f"/join/{token}/")
    form = {"name": "Nobody", "email": address, "password1": "a few words do well"}
    assert client.post("/accounts/signup/", form).status_code == 200
    assert client.post("/accounts/login/code/", {"email": address}).status_code < 500
    be_sure(client, alice)
    form = {"role": "member", "days": 7, "uses": 1, "email": address}
    assert client.post("/curious-minds/invitations/link/", form).status_code == 422
    assert User.objects.count() == 2


LONG = "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".org"  # 309 characters


@pytest.mark.parametrize("length", [255, 309])
def test_an_address_that_is_too_long_is_no_error_of_ours(client, group, alice, bob, length):
    address = LONG[len(LONG) - length :]
    for path in ("/accounts/password/reset/", "/accounts/login/code/", "/accounts/login/"):
        form = {"email": address, "login": address, "password": "x"}
        assert client.post(path, form).status_code < 500
    _, token = joining.create_invitation(group=group, by=alice, role="member", days=7)
    client.get(f"/join/{token}/")
    form = {"name": "Nobody", "email": address, "password1": "a few words do well"}
    assert client.post("/accounts/signup/", form).status_code == 200
    be_sure(client, alice)
    assert client.post("/accounts/email/", {"email": address, "action_add": ""}).status_code == 200
    form = {"role": "member", "days": 7, "addresses": address}
    assert client.post("/curious-minds/invitations/mail/", form).status_code == 422
    assert not Mail.objects.exists()


def test_a_reset_password_signs_in_and_the_old_one_does_not(client, group, bob, send_mails):
    elsewhere = Client()
    elsewhere.force_login(bob)
    client.post("/accounts/password/reset/", {"email": bob.email})
    send_mails()
    link = re.search(r"http://testserver(/accounts/password/reset/\S+)", mail.outbox[0].body)[1]
    page = client.get(link, follow=True)
    form = page.redirect_chain[-1][0]
    assert "key" in link and link != form  # the key does not stay in the address
    client.post(form, {"password1": NEW, "password2": NEW})
    assert not is_signed_in(elsewhere)
    sign_in(client)
    assert not is_signed_in(client)
    sign_in(client, password=NEW)
    assert is_signed_in(client)
    assert "This link is invalid or has expired" in text_of(Client().get(link, follow=True))


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short words", "at least 12 characters"),
        ("password1234", "too common"),
        ("bob@example.org", "too similar"),
        ("590318462907", "entirely numeric"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(client, group, bob, password, why):
    be_sure(client, bob)
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert why in text_of(client.post("/accounts/password/change/", form))


def test_a_passphrase_needs_no_digits_and_signs(client, group, bob):
    elsewhere = Client()
    sign_in(elsewhere)
    be_sure(client, bob)
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert client.post("/accounts/password/change/", form).url == "/me/"
    assert is_signed_in(client)
    assert not is_signed_in(elsewhere)
    assert Mail.objects.filter(to=bob.email).exists()  # they are told


def test_other_sessions_are_seen_and_ended(client, group, bob):
    elsewhere = Client(headers={"user-agent": "A browser far away"})
    sign_in(elsewhere)
    sign_in(client)
    assert is_signed_in(elsewhere)
    assert "A browser far away" in text_of(client.get("/accounts/sessions/"))
    client.post("/accounts/sessions/")
    assert not is_signed_in(elsewhere)
    assert is_signed_in(client)


def test_the_sessions_cost_no_more_for_thirty(client, group, bob):
    sign_in(client)

    def number_of_queries():
        with CaptureQueriesContext(connection) as queries:
            client.get("/accounts/sessions/")
        return len(queries)

    sign_in(Client())
    few = number_of_queries()
    for number in range(28):
        cache.clear()
        sign_in(Client(headers={"user-agent": f"Browser {number}"}))
    assert "Browser 27" in text_of(client.get("/accounts/sessions/"))
    assert number_of_queries() == few


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
            "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge on Windows",
        ),
        ("curl/8.5.0 <b>", "curl/8.5.0 <b>"),
    ],
)
def test_a_browser_is_called_by_its_name(client, group, bob, user_agent, said):
    sign_in(Client(headers={"user-agent": user_agent}))
    sign_in(client)
    assert said in text_of(client.get("/accounts/sessions/"))


def test_sessions_of_others_are_not_in_the_list(client, group, alice, bob):
    sign_in(Client(headers={"user-agent": "Alice's browser"}), alice.email)
    sign_in(client)
    assert "Alice's browser" not in text_of(client.get("/accounts/sessions/"))


def test_a_new_address_counts_when_it_is_verified(client, group, bob, send_mails):
    be_sure(client, bob)
    client.post("/accounts/email/", {"email": "bobby@example.org", "action_add": ""})
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"
    send_mails()
    (sent,) = [one for one in mail.outbox if one.to == ["bobby@example.org"]]
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", sent.body)[0]
    client.post("/accounts/confirm-email/", {"code": code})
    bob.refresh_from_db()
    assert bob.email == "bobby@example.org"
    assert EmailAddress.objects.filter(user=bob).count() == 1


def test_nobody_takes_an_address_that_somebody_has(client, group, alice, bob):
    be_sure(client, bob)
    client.post("/accounts/email/", {"email": alice.email, "action_add": ""})
    assert not EmailAddress.objects.filter(user=bob, email=alice.email).exists()


def code_now(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_a_second_factor_is_asked_for_and_its_secret_is_kept_encrypted(client, group, bob):
    be_sure(client, bob)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = re.search(r'id="authenticator_secret"[^>]* value="([A-Z0-9]+)"', page.text)[1]
    client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    kept = Authenticator.objects.get(user=bob, type="totp")
    assert secret not in str(kept.data)

    other = Client()
    assert sign_in(other).url.startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(other)
    other.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert not is_signed_in(other)
    codes = client.get("/accounts/2fa/recovery-codes/")
    recovery = re.search(r"<textarea[^>]*>\s*(\d{8})", codes.text)[1]
    other.post("/accounts/2fa/authenticate/", {"code": recovery})
    assert is_signed_in(other)
    again = Client()
    sign_in(again)
    again.post("/accounts/2fa/authenticate/", {"code": recovery})
    assert not is_signed_in(again)  # each works once


@pytest.fixture
def required(settings):
    settings.REQUIRE_MFA = True


def test_who_runs_something_needs_a_second_factor(client, group, required, alice, bob):
    client.force_login(bob)
    assert client.get("/curious-minds/papers/").status_code == 200
    for person in (alice, make_user("root", is_superuser=True)):
        client.force_login(person)
        for address in ("/curious-minds/papers/", "/admin/", "/me/data/", "/me/delete/"):
            page = client.get(address, follow=True)
            assert page.redirect_chain[-1][0] == "/accounts/2fa/"
        Authenticator.objects.create(user=person, type="totp", data={"secret": "x"})
        assert client.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, group, required, alice):
    Authenticator.objects.create(user=alice, type="recovery_codes", data={"seed": "x"})
    client.force_login(alice)
    assert client.get("/curious-minds/papers/").url == "/accounts/2fa/"


def test_the_one_that_is_required_cannot_be_turned_off(client, group, required, alice):
    be_sure(client, alice)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = re.search(r'id="authenticator_secret"[^>]* value="([A-Z0-9]+)"', page.text)[1]
    client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    page = client.post("/accounts/2fa/totp/deactivate/")
    assert "Organisers need a second factor" in text_of(page)
    assert Authenticator.objects.filter(user=alice, type="totp").exists()


def test_what_was_begun_ends_where_the_password_changes_meanwhile(client, group, bob):
    """Somebody knows the password, and waits for the second factor; the password is changed."""
    be_sure(client, bob)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = re.search(r'id="authenticator_secret"[^>]* value="([A-Z0-9]+)"', page.text)[1]
    client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)})
    recovery = re.search(
        r"<textarea[^>]*>\s*(\d{8})\s+(\d{8})", client.get("/accounts/2fa/recovery-codes/").text
    )
    other, third = Client(), Client()
    sign_in(other)
    sign_in(third)
    third.post("/accounts/2fa/authenticate/", {"code": recovery[1]})
    assert is_signed_in(third)  # so it goes where nothing changes
    bob.refresh_from_db()
    bob.set_password(NEW)
    bob.save(update_fields=["password"])
    other.post("/accounts/2fa/authenticate/", {"code": recovery[2]})
    assert not is_signed_in(other)


def test_who_has_just_signed_in_is_not_asked_again_until_a_while_has_passed(client, group, bob):
    sign_in(client)
    assert client.get("/me/delete/").status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    assert client.get("/me/delete/").url.startswith("/accounts/reauthenticate/")


def test_signing_out_is_no_matter_of_following_a_link(client, group, bob):
    client.force_login(bob)
    client.get("/accounts/logout/")
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)


@pytest.mark.parametrize("email", ["bob@example.org", "BOB@EXAMPLE.ORG"])
def test_one_address_is_one_account(group, bob, email):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(username="other", email=email)


def test_pages_of_accounts_do_not_reveal_the_group(client, group):
    for name in ("account_login", "account_signup", "account_reset_password"):
        assert "Curious" not in client.get(reverse(name)).text


def test_a_superuser_whose_address_nobody_verified_gets_in_with_the_code_of_a_mail(
    client, db, send_mails
):
    User.objects.create_superuser("root", "root@example.org", PASSWORD)
    assert sign_in(client, "root@example.org").url == "/accounts/confirm-email/"
    send_mails()
    code = re.search(r"\b[A-Z0-9]{4}-[A-Z0-9]{4}\b", mail.outbox[0].body)[0]
    client.post("/accounts/confirm-email/", {"code": code})
    assert is_signed_in(client)
