"""What is new to whom, and who follows which paper."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from papers.library import unread
from papers.models import Membership, Offer, Paper, Vote, Watch
from papers.services import watching
from tests.factories import make_comment, make_group, make_paper, make_user

AT = datetime(2025, 3, 3, tzinfo=UTC)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def paper(group):
    return make_paper(group=group)


def hours(number):
    return timedelta(hours=number)


def new(user, group):
    """The bodies of what is new."""
    return list(unread.new_comments(user, group).values_list("body", flat=True))


@pytest.fixture(autouse=True)
def joined(group, now):
    """Alice and Bob joined a day ago."""
    group.memberships.update(created_at=now - hours(24))


def test_what_others_wrote_since_i_joined_is_new(group, paper, alice, bob, now):
    make_comment(paper=paper, user=alice, body="before", created_at=now - hours(25))
    make_comment(paper=paper, user=alice, body="after", created_at=now - hours(23))
    make_comment(paper=paper, user=bob, body="mine")
    make_comment(paper=paper, user=alice, body="gone", removed_at=now, removed_by=alice)
    assert new(bob, group) == ["after"]
    assert new(alice, group) == ["mine"]


def test_what_i_have_seen_is_not_new_and_what_follows_is(group, paper, alice, bob, now):
    elsewhere = make_paper(group=group)
    make_comment(paper=paper, user=alice, body="seen", created_at=now - hours(2))
    make_comment(paper=elsewhere, user=alice, body="elsewhere", created_at=now - hours(3))
    watching.mark_thread_seen(user=bob, paper=paper, upto=now - hours(2), at=AT)
    make_comment(paper=paper, user=alice, body="later", created_at=now - hours(1))
    assert new(bob, group) == ["elsewhere", "later"]


def test_marking_all_as_read_counts_where_a_thread_was_seen_earlier(group, paper, alice, bob, now):
    watching.mark_thread_seen(user=bob, paper=paper, upto=now - hours(3), at=AT)
    make_comment(paper=paper, user=alice, created_at=now - hours(1))
    assert new(bob, group) == ["A word."]
    watching.mark_all_read(user=bob, group=group)
    assert new(bob, group) == []
    assert Membership.objects.get(user=alice).read_at is None
    make_comment(paper=paper, user=alice, body="since", created_at=now + hours(1))
    assert new(bob, group) == ["since"]


def test_a_muted_paper_has_nothing_new(group, paper, alice, bob):
    make_comment(paper=paper, user=alice)
    watching.set_following(user=bob, paper=paper, follows=False)
    assert new(bob, group) == []
    watching.set_following(user=bob, paper=paper, follows=None)
    assert new(bob, group) == ["A word."]


def test_new_is_what_is_new_in_this_group_to_me(group, paper, alice, bob, charlie):
    others = make_group("Second", members=[alice, bob])
    make_comment(paper=make_paper(group=others), user=alice, body="second")
    make_comment(paper=paper, user=alice, body="first")
    watching.mark_thread_seen(user=alice, paper=paper, upto=timezone.now(), at=AT)
    assert new(bob, group) == ["first"]
    assert new(bob, others) == ["second"]
    assert new(charlie, group) == []
    assert new(make_user("root", is_superuser=True), group) == []


def test_what_is_new_costs_one_query(group, paper, alice, bob, django_assert_num_queries):
    for _ in range(30):
        make_comment(paper=make_paper(group=group), user=alice)
    with django_assert_num_queries(1):
        assert len(new(bob, group)) == 30


def test_what_was_seen_never_becomes_less(paper, bob, now):
    watching.set_following(user=bob, paper=paper, follows=True)
    for upto in (now - hours(2), now - hours(1), now - hours(5)):
        watching.mark_thread_seen(user=bob, paper=paper, upto=upto, at=AT)
    watch = Watch.objects.get()
    assert (watch.seen_at, watch.follows) == (now - hours(1), True)


def test_following_by_hand_leaves_what_was_seen(paper, bob, now):
    watching.mark_thread_seen(user=bob, paper=paper, upto=now, at=AT)
    watching.set_following(user=bob, paper=paper, follows=True)
    watch = Watch.objects.get()
    assert (watch.seen_at, watch.follows) == (now, True)


def test_the_baseline_is_the_later_of_what_was_seen_and_what_was_marked(group, paper, bob, now):
    assert unread.unread_since(unread.reader_membership(bob, paper)) == now - hours(24)
    watching.mark_thread_seen(user=bob, paper=paper, upto=now - hours(30), at=AT)
    assert unread.unread_since(unread.reader_membership(bob, paper)) == now - hours(24)
    watching.mark_thread_seen(user=bob, paper=paper, upto=now - hours(3), at=AT)
    assert unread.unread_since(unread.reader_membership(bob, paper)) == now - hours(3)
    group.memberships.filter(user=bob).update(read_at=now - hours(2))
    assert unread.unread_since(unread.reader_membership(bob, paper)) == now - hours(2)


def test_who_is_no_member_has_no_baseline(paper, charlie):
    assert unread.reader_membership(charlie, paper) is None


def take_part(how, paper, user):
    if how in Vote.Stance.values:
        Vote.objects.create(paper=paper, user=user, stance=how)
    elif how == "offer":
        Offer.objects.create(paper=paper, user=user)
    elif how == "comment":
        make_comment(paper=paper, user=user)
    elif how == "removed":
        at = timezone.now()
        make_comment(paper=paper, user=user, removed_at=at, removed_by=user)


@pytest.mark.parametrize("by_hand", [None, True, False])
@pytest.mark.parametrize(
    ("how", "by_default"),
    [
        ("want", True),
        ("wait", True),
        ("not", False),
        ("offer", True),
        ("comment", True),
        ("removed", False),
        ("", False),
    ],
)
def test_who_takes_part_follows_unless_they_say_otherwise(
    group, paper, alice, bob, how, by_default, by_hand
):
    take_part(how, paper, bob)
    other = make_paper(group=group)
    take_part("want", other, alice)
    watching.set_following(user=alice, paper=paper, follows=not by_default)
    watching.set_following(user=bob, paper=paper, follows=by_hand)
    follows = by_default if by_hand is None else by_hand
    assert list(unread.followed_by(Paper.objects.all(), bob)) == ([paper] if follows else [])
    reader = unread.reader_membership(bob, paper)
    assert (reader.follows, reader.follows_by_default) == (by_hand, by_default)


def test_what_was_new_stays_marked_while_a_visit_goes_on(group, paper, alice, bob, now):
    make_comment(paper=paper, user=alice, created_at=now - hours(3))

    def marked(at):
        return unread.marked_new_since(unread.reader_membership(bob, paper), at)

    assert marked(now) == now - hours(24)
    watching.mark_thread_seen(user=bob, paper=paper, upto=now - hours(3), at=now)
    watching.mark_thread_seen(user=bob, paper=paper, upto=now - hours(2), at=now + hours(0.2))
    assert new(bob, group) == []
    assert marked(now + hours(0.4)) == now - hours(24)
    assert marked(now + hours(0.6)) == now - hours(2)
    watching.mark_thread_seen(user=bob, paper=paper, upto=now + hours(1), at=now + hours(2))
    assert marked(now + hours(2.1)) == now - hours(2)
    watching.mark_all_read(user=bob, group=group)
    assert marked(now + hours(2.1)) > now - hours(1)
