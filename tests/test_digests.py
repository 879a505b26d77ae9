"""The daily digest: one a day, at one hour of the reader's, never empty, and true when sent."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db.utils import OperationalError
from django.utils import timezone

from papers.models import (
    Availability,
    DateOption,
    DigestItem,
    Event,
    Mail,
    MailChoice,
    Membership,
    Notice,
)
from papers.notifications import digests, fan_out, outbox
from papers.notifications.digest_times import last_digest_at, next_digest_at
from papers.services import date_polls, presenters, rsvps, scheduling
from tests.factories import make_group, make_meeting, make_paper, make_user

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 12, 3, 7, 0, tzinfo=UTC)
EVENING = MORNING - timedelta(hours=12)


def wait_for(user, group, title, at=EVENING, event=Event.OUTCOMES):
    """The outcome of a meeting on ``title``, which waits for the digest of ``user``."""
    meeting = make_meeting(
        group=group, papers=[make_paper(group=group, title=title)], state=STATES[event]
    )
    notice = fan_out.record_event(event, meeting)
    Notice.objects.filter(pk=notice.pk).update(told_at=at)
    return put_in_digest(user, notice, at)


STATES = {Event.OUTCOMES: "held", Event.FIXED: "scheduled"}


def put_in_digest(user, notice, at=EVENING):
    item = DigestItem.objects.create(user=user, notice=notice)
    DigestItem.objects.filter(pk=item.pk).update(created_at=at)
    return item


def waiting():
    """The titles that wait."""
    items = DigestItem.objects.filter(digested_at=None)
    return set(items.values_list("notice__discussion__agenda__paper__title", flat=True))


def test_all_that_waits_is_in_one_mail_at_seven(group, bob, mailoutbox, send_mails):
    wait_for(bob, group, "one")
    wait_for(bob, group, "two")
    digests.send_due_digests(MORNING - timedelta(seconds=1))
    assert not Mail.objects.exists()

    digests.send_due_digests(MORNING)
    send_mails()
    (message,) = mailoutbox
    assert message.to == ["bob@example.org"]
    assert message.subject == "2 updates from Curious minds"
    for name in ("one", "two"):
        assert f": {name}\n\n“Curious minds” has met." in message.body
    assert message.body.count("/me/mail/") == 1
    assert "/mail/stop/" in message.extra_headers["List-Unsubscribe"]
    assert Mail.objects.get().key == f"digest:{bob.pk}:2026-12-03"
    assert waiting() == set()


def test_one_thing_alone_is_its_own_subject(group, bob, mailoutbox, send_mails):
    wait_for(bob, group, "one")
    digests.send_due_digests(MORNING)
    send_mails()
    assert re.fullmatch(r"Outcome, .* 2026: one", mailoutbox[0].subject)


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
    wait_for(bob, group, "off", event=Event.FIXED)
    MailChoice.objects.create(user=bob, kind="date", way="off")
    bob.memberships.filter(group=other).delete()
    digests.send_due_digests(MORNING)
    send_mails()
    (message,) = mailoutbox
    assert message.subject.endswith(": stays")
    assert "left" not in message.body and "off" not in message.body
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


# What is said is as it is when it is sent


@pytest.fixture
def reader(group, bob):
    """Bob, who has everything in his digest."""
    fan_out.set_deliveries(
        user=bob, ways=dict.fromkeys(["poll", "unanswered", "date", "waiting"], "digest")
    )
    return bob


@pytest.fixture
def tomorrow(send_mails, mailoutbox):
    """A function that lets the worker and the next digest run; returns subjects and bodies."""

    def tomorrow(days=1):
        mailoutbox.clear()
        fan_out.send_overdue(timezone.now() + timedelta(hours=1))
        digests.send_due_digests(timezone.now() + timedelta(days=days))
        send_mails()
        return [(one.subject, one.body) for one in mailoutbox if one.to == ["bob@example.org"]]

    return tomorrow


def schedule(group, by, title="On tides", **fields):
    begins = timezone.now() + timedelta(days=9)
    return scheduling.schedule_discussion(
        group=group,
        by=by,
        starts_at=begins,
        ends_at=begins + timedelta(hours=1),
        papers=[make_paper(group=group, title=title)],
        **fields,
    )


def worker_runs():
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))


def test_a_meeting_that_came_and_went_before_the_digest_is_in_none(group, alice, reader, tomorrow):
    """Each was told when it happened: four items, three of them false."""
    meeting = schedule(group, alice)
    worker_runs()
    scheduling.update_discussion(discussion=meeting, by=alice, place="B 12")
    worker_runs()
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    worker_runs()
    assert DigestItem.objects.filter(user=reader).count() == 3
    assert tomorrow() == []
    assert not DigestItem.objects.filter(user=reader, digested_at=None).exists()


def test_one_that_the_reader_knew_or_answered_is_told_as_cancelled_once(
    group, alice, reader, tomorrow
):
    known = schedule(group, alice)
    worker_runs()
    (told,) = tomorrow()
    assert told[0].startswith("Curious minds: meeting on ")
    scheduling.update_discussion(discussion=known, by=alice, place="B 12")
    worker_runs()
    scheduling.cancel_discussion(discussion=known, by=alice)
    answered = schedule(group, alice, "On sorting")
    worker_runs()
    rsvps.set_rsvp(discussion=answered, user=reader, answer="coming")
    scheduling.cancel_discussion(discussion=answered, by=alice)
    worker_runs()
    ((subject, body),) = tomorrow(2)
    assert subject == "2 updates from Curious minds"
    assert body.count("is cancelled.") == 2
    assert "has changed" not in body and "is scheduled" not in body


def test_one_at_which_the_reader_was_asked_to_present_is_told_as_cancelled(
    group, alice, reader, tomorrow
):
    """They know of it, though it still waits for their digest."""
    meeting = schedule(group, alice)
    worker_runs()
    item = meeting.agenda.select_related("discussion__group").get()
    presenters.ask_to_present(item=item, by=alice, user=reader)
    worker_runs()
    scheduling.cancel_discussion(discussion=meeting, by=alice)
    worker_runs()
    told = [subject.partition(",")[0].partition("?")[0] for subject, _ in tomorrow()]
    assert told == ["Can you present", "Cancelled"]


def test_one_that_moved_is_told_once_and_by_its_new_date(group, alice, reader, tomorrow):
    meeting = schedule(group, alice, place="A 1")
    worker_runs()
    for place in ("B 2", "C 3"):
        scheduling.update_discussion(discussion=meeting, by=alice, place=place)
        worker_runs()
    ((subject, body),) = tomorrow()
    # Bob hears of it for the first time: nothing has changed for him.
    assert subject.startswith("Curious minds: meeting on ")
    assert "a meeting is scheduled" in body
    assert "C 3" in body and "A 1" not in body and "B 2" not in body

    for place in ("D 4", "E 5"):
        scheduling.update_discussion(discussion=meeting, by=alice, place=place)
        worker_runs()
    ((subject, body),) = tomorrow(2)
    assert subject.startswith("Changed, now ")
    assert "E 5" in body and "D 4" not in body


def test_a_title_that_was_corrected_is_told_as_it_is(group, alice, reader, tomorrow):
    meeting = schedule(group, alice)
    worker_runs()
    paper = meeting.agenda.get().paper
    paper.title = "On tides, corrected"
    paper.save()
    ((subject, body),) = tomorrow()
    assert subject.endswith("On tides, corrected") and "1. On tides, corrected" in body


@pytest.fixture
def poll(group, alice):
    begins = timezone.now() + timedelta(days=9)
    return date_polls.open_poll(
        group=group, by=alice, options=[(begins, begins + timedelta(hours=1))]
    )


def test_a_poll_that_was_answered_or_decided_meanwhile_asks_for_nothing(
    group, alice, reader, poll, tomorrow
):
    date_polls.remind_unanswered(discussion=poll, by=alice)
    worker_runs()
    option = DateOption.objects.get()
    date_polls.save_answers(discussion=poll, user=reader, answers={option.pk: "yes"})
    ((subject, body),) = tomorrow()
    assert "is missing" not in subject + body  # it is still told that there is a poll
    assert "when can you come?" in subject


def test_a_poll_whose_date_was_chosen_meanwhile_is_told_as_a_meeting(
    group, alice, reader, poll, tomorrow
):
    worker_runs()
    option = DateOption.objects.get()
    Availability.objects.create(option=option, user=reader, answer="yes")
    date_polls.fix_date(option=option, by=alice)
    worker_runs()
    ((subject, body),) = tomorrow()
    assert subject.startswith("Curious minds: meeting on ")
    assert "You said yes to this date in the poll: you are going." in body
    assert "when can you come" not in body.lower()


def test_an_item_of_a_meeting_that_is_deleted_or_over_is_in_none(group, alice, reader, tomorrow):
    schedule(group, alice).delete()
    over = schedule(group, alice, "On sorting")
    worker_runs()
    past = timezone.now() - timedelta(days=1)
    over.starts_at, over.ends_at = past, past + timedelta(hours=1)
    over.save()
    assert tomorrow() == []


def test_one_item_says_the_date_and_the_place_on_the_waiting_list(group, alice, reader, tomorrow):
    carol = make_user("carol")
    Membership.objects.create(group=group, user=carol)
    meeting = schedule(group, alice, seats=1)
    worker_runs()
    for user in (alice, carol, reader):
        rsvps.set_rsvp(discussion=meeting, user=user, answer="coming")
    rsvps.set_rsvp(discussion=meeting, user=carol, answer="not")  # Bob moves from second to first
    worker_runs()
    assert DigestItem.objects.filter(user=reader).count() == 2
    ((subject, body),) = tomorrow()
    assert subject.startswith("Curious minds: meeting on ")
    assert body.count("You are first on the waiting list.") == 1
    assert "you are going" not in body.lower()
