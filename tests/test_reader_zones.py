"""One rule for hours everywhere: the reader's own time zone, otherwise the group's."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone

from papers.discussions import times
from papers.models import Comment, Group, Invitation, Mail, Membership, User
from papers.notifications import messages
from papers.notifications.digest_times import next_digest_at
from tests.browsing import Browser
from tests.factories import make_comment, make_group, make_paper, make_user
from tests.pages import text_of

NOON = datetime(2030, 7, 1, 12, 0, tzinfo=UTC)
IN_KATHMANDU, IN_BERLIN = "17:45 +0545", "14:00 CEST"


@pytest.fixture
def kathmandu(group):
    Group.objects.filter(pk=group.pk).update(time_zone="Asia/Kathmandu")
    group.refresh_from_db()
    return group


def set_zone(user, zone):
    User.objects.filter(pk=user.pk).update(time_zone=zone)
    user.refresh_from_db()


@pytest.fixture(params=["", "Europe/Berlin"])
def hour(request, alice, bob):
    """Noon as a reader sees it: without a zone of their own, and with one."""
    set_zone(alice, request.param)
    set_zone(bob, request.param)
    return IN_BERLIN if request.param else IN_KATHMANDU


def test_the_rule(kathmandu, bob, django_assert_num_queries):
    second = make_group("Second", members=[bob])
    Group.objects.filter(pk=second.pk).update(time_zone="Asia/Tokyo")
    second.refresh_from_db()
    assert times.reader_zone(bob, second).key == "Asia/Tokyo"
    assert times.reader_zone(bob, kathmandu).key == "Asia/Kathmandu"
    assert times.reader_zone(bob).key == "Asia/Kathmandu"  # the group joined first
    Membership.objects.filter(user=bob, group=kathmandu).delete()
    assert times.reader_zone(bob).key == "Asia/Tokyo"
    bob.memberships.all().delete()
    assert times.reader_zone(bob).key == times.reader_zone(None).key == "UTC"
    bob.time_zone = "Europe/Berlin"
    with django_assert_num_queries(0):
        assert times.reader_zone(bob).key == times.reader_zone(bob, second).key == "Europe/Berlin"


def test_pages_of_a_group_and_their_fragments(client, kathmandu, bob, hour):
    paper = make_paper(group=kathmandu)
    comment = make_comment(paper=paper, user=bob, created_at=NOON)
    client.force_login(bob)
    assert hour in text_of(client.get(paper.get_absolute_url()))
    fragment = client.get(f"/curious-minds/comments/{comment.pk}/edit/", HTTP_HX_REQUEST="true")
    assert fragment.status_code == 200
    Comment.objects.update(edited_at=NOON)
    history = f"/curious-minds/comments/{comment.pk}/history/"
    assert hour in text_of(client.get(history))
    saved = client.post(
        f"/curious-minds/comments/{comment.pk}/remove/", {}, HTTP_HX_REQUEST="true", follow=True
    )
    assert "12:00 UTC" not in saved.text


def test_pages_of_no_group(client, kathmandu, bob, hour):
    feed = bob.feeds.create(kind="mine", digest="x", last_used_at=NOON)
    assert feed
    client.force_login(bob)
    assert hour in text_of(client.get("/me/feeds/"))


def test_pages_of_a_second_group_are_in_its_zone(client, kathmandu, bob):
    second = make_group("Second", members=[bob])
    Group.objects.filter(pk=second.pk).update(time_zone="Asia/Tokyo")
    paper = make_paper(group=second)
    make_comment(paper=paper, user=bob, created_at=NOON)
    client.force_login(bob)
    assert "21:00 JST" in text_of(client.get(paper.get_absolute_url()))


def test_the_admin(client, kathmandu, alice, hour):
    Membership.objects.filter(user=alice).update(created_at=NOON)
    client.force_login(alice)
    page = text_of(client.get("/admin/papers/membership/"))
    assert f"1 Jul 2030, {'14:00' if hour == IN_BERLIN else '17:45'}" in page


def test_an_invitation_by_mail(client, kathmandu, alice):
    """In the zone of the group, whoever invites: the guest has none yet."""
    set_zone(alice, "Europe/Berlin")
    form = Browser(alice).open("/curious-minds/members/").form("Send invitations")
    form.fill("addresses", "guest@example.org")
    form.submit()
    expires = Invitation.objects.get().expires_at.astimezone(times.group_zone(kathmandu))
    text = messages.message_for(Mail.objects.get()).body
    assert f"{expires:%H:%M} +0545" in text


def test_a_mail_about_an_account(client, kathmandu, bob, mailoutbox, send_mails, hour):
    """Written when nobody is signed in: the password is set by a link."""
    client.post("/accounts/password/reset/", {"email": bob.email})
    send_mails()
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", mailoutbox[-1].body)[1]
    page = client.get(link, follow=True)
    new = "a few more words than before"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    send_mails()
    zone = timezone.now().astimezone(times.reader_zone(bob)).strftime("%Z")
    assert re.search(rf"\d\d:\d\d {re.escape(zone)}", mailoutbox[-1].body)


def test_the_digest(kathmandu, bob, hour):
    morning = next_digest_at(bob, NOON)
    assert f"{morning:%H:%M}" == "07:00"
    assert morning.utcoffset() == NOON.astimezone(times.reader_zone(bob)).utcoffset()
    assert str(morning.tzinfo) == ("Europe/Berlin" if hour == IN_BERLIN else "Asia/Kathmandu")


def test_the_digest_of_who_is_in_no_group(db):
    assert next_digest_at(make_user("nobody"), NOON) == datetime(2030, 7, 2, 7, tzinfo=UTC)


# Moments for programs.

TEMPLATES = Path(__file__).parent.parent / "templates"


def test_each_machine_readable_moment_is_written_by_one_filter():
    found = {
        (file.name, value)
        for file in TEMPLATES.rglob("*.html")
        for value in re.findall(r'(?:datetime|data-starts|data-ends)="([^"]*)"', file.read_text())
    }
    assert found
    wrong = [one for one in found if not re.search(r"\|iso_moment }}$|\|date:'Y-m-d' }}$", one[1])]
    assert wrong == []


def test_a_moment_has_no_fraction_of_a_second(client, group, bob):
    paper = make_paper(group=group)
    at = NOON.replace(microsecond=123456)
    make_comment(paper=paper, user=bob, created_at=at)
    client.force_login(bob)
    page = client.get(paper.get_absolute_url()).text
    assert re.findall(r'<time[^>]*datetime="([^"]*)"', page) == ["2030-07-01T12:00:00+00:00"]
