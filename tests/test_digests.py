"""The daily digest: one of a day, at one hour of the reader's, never empty."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.utils import OperationalError

from papers.models import DigestItem, Mail, MailChoice, Membership
from papers.notifications import digests, outbox
from papers.notifications.digest_times import last_digest_at, next_digest_at
from tests.factories import make_group, make_user

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 12, 3, 7, 0, tzinfo=UTC)
EVENING = MORNING - timedelta(hours=12)


def wait_for(user, group, key, at=EVENING, kind="outcomes", **fields):
    fields = {"subject": f"About {key}", "text": f"Text of {key}"} | fields
    item = DigestItem.objects.create(user=user, group=group, key=key, kind=kind, **fields)
    DigestItem.objects.filter(pk=item.pk).update(created_at=at)
    return item


def waiting():
    return set(DigestItem.objects.filter(digested_at=None).values_list("key", flat=True))


def test_all_that_waits_is_in_one_mail_at_seven(group, bob, mailoutbox, send_mails):
    wait_for(bob, group, "one")
    wait_for(bob, group, "two")
    digests.send_due_digests(MORNING - timedelta(seconds=1))
    assert not Mail.objects.exists()

    digests.send_due_digests(MORNING)
    send_mails()
    (message,) = mailoutbox
    assert message.to == ["bob@example.org"]
    assert message.subject == "2 things from Curious minds"
    for name in ("one", "two"):
        assert f"About {name}\n\nText of {name}" in message.body
    assert message.body.count("/me/mail/") == 1
    assert "/mail/stop/" in message.extra_headers["List-Unsubscribe"]
    assert Mail.objects.get().key == f"digest:{bob.pk}:2026-12-03"
    assert waiting() == set()


def test_one_thing_alone_is_its_own_subject(group, bob, mailoutbox, send_mails):
    wait_for(bob, group, "one")
    digests.send_due_digests(MORNING)
    send_mails()
    assert mailoutbox[0].subject == "About one"


def test_there_is_one_a_day_and_none_where_nothing_waits(group, bob):
    wait_for(bob, group, "one")
    for minutes in (0, 1, 600):
        digests.send_due_digests(MORNING + timedelta(minutes=minutes))
    assert Mail.objects.count() == 1

    wait_for(bob, group, "in time, and noted late")
    wait_for(bob, group, "later", at=MORNING + timedelta(hours=1))
    digests.send_due_digests(MORNING + timedelta(hours=23))
    assert (Mail.objects.count(), len(waiting())) == (1, 2)
    digests.send_due_digests(MORNING + timedelta(hours=24))
    digests.send_due_digests(MORNING + timedelta(hours=48))
    assert (Mail.objects.count(), waiting()) == (2, set())


def test_a_worker_that_was_away_at_seven_sends_it_when_it_is_back(group, bob):
    wait_for(bob, group, "one")
    wait_for(bob, group, "later", at=MORNING + timedelta(hours=1))
    digests.send_due_digests(MORNING + timedelta(hours=5))
    assert (Mail.objects.count(), waiting()) == (1, {"later"})


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Asia/Kathmandu", datetime(2026, 12, 3, 1, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 12, 2, 12, 0, tzinfo=UTC)),
        ("", datetime(2026, 12, 3, 7, 0, tzinfo=UTC)),
        ("Mars/Olympus", datetime(2026, 12, 3, 7, 0, tzinfo=UTC)),
    ],
)
def test_it_is_seven_where_the_reader_is(group, bob, zone, due):
    bob.time_zone = zone
    bob.save(update_fields=["time_zone"])
    wait_for(bob, group, "one", at=due - timedelta(minutes=1))
    digests.send_due_digests(due - timedelta(seconds=1))
    assert not Mail.objects.exists()
    digests.send_due_digests(due)
    assert Mail.objects.count() == 1


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_it_stays_at_seven_when_the_clocks_change(bob, month, day):
    bob.time_zone = "Europe/Berlin"
    at = datetime(2026, month, day - 1, 12, 0, tzinfo=UTC)
    following = next_digest_at(bob, at)
    assert (following.day, following.hour, following.minute) == (day, 7, 0)
    assert last_digest_at(bob, following) == following
    assert last_digest_at(bob, following - timedelta(seconds=1)) == last_digest_at(bob, at)
    hours = (following.astimezone(UTC) - last_digest_at(bob, at).astimezone(UTC)) / timedelta(
        hours=1
    )
    assert hours == (23 if month == 3 else 25)


def test_what_one_left_or_wants_no_more_is_in_none(group, bob, mailoutbox, send_mails):
    other = make_group("Second", members=[bob])
    wait_for(bob, group, "stays")
    wait_for(bob, other, "left")
    wait_for(bob, group, "off", kind="date")
    MailChoice.objects.create(user=bob, kind="date", way="off")
    bob.memberships.filter(group=other).delete()
    digests.send_due_digests(MORNING)
    send_mails()
    (message,) = mailoutbox
    assert "Text of stays" in message.body
    assert "Text of left" not in message.body and "Text of off" not in message.body
    assert waiting() == set()


def test_nobody_gets_an_empty_one(group, bob, charlie, mailoutbox):
    wait_for(charlie, group, "of a group that they are not in")
    wait_for(bob, group, "off")
    bob.is_active = False
    bob.save(update_fields=["is_active"])
    digests.send_due_digests(MORNING)
    assert not Mail.objects.exists()
    assert waiting() == set()


def test_where_one_fails_the_others_have_theirs_and_that_one_later(
    group, alice, bob, monkeypatch, caplog
):
    wait_for(alice, group, "a")
    wait_for(bob, group, "b")
    queue = outbox.queue_mail

    def fail(**fields):
        queued = queue(**fields)
        if fields["to"].startswith("alice"):
            raise OperationalError("gone")
        return queued

    monkeypatch.setattr(outbox, "queue_mail", fail)
    digests.send_due_digests(MORNING)
    assert Mail.objects.get().to == "bob@example.org"
    assert waiting() == {"a"}
    assert "digest: user" in caplog.text
    monkeypatch.undo()
    digests.send_due_digests(MORNING)
    assert (Mail.objects.count(), waiting()) == (2, set())


def test_nobody_is_looked_up_whose_digest_is_not_due(group, django_assert_num_queries):
    for number in range(10):
        user = make_user(f"member-{number}")
        Membership.objects.create(group=group, user=user)
        wait_for(user, group, f"{number}", at=MORNING + timedelta(minutes=1))
    with django_assert_num_queries(2):
        digests.send_due_digests(MORNING + timedelta(hours=1))
