"""My page: who I am, how I like it, and what is kept of me."""

import io
import json
import zipfile

import pytest

from papers.models import User
from papers.my_data import collect
from papers.services import joining
from tests.factories import PASSWORD, make_listing
from tests.pages import text_of

ME = {"name": "Bob", "time_zone": "", "theme": "", "single_keys": "on"}


@pytest.fixture
def me(client, group, bob):
    client.force_login(bob)
    return client


def test_my_name_zone_and_preferences_are_kept(me, bob):
    form = {"name": "  Bob   Builder ", "time_zone": "Asia/Kathmandu", "theme": "dark"}
    page = me.post("/me/", form, follow=True)
    assert "Saved." in text_of(page)
    bob.refresh_from_db()
    assert (bob.name, bob.time_zone, bob.theme, bob.single_keys) == (
        "Bob Builder",
        "Asia/Kathmandu",
        "dark",
        False,
    )
    assert 'data-theme="dark"' in page.text
    assert 'data-keys="off"' in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "\u200b \u202e"},
        {"name": "Alice\u202e Organiser"},
        {"time_zone": "Mars/Olympus"},
        {"theme": "pink"},
    ],
)
def test_what_cannot_be_changes_nothing(me, bob, wrong):
    page = me.post("/me/", ME | wrong)
    assert page.status_code == 422
    bob.refresh_from_db()
    assert (bob.name, bob.time_zone, bob.theme) == ("Bob", "", "")
    assert "Bob" in text_of(page)


def test_a_form_changes_nothing_it_does_not_show(me, bob):
    me.post("/me/", ME | {"is_superuser": "on", "email": "alice@example.org", "username": "root"})
    bob.refresh_from_db()
    assert (bob.is_superuser, bob.email, bob.username) == (False, "bob@example.org", "bob")


def test_a_switch_changes_one_preference_alone(me, bob):
    assert me.post("/me/preferences/", {"theme": "dark"}).status_code == 204
    assert me.post("/me/preferences/", {"single_keys": "false"}).status_code == 204
    bob.refresh_from_db()
    assert (bob.theme, bob.single_keys) == ("dark", False)
    assert me.post("/me/preferences/", {"theme": "pink"}).status_code == 422
    assert me.post("/me/preferences/", {"theme": ""}).status_code == 204
    bob.refresh_from_db()
    assert (bob.theme, bob.single_keys) == ("", False)


def sign_in_and_be_sure(client, user):
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def test_my_data_is_all_of_mine_and_nobody_elses(client, group, alice, bob):
    make_listing(group=group, by=bob, name="bobs.txt")
    make_listing(group=group, by=alice, name="alices.txt")
    joining.invite(group=group, by=bob, role="member", days=7, email="guest@example.org")
    sign_in_and_be_sure(client, bob)
    response = client.get("/me/data/")
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        data = json.loads(archive.read("my-data.json"))
        text = archive.read("my-data.md").decode()
    assert data["account"][0]["email"] == "bob@example.org"
    assert [row["group"] for row in data["groups"]] == ["Curious minds"]
    assert [row["email"] for row in data["invitations made"]] == ["guest@example.org"]
    assert [row["name"] for row in data["listings uploaded"]] == ["bobs.txt"]
    assert len(data["sessions"]) == 1
    assert "bobs.txt" in text
    for other in ("alice", "token", "md5$", "session_key"):
        assert other not in json.dumps(data) + text


# Where rows about a person are, and under what they stand in the zip.
SHOWN = {
    "account.EmailAddress": "addresses",
    "admin.LogEntry": "changes in the administration",
    "mfa.Authenticator": "second factors",
    "papers.Invitation": "invitations made",
    "papers.JoinRequest": "requests to join",
    "papers.Listing": "listings uploaded",
    "papers.Membership": "groups",
    "usersessions.UserSession": "sessions",
}


def test_no_kind_of_row_about_me_is_left_out(bob):
    relations = User._meta.get_fields(include_hidden=True)
    kinds = {one.related_model for one in relations if one.auto_created and one.one_to_many}
    labels = {kind._meta.label for kind in kinds if not kind._meta.auto_created}
    assert labels == set(SHOWN)
    assert set(SHOWN.values()) <= set(collect(bob))


def test_no_text_of_mine_makes_a_heading(client, group, bob):
    bob.name = "Bob\n## Groups"
    bob.save(update_fields=["name"])
    sign_in_and_be_sure(client, bob)
    with zipfile.ZipFile(io.BytesIO(client.get("/me/data/").content)) as archive:
        text = archive.read("my-data.md").decode()
    assert text.count("\n## Groups") == 1


def test_my_data_asks_for_the_password_again(me):
    assert me.get("/me/data/").url.startswith("/accounts/reauthenticate/")


def test_organisers_set_how_the_group_is(client, group, alice):
    client.force_login(alice)
    form = {"name": "Keen minds", "time_zone": "Europe/Berlin", "weekday": "2", "place": "B 12"}
    page = client.post("/curious-minds/settings/", form | {"meets_at": "16:00"}, follow=True)
    assert "Saved." in text_of(page)
    group.refresh_from_db()
    assert (group.name, group.time_zone, group.weekday) == ("Keen minds", "Europe/Berlin", 2)
    assert str(group.meets_at) == "16:00:00"
    assert group.slug == "curious-minds"
    page = client.post("/curious-minds/settings/", form | {"name": ""})
    assert page.status_code == 422
    group.refresh_from_db()
    assert group.name == "Keen minds"
