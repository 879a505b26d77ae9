"""How I am told of things, and the link in each mail that ends its kind."""

import re

import pytest
from django.test import Client

from papers.models import MailChoice, MailKind
from papers.notifications import fan_out, unsubscribe
from tests.pages import text_of

pytestmark = pytest.mark.django_db

PAGE = "/me/mail/"
ALL = {kind.value: kind.default.value for kind in MailKind}


@pytest.fixture
def me(client, group, bob):
    client.force_login(bob)
    return client


def checked(page):
    """The ways that are chosen on the page: kind -> way."""
    found = {}
    for tag in re.findall(r"<input[^>]*type=\"radio\"[^>]*>", page.text):
        name, value = (re.search(rf'{key}="(\w+)"', tag)[1] for key in ("name", "value"))
        if " checked" in tag:
            found[name] = value
    return found


def stop_path(user, kind):
    return f"/mail/stop/{unsubscribe.token_for(user, kind)}/"


def test_by_itself_it_is_quiet_and_the_page_says_so(me):
    page = me.get(PAGE)
    assert checked(page) == ALL
    for kind in MailKind:
        assert kind.label in text_of(page)
    assert PAGE in me.get("/me/").text


def test_what_i_choose_is_kept_and_is_mine_alone(me, alice, bob):
    choices = ALL | {"date": "digest", "hour": "now", "poll": "off"}
    page = me.post(PAGE, choices, follow=True)
    assert "Saved." in text_of(page)
    assert checked(page) == choices
    assert MailChoice.objects.count() == 3  # what is usual is not kept
    assert fan_out.delivery_choices(alice) == ALL
    me.post(PAGE, ALL)
    assert not MailChoice.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"date": "weekly"}, {"date": ""}, {"hour": "digest"}, {"outcomes": "\u200b"}]
)
def test_what_cannot_be_chosen_changes_nothing(me, bob, wrong):
    page = me.post(PAGE, ALL | {"poll": "off"} | wrong)
    assert page.status_code == 422
    assert checked(page)["poll"] == "off"  # what was chosen is not lost
    assert not MailChoice.objects.exists()


def test_the_link_in_a_mail_asks_first_and_needs_nobody_signed_in(group, bob):
    client, path = Client(enforce_csrf_checks=True), stop_path(bob, "date")
    page = client.get(path)
    assert "A meeting is scheduled, changed or cancelled" in text_of(page)
    assert "B…" in text_of(page)
    assert "Bob" not in page.text and "bob@" not in page.text
    assert not MailChoice.objects.exists()

    for _ in range(2):
        response = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert "gets no more e-mails of this kind" in text_of(response)
    assert fan_out.delivery_choices(bob) == ALL | {"date": "off"}


def test_the_link_in_a_digest_ends_all_that_is_in_it(client, group, alice, bob):
    fan_out.set_deliveries(user=bob, ways={"date": "digest", "poll": "off"})
    assert client.post(stop_path(bob, "digest")).status_code == 200
    in_digest = [kind.value for kind in MailKind if kind.default == "digest"]
    off = dict.fromkeys([*in_digest, "date", "poll"], "off")
    assert fan_out.delivery_choices(bob) == ALL | off
    assert fan_out.delivery_choices(alice) == ALL


def test_a_token_that_was_not_made_here_ends_nothing(client, group, alice, bob):
    token = unsubscribe.token_for(bob, "date")
    wrong = [
        token.replace(f"{bob.pk}-", f"{alice.pk}-", 1),
        token.replace("-date", "-poll", 1),
        token[:-1],
        f"{bob.pk}-date",
        unsubscribe.token_for(bob, "nothing"),
    ]
    gone = unsubscribe.token_for(alice, "date")
    alice.memberships.all().delete()
    alice.delete()
    for text in [*wrong, gone]:
        assert client.get(f"/mail/stop/{text}/").status_code == 404
        assert client.post(f"/mail/stop/{text}/").status_code == 404
    assert not MailChoice.objects.exists()


def test_the_token_holds_when_the_secret_was_changed(client, group, bob, settings):
    path = stop_path(bob, "date")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another"
    assert client.post(path).status_code == 200


def test_an_organiser_without_a_second_factor_may_stop_mails_too(client, group, alice, settings):
    settings.REQUIRE_MFA = True
    client.force_login(alice)
    assert client.post(stop_path(alice, "date")).status_code == 200
    assert fan_out.delivery_choices(alice)["date"] == "off"
