"""One comment sent twice, one comment edited by two windows: many at once."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from papers.models import Comment, CommentRevision, Membership, Paper, User, Watch
from papers.services import commenting, memberships, watching
from tests.concurrency.together import at_once, rendezvous
from tests.factories import make_comment, make_paper, make_user

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8


@pytest.fixture
def paper(group):
    return make_paper(group=group)


def test_one_text_sent_often_at_once_is_one_comment(paper, bob):
    def send(_):
        commenting.add_comment(paper=paper, user=bob, body="Once")

    assert at_once(send, *range(MANY)) == []
    assert Comment.objects.count() == 1


def test_without_the_lock_it_is_several(paper, bob, monkeypatch):
    """The control: each looks before another has written."""
    meet, just_written = rendezvous(MANY), commenting._recent_duplicate

    def slow(*place):
        found = just_written(*place)
        meet()
        return found

    monkeypatch.setattr(commenting, "_recent_duplicate", slow)
    monkeypatch.setattr(commenting, "lock_author_and_mentioned", lambda user, *what: [user])
    send = commenting.add_comment.__wrapped__
    at_once(lambda _: send(paper=paper, user=bob, body="Once"), *range(MANY))
    assert Comment.objects.count() > 1


def edit(made, body, act=commenting.edit_comment):
    act(comment=made, by=made.user, body=body, is_question=False)


def versions():
    return [*CommentRevision.objects.values_list("body", flat=True), Comment.objects.get().body]


def test_of_edits_at_once_no_version_is_lost(paper, bob):
    made = make_comment(paper=paper, user=bob, body="0")
    bodies = [str(number) for number in range(1, MANY)]
    assert at_once(lambda body: edit(made, body), *bodies) == []
    assert sorted(versions()) == ["0", *bodies]


def test_without_the_lock_a_version_is_lost(paper, bob, monkeypatch):
    """The control: each keeps what was there before any of the others."""
    made = make_comment(paper=paper, user=bob, body="0")
    meet = rendezvous(MANY)

    def no_lock(pk):
        found = Comment.objects.get(pk=pk)
        meet()
        return found

    monkeypatch.setattr(commenting, "lock_comment", no_lock)
    bodies = [str(number) for number in range(1, MANY + 1)]
    at_once(lambda body: edit(made, body, commenting.edit_comment.__wrapped__), *bodies)
    assert len(set(versions())) < MANY + 1


def test_members_who_mention_each_other_at_once_do_not_wait_for_each_other(paper, alice, bob):
    def send(number):
        author, other = (alice, bob) if number % 2 else (bob, alice)
        commenting.add_comment(paper=paper, user=author, body=f"@{other.username} {number}")

    assert at_once(send, *range(MANY)) == []
    assert alice.mentioned_in.count() == bob.mentioned_in.count() == MANY // 2


def test_a_comment_that_is_edited_while_it_is_removed_is_removed(paper, alice, bob):
    made = make_comment(paper=paper, user=bob, body="0")

    def act(what):
        if what == "remove":
            commenting.remove_comment(comment=made, by=alice, reason="Off the point")
        else:
            edit(made, what)

    raised = at_once(act, "1", "remove", "2")
    assert {type(error) for error in raised} <= {Comment.DoesNotExist}
    made.refresh_from_db()
    assert made.removed_by == alice
    assert len(versions()) == 3 - len(raised)


def test_an_account_that_is_deleted_while_it_comments_is_gone(paper, bob):
    def act(what):
        if what == "delete":
            memberships.delete_account(user=User.objects.get(pk=bob.pk), keep_writings=True)
        else:
            commenting.add_comment(paper=paper, user=bob, body=what)

    raised = at_once(act, "1", "delete", "2")
    assert {type(error) for error in raised} <= {User.DoesNotExist}
    assert not User.objects.filter(username="bob").exists()
    assert Comment.objects.count() == 2 - len(raised)


def test_two_windows_that_show_a_thread_at_once_leave_the_later_time(paper, bob):
    now = timezone.now()
    times = [now - timedelta(minutes=number) for number in range(MANY)]

    def look(upto):
        watching.mark_thread_seen(user=bob, paper=paper, upto=upto, at=now)

    assert at_once(look, *times) == []
    assert Watch.objects.get().seen_at == now


@pytest.mark.parametrize("act", ["mention", "remove"])
def test_an_account_is_deleted_while_somebody_waits_for_it(group, bob, monkeypatch, act):
    """What comes in between waits for the end of it, and neither is stopped by the other."""
    dana = make_user("dana")
    Membership.objects.create(group=group, user=dana)
    paper = make_paper(group=group, proposed_by=dana)
    theirs = make_comment(paper=make_paper(group=group), user=dana)
    has_begun, lock_groups = threading.Event(), memberships.lock_groups_of

    def slowly(user):
        found = lock_groups(user)
        has_begun.set()
        time.sleep(0.5)
        return found

    monkeypatch.setattr(memberships, "lock_groups_of", slowly)

    def run(what):
        if what == "delete":
            return memberships.delete_account(user=dana, keep_writings=False)
        has_begun.wait(5)
        if what == "remove":
            return commenting.remove_comment(comment=theirs, by=dana)
        return commenting.add_comment(paper=theirs.paper, user=bob, body="@dana")

    raised = at_once(run, "delete", act)
    assert {type(error) for error in raised} <= {User.DoesNotExist}
    assert not User.objects.filter(username="dana").exists()
    assert not Paper.objects.filter(pk=paper.pk).exists()
    if act == "mention":
        assert raised == []
        assert Comment.objects.get(user=bob).mentions.count() == 0
