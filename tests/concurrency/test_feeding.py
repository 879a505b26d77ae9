"""One member makes several secret addresses at once, and has no more than the limit."""

import pytest
from django.core.exceptions import ValidationError

from papers.services import feeds
from tests.concurrency.together import at_once, rendezvous

pytestmark = pytest.mark.django_db(transaction=True)

ONES = range(4)


@pytest.fixture
def nearly(bob, monkeypatch):
    """Bob, who may have one more."""
    monkeypatch.setattr(feeds, "MAX_FEEDS", 3)
    for _ in range(2):
        feeds.create_feed(user=bob, kind="mine")
    return bob


def test_of_several_one_is_made(nearly):
    raised = at_once(lambda _: feeds.create_feed(user=nearly, kind="mine"), *ONES)
    assert [type(error) for error in raised] == [ValidationError] * 3
    assert nearly.feeds.count() == 3


def test_without_the_lock_all_are(nearly, monkeypatch):
    """The control: each counts before another has made one."""
    meet, look = rendezvous(len(ONES)), feeds._has_max_feeds

    def slow(user):
        found = look(user)
        meet()
        return found

    monkeypatch.setattr(feeds, "_has_max_feeds", slow)
    monkeypatch.setattr(feeds, "lock_user", lambda pk: None)
    make = feeds.create_feed.__wrapped__  # in SQLite the transaction, too, is a lock
    assert at_once(lambda _: make(user=nearly, kind="mine"), *ONES) == []
    assert nearly.feeds.count() == 2 + len(ONES)
