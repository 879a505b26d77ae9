"""Mentions, replies and new papers: told as each member chose, and only while they hold."""

from datetime import timedelta

import pytest
from django.utils import timezone

from papers.models import Comment, DigestItem, Listing, MailKind, Membership, Notice, Paper
from papers.notifications import digests, fan_out
from papers.services import commenting, importing, memberships
from papers.services.importing import applying
from tests.browsing import Browser
from tests.factories import make_comment, make_paper, make_user
from tests.importing.texts import CAPTURED_ON, many

pytestmark = pytest.mark.django_db

NEW_KINDS = ["mention", "reply", "papers"]


@pytest.fixture
def paper(group):
    return make_paper(group=group, title="On tides")


@pytest.fixture
def carol(group):
    carol = make_user("carol")
    Membership.objects.create(group=group, user=carol)
    return carol


@pytest.fixture
def mails(mailoutbox, send_mails):
    """A function that lets the worker run, and returns what was mailed: name -> (subject, text)."""

    def mails():
        mailoutbox.clear()
        fan_out.send_overdue(timezone.now() + timedelta(hours=1))
        send_mails()
        return {one.to[0].partition("@")[0]: (one.subject, one.body) for one in mailoutbox}

    return mails


@pytest.fixture
def digest(mails):
    """A function that lets the worker and the next digest run, and returns what was mailed."""

    def digest():
        fan_out.send_overdue(timezone.now() + timedelta(hours=1))
        digests.send_due_digests(timezone.now() + timedelta(days=1))
        return mails()

    return digest


def write(user, paper, body, *, reply_to=None):
    """Write a comment on the page of ``paper``; returns it."""
    query = f"?reply={reply_to.pk}#c{reply_to.pk}" if reply_to else ""
    page = Browser(user).open(f"{paper.get_absolute_url()}{query}")
    form = page.form("Reply" if reply_to else "Comment")
    form.fill("body", body)
    page = form.submit()
    assert page.status == 200
    return Comment.objects.order_by("pk").last()


def edit(user, comment, body):
    page = Browser(user).open(f"/curious-minds/comments/{comment.pk}/edit/")
    form = page.form("Save")
    form.fill("body", body)
    assert form.submit().status == 200


def everything_in_digest(*users):
    for user in users:
        fan_out.set_deliveries(user=user, ways=dict.fromkeys(NEW_KINDS, "digest"))


# Mentions and replies


def test_a_mention_is_mailed_at_once_with_the_comment_and_its_address(paper, alice, bob, mails):
    comment = write(alice, paper, "Is it so, @bob?\n\nhttps://evil.example/")
    assert mails() == {"bob": mails_of(comment)}


def mails_of(comment):
    return (
        "Alice mentioned you: On tides",
        "Alice mentioned you in a comment on “On tides” in “Curious minds”.\n\n"
        "> Is it so, @bob?\n>\n> https://evil.example/\n\n"
        "Read the comment, and reply:\n\n"
        f"http://127.0.0.1:8000{comment.paper.get_absolute_url()}#c{comment.pk}\n\n"
        "Change your e-mail settings:\n\nhttp://127.0.0.1:8000/me/mail/\n",
    )


def test_a_reply_is_in_the_digest_of_whom_it_answers(paper, alice, bob, carol, mails, digest):
    first = write(bob, paper, "A word.")
    write(alice, paper, "And another.", reply_to=first)
    assert mails() == {}
    ((name, (subject, text)),) = digest().items()
    assert (name, subject) == ("bob", "Alice replied to you: On tides")
    assert "> And another." in text


def test_one_who_is_mentioned_and_answered_is_told_once(paper, alice, bob):
    first = write(bob, paper, "A word.")
    comment = write(alice, paper, "Yes, @bob.", reply_to=first)
    assert [notice.event for notice in comment.notices.all()] == ["mentioned"]
    edit(alice, comment, "No.")
    edit(alice, comment, "Yes after all, @bob.")
    assert comment.notices.count() == 1
    reply = write(alice, paper, "And more.", reply_to=first)
    edit(alice, reply, "And more, @bob.")
    assert [notice.event for notice in reply.notices.all()] == ["replied"]


def test_nobody_is_told_of_their_own_words(paper, alice, bob):
    first = write(bob, paper, "I, @bob, say so.")
    write(bob, paper, "And I repeat it.", reply_to=first)
    assert not Notice.objects.exists()


def test_who_is_mentioned_by_an_edit_is_told_once(paper, alice, bob, carol, mails):
    comment = write(alice, paper, "What do you think, @bob?")
    assert set(mails()) == {"bob"}
    for body in ("And you, @bob and @carol?", "And you, @bob?", "@bob and @carol?"):
        edit(alice, comment, body)
    assert set(mails()) == {"carol"}
    assert mails() == {}


@pytest.mark.parametrize(
    "meanwhile", ["removed", "edited away", "left", "turned off", "paper deleted"]
)
@pytest.mark.parametrize("event", ["mention", "reply"])
def test_what_does_not_hold_any_more_is_not_told(
    paper, alice, bob, carol, digest, meanwhile, event
):
    everything_in_digest(bob)
    parent = make_comment(paper=paper, user=bob if event == "reply" else carol)
    body = "A word." if event == "reply" else "A word, @bob."
    comment = write(alice, paper, body, reply_to=parent)
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    assert DigestItem.objects.filter(user=bob).count() == 1  # the control
    if meanwhile == "removed":
        commenting.remove_comment(comment=comment, by=alice)
    elif meanwhile == "edited away":
        edit(alice, comment, "Nothing.")
    elif meanwhile == "left":
        memberships.end_membership(membership=bob.memberships.get(), by=bob)
    elif meanwhile == "turned off":
        fan_out.set_deliveries(user=bob, ways={event: "off"})
    else:
        Comment.objects.filter(parent__isnull=False).delete()
        paper.delete()
    told = digest()
    if meanwhile == "edited away" and event == "reply":
        assert "> Nothing." in told["bob"][1]  # it is still a reply, and told as it is
    else:
        assert "bob" not in told


def test_many_mentions_are_not_refused_as_too_many_mails(paper, group, alice):
    """The limit of mails to all members is not meant for a comment."""
    users = [make_user(f"member{number}") for number in range(fan_out.MAX_EVENTS + 5)]
    Membership.objects.bulk_create(Membership(group=group, user=user) for user in users)
    comment = write(alice, paper, " ".join(f"@{user.username}" for user in users))
    assert comment.notices.count() == len(users)


# New papers


def apply(group, by, number, *, background=True):
    kept = importing.store_upload(
        raw=many(number), group=group, name="listing.txt", captured_on=CAPTURED_ON, by=by
    )
    importing.stage_listing(listing=kept)
    importing.start_work(listing=kept, state="applying", in_background=False)
    importing.run_batches(listing=kept)
    kept.refresh_from_db()
    return kept


def test_a_listing_is_one_event_however_many_batches_it_takes(
    group, alice, bob, mails, digest, monkeypatch
):
    monkeypatch.setattr(applying, "BATCH_SIZE", 5)
    listing = apply(group, alice, 12)
    notice = Notice.objects.get()
    assert (notice.event, notice.listing) == ("listed", listing)
    assert mails() == {}  # by itself it is in the digest
    ((name, (subject, text)),) = digest().items()
    assert (name, subject) == ("bob", "Curious minds: 12 new papers")  # not: who uploaded it
    first = Paper.objects.order_by("-pk")[:10]
    assert "\n".join(f"- {paper.title}" for paper in first) + "\n- and 2 more" in text
    address = text.partition("See the papers, and vote:\n\nhttp://127.0.0.1:8000")[2].split()[0]
    page = Browser(bob).open(address)
    assert "12 papers" in page.root.text and "From listing listing.txt" in page.root.text


def test_a_listing_without_new_papers_is_told_to_nobody(group, alice, bob):
    apply(group, alice, 3)
    Notice.objects.all().delete()
    apply(group, bob, 3)
    assert not Notice.objects.exists()


def test_a_listing_that_is_taken_back_before_the_digest_is_not_told(group, alice, digest):
    listing = apply(group, alice, 3)
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    assert DigestItem.objects.count() == 1
    assert importing.start_work(listing=listing, state="taking-back", in_background=False)
    importing.run_batches(listing=listing)
    assert Listing.objects.get().state == "taken-back"
    assert digest() == {}


def propose(user, title="On tides"):
    page = Browser(user).open("/curious-minds/papers/propose/")
    form = page.form("Propose the paper")
    form.fill("title", title)
    form.fill("abstract", "The moon\n\ndoes it.")
    assert form.submit().status == 200
    return Paper.objects.get()


def test_a_paper_that_is_proposed_by_hand_is_in_the_digest_of_the_others(
    group, alice, bob, mails, digest
):
    paper = propose(bob)
    assert mails() == {}
    ((name, (subject, text)),) = digest().items()
    assert (name, subject) == ("alice", "Curious minds: Bob proposed “On tides”")
    assert "The moon does it." in text
    assert f"See the paper, and vote:\n\nhttp://127.0.0.1:8000{paper.get_absolute_url()}\n" in text


@pytest.mark.parametrize("meanwhile", ["withdrawn", "set aside"])
def test_a_paper_that_is_gone_before_the_digest_is_not_told(group, alice, bob, digest, meanwhile):
    paper = propose(bob)
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    assert DigestItem.objects.count() == 1
    if meanwhile == "withdrawn":
        paper.delete()
    else:
        Paper.objects.update(status="set-aside")
    assert digest() == {}


# The choice of each


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_each_kind_has_its_choice_and_its_link_to_end_it(
    group, paper, alice, bob, kind, mails, mailoutbox
):
    page = Browser(bob).open("/me/mail/")
    form = page.form("Save")
    form.choose(kind, "now")
    assert "Saved." in form.submit().root.text

    def happen():
        if kind == "papers":
            apply(group, alice, 2)
        else:
            mine = make_comment(paper=paper, user=bob)
            write(alice, paper, "@bob!" if kind == "mention" else "So?", reply_to=mine)

    happen()
    assert set(mails()) == {"bob"}
    address = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    page = Browser().open(address.removeprefix("http://127.0.0.1:8000"))
    assert str(MailKind(kind).label) in page.root.text
    assert "Unsubscribed" in page.form("Unsubscribe").submit().root.text
    Paper.objects.filter(title__startswith="On the Arithmetic").delete()
    happen()
    assert mails() == {}
