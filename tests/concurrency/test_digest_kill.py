"""The worker killed twenty times during a digest of 200: everybody has one mail, or is told of.

A real worker, queue and clock in one process, talks to a real mail server. `kill -9` comes wherever
it happens to be: between two digests, between a digest and its mail, while a mail is handed over.
"""

import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from papers.models import DigestItem, Event, Mail, Membership, Notice, User
from papers.notifications import digests, outbox
from tests.concurrency.together import at_once, rendezvous, wait_until
from tests.factories import make_group, make_meeting

pytestmark = pytest.mark.django_db(transaction=True)

MEMBERS, KILLS = 200, 20


def everybody(number):
    """So many members, each with two things that wait for their digest since the day before."""
    group = make_group()
    users = User.objects.bulk_create(
        User(username=f"member-{n}", email=f"member-{n}@example.org", password="!")  # noqa: S106
        for n in range(number)
    )
    Membership.objects.bulk_create(Membership(group=group, user=user) for user in users)
    notices = [
        Notice.objects.create(
            discussion=make_meeting(group=group, state="held"),
            event=Event.OUTCOMES,
            sequence=0,
            told_at=timezone.now(),
        )
        for _ in range(2)
    ]
    DigestItem.objects.bulk_create(
        DigestItem(user=user, notice=notice) for user in users for notice in notices
    )
    DigestItem.objects.update(created_at=timezone.now() - timedelta(days=2))
    return {user.email for user in users}


def arrived(server):
    """How many mails each address has."""
    return Counter(recipient for recipient, _ in server.mails)


def done(server):
    """How far it is: digests that were queued, and mails that arrived."""
    return Mail.objects.count() + len(server.mails)


def is_left():
    waits = Mail.objects.filter(state="waiting").exists()
    return waits or DigestItem.objects.filter(digested_at=None).exists()


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def kill_after(number, milliseconds, server, process):
    """Kill it so long after it did so many things more."""
    before = done(server)
    wait_until(lambda: done(server) >= before + number or process.poll() is not None)
    time.sleep(milliseconds / 1000)
    kill(process)


def kill_at_its_worst(server, process):
    """Kill it when the server has the mail, and the worker has not heard of it."""
    server.then = lambda: process.poll() is None and kill(process)
    process.wait(timeout=120)
    server.then = lambda: time.sleep(0.005)


def finish(server, worker):
    """A last worker, long after, does all that is left; it stops cleanly when it is told to."""
    Mail.objects.filter(state="sending").update(claimed_at=timezone.now() - timedelta(hours=1))
    process = worker()
    wait_until(
        lambda: not is_left() and not outbox._stale_claims(timezone.now()).filter(handed_at=None)
    )
    wait_until(lambda: not Mail.objects.filter(state="sending", problem="").exists())
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0


def test_killed_twenty_times_everybody_has_one_or_is_told_of(server, worker):
    members = everybody(MEMBERS)
    server.then = lambda: time.sleep(0.005)
    for number in range(KILLS):
        process = worker()
        if number >= KILLS // 2 and number % 2:
            kill_at_its_worst(server, process)
        else:
            kill_after(1 + number % 4, number, server, process)  # each time at another moment
        assert process.returncode == -signal.SIGKILL  # it was killed, in the middle of its work
        assert is_left()
        if number < KILLS // 2:  # while the digests are made; then while they are sent
            assert DigestItem.objects.filter(digested_at=None).exists()
    finish(server, worker)

    mails = Mail.objects.filter(key__startswith="digest:")
    assert sorted(mails.values_list("to", flat=True)) == sorted(members)  # one each
    assert Mail.objects.count() == MEMBERS
    counts = arrived(server)
    assert max(counts.values()) == 1
    sent = set(mails.filter(state="sent").values_list("to", flat=True))
    unknown = set(outbox.interrupted_mails(timezone.now()).values_list("to", flat=True))
    assert sent <= set(counts)
    assert sent | unknown == members and not sent & unknown
    assert set(counts) | unknown == members
    assert KILLS // 4 <= len(unknown) <= KILLS  # one of each kill, at most
    told = mails.filter(state="sending").exclude(problem="").values_list("to", flat=True)
    assert set(told) == unknown


def test_without_the_mark_of_what_was_handed_over_it_arrives_twice(server, worker):
    """The control: this is what the mark keeps out."""
    everybody(6)
    kill_at_its_worst(server, worker())
    Mail.objects.update(handed_at=None)
    finish(server, worker)
    assert max(arrived(server).values()) == 2


def two_clocks(monkeypatch):
    """Two clocks that meet where each knows what is in the digest of the one member there is."""
    everybody(1)
    meet, entries = rendezvous(2), digests._digest_entries

    def wait(user, items, at):
        meet()
        return entries(user, items, at)

    monkeypatch.setattr(digests, "_digest_entries", wait)
    assert at_once(digests.send_due_digests, timezone.now(), timezone.now()) == []


def test_two_clocks_that_meet_send_one_digest(monkeypatch):
    two_clocks(monkeypatch)
    assert Mail.objects.count() == 1
    assert not DigestItem.objects.filter(digested_at=None).exists()


def test_without_the_key_each_sends_one(monkeypatch):
    """The control: this is what the key keeps out. In SQLite so does the transaction."""
    monkeypatch.setattr(digests, "send_digest", digests.send_digest.__wrapped__)
    queue_mail = outbox.queue_mail
    monkeypatch.setattr(outbox, "queue_mail", lambda *, key, **fields: queue_mail(**fields))
    two_clocks(monkeypatch)
    assert Mail.objects.count() == 2
