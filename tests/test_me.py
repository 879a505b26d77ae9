"""My page: who I am, how I like it, and what is kept of me."""

import io
import json
import zipfile

import pytest
from django.utils import timezone

from papers.models import Comment, CommentRevision, Offer, User, Vote, Watch
from papers.my_data import collect_data
from papers.services import joining
from tests.factories import PASSWORD, make_comment, make_listing, make_paper
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
    joining.create_invitation(group=group, by=bob, role="member", days=7, email="guest@example.org")
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


def test_what_i_said_of_papers_is_mine_and_what_others_said_is_theirs(group, alice, bob):
    paper = make_paper(group=group, title="Ours", proposed_by=bob)
    make_paper(group=group, title="Hers", proposed_by=alice)
    for who, stance, body in ((alice, "not", "Dull, says Alice."), (bob, "want", "Now: fine.")):
        Vote.objects.create(paper=paper, user=who, stance=stance)
        Offer.objects.create(paper=paper, user=who)
        Watch.objects.create(paper=paper, user=who, seen_at=timezone.now(), follows=who == bob)
        said = make_comment(paper=paper, user=who, body=body, is_question=who == bob)
        said.mentions.add(alice if who == bob else bob)
        now = timezone.now()
        CommentRevision.objects.create(comment=said, body=f"Before: {body}", written_at=now)
    bobs = make_comment(paper=paper, user=alice, body="Rude, says Alice.")
    Comment.objects.filter(pk=bobs.pk).update(
        removed_at=timezone.now(), removed_by=bob, removal_reason="Off the point."
    )
    data = collect_data(bob)
    where = {"group": "Curious minds", "paper": "Ours"}
    for name, row in {
        "papers proposed": {"group": "Curious minds", "title": "Ours", "abstract": "We count."},
        "votes": where | {"stance": "want"},
        "offers to present": where,
        "comments": where | {"body": "Now: fine.", "is_question": True, "removed_at": None},
        "earlier texts of comments": {"body": "Before: Now: fine."},
        "comments of others removed": where | {"removal_reason": "Off the point."},
        "mentioned by others": where | {"user": "Alice"},
        "papers read and followed": where | {"follows": True},
    }.items():
        assert len(data[name]) == 1, name
        assert data[name][0].items() >= row.items(), name
    assert data["comments"][0]["id"] == data["earlier texts of comments"][0]["comment"]
    assert "says Alice" not in str(data)
    assert "Hers" not in str(data)


# Where rows about a person are, and under what they stand in the zip.
SHOWN = {
    "account.EmailAddress": "addresses",
    "admin.LogEntry": "changes in the administration",
    "mfa.Authenticator": "second factors",
    "papers.AgendaItem": "presentations",
    "papers.Availability": "answers to date polls",
    "papers.Comment": "comments",
    "papers.DigestItem": "digests",
    "papers.Discussion": "meetings made",
    "papers.Feed": "secret addresses",
    "papers.Invitation": "invitations made",
    "papers.JoinRequest": "requests to join",
    "papers.Listing": "listings uploaded",
    "papers.MailChoice": "mail choices",
    "papers.Membership": "groups",
    "papers.Notice": "told alone",
    "papers.Offer": "offers to present",
    "papers.Paper": "papers proposed",
    "papers.Reading": "readings",
    "papers.Rsvp": "answers to meetings",
    "papers.Submission": "forms sent lately",
    "papers.Vote": "votes",
    "papers.Watch": "papers read and followed",
    "usersessions.UserSession": "sessions",
}


def test_no_kind_of_row_about_me_is_left_out(bob):
    relations = User._meta.get_fields(include_hidden=True)
    kinds = {one.related_model for one in relations if one.auto_created and one.one_to_many}
    labels = {kind._meta.label for kind in kinds if not kind._meta.auto_created}
    assert labels == set(SHOWN)
    assert set(SHOWN.values()) <= set(collect_data(bob))


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
    form |= {"meets_for": "90", "fairness_weight": "3", "fairness_meetings": "12"}
    page = client.post("/curious-minds/settings/", form | {"meets_at": "16:00"}, follow=True)
    assert "Saved." in text_of(page)
    group.refresh_from_db()
    assert (group.name, group.time_zone, group.weekday) == ("Keen minds", "Europe/Berlin", 2)
    assert str(group.meets_at) == "16:00:00"
    assert (group.votes_are_named, group.fairness_weight, group.fairness_meetings) == (False, 3, 12)
    assert group.slug == "curious-minds"
    page = client.post("/curious-minds/settings/", form | {"name": ""})
    assert page.status_code == 422
    group.refresh_from_db()
    assert group.name == "Keen minds"


@pytest.mark.parametrize(
    ("field", "wrong", "sentence"),
    [
        ("fairness_weight", "11", "Ensure this value is less than or equal to 10."),
        ("fairness_weight", "-1", "Ensure this value is greater than or equal to 0."),
        ("fairness_weight", "1.5", "Enter a whole number."),
        ("fairness_weight", "", "This field is required."),
        ("fairness_meetings", "0", "Ensure this value is greater than or equal to 1."),
        ("fairness_meetings", "101", "Ensure this value is less than or equal to 100."),
        ("fairness_meetings", "9" * 30, "Ensure this value is less than or equal to 100."),
    ],
)
def test_fairness_beyond_reason_is_refused_with_a_sentence(
    client, group, alice, field, wrong, sentence
):
    client.force_login(alice)
    form = {
        "name": "Keen minds",
        "meets_for": "60",
        "fairness_weight": "1",
        "fairness_meetings": "6",
    }
    page = client.post("/curious-minds/settings/", form | {field: wrong})
    assert page.status_code == 422
    assert sentence in text_of(page)
    assert page.context["form"][field].value() == wrong
    group.refresh_from_db()
    assert (group.name, group.fairness_weight, group.fairness_meetings) == ("Curious minds", 1, 6)
