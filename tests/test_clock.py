"""The clock: what is due is done, once, and one job that fails stops no other; and who notices."""

import logging
import threading
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from papers import clock
from papers.models import Event, Heartbeat, Mail, Notice, Rsvp
from papers.notifications import fan_out, outbox, reminders
from papers.services import scheduling
from tests.factories import make_meeting

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def noted(event):
    return Notice.objects.filter(event=event).count()


@pytest.fixture
def start(db):
    return timezone.now() + timedelta(days=10)


@pytest.fixture
def meeting(group, start):
    return make_meeting(group=group, starts_at=start)


# Reminders of meetings


def test_a_meeting_is_reminded_of_a_day_and_an_hour_before(meeting, start):
    reminders.record_discussion_reminders(start - DAY - timedelta(seconds=1))
    assert not Notice.objects.exists()
    for at in (start - DAY, start - DAY, start - DAY + HOUR):
        reminders.record_discussion_reminders(at)
    assert (noted(Event.DAY), noted(Event.HOUR)) == (1, 0)
    for at in (start - HOUR, start - HOUR / 2, start, start + HOUR):
        reminders.record_discussion_reminders(at)
    assert (noted(Event.DAY), noted(Event.HOUR)) == (1, 1)


def test_a_meeting_that_moves_is_reminded_of_again_and_once(group, alice, meeting, start):
    reminders.record_discussion_reminders(start - DAY)
    later = start + timedelta(days=7)
    for begins in (later, later + DAY, later):  # there and back
        scheduling.update_discussion(
            discussion=meeting, by=alice, starts_at=begins, ends_at=begins + timedelta(hours=1)
        )
    for at in (start - HOUR * 20, later - DAY, later - HOUR * 20):
        reminders.record_discussion_reminders(at)
    assert noted(Event.DAY) == 2


def test_who_heard_of_the_date_within_the_day_needs_no_reminder(group, alice):
    now = timezone.now()
    begins = now + 3 * HOUR
    scheduling.schedule_discussion(group=group, by=alice, starts_at=begins, ends_at=begins + HOUR)
    reminders.record_discussion_reminders(now)
    assert noted(Event.DAY) == 0
    reminders.record_discussion_reminders(begins - HOUR)
    assert noted(Event.HOUR) == 1


def test_nobody_is_reminded_of_what_does_not_take_place(group, start):
    for state in ("cancelled", "held"):
        make_meeting(group=group, starts_at=start, state=state)
    make_meeting(group=group, state="polling")
    reminders.record_discussion_reminders(start - DAY)
    reminders.record_discussion_reminders(start - HOUR)
    assert not Notice.objects.exists()


def test_a_worker_that_was_away_reminds_once_and_not_twice_in_an_hour(meeting, start):
    reminders.record_discussion_reminders(start - HOUR / 2)
    assert (noted(Event.DAY), noted(Event.HOUR)) == (0, 1)


def test_one_in_writing_is_reminded_of_a_day_before_it_closes(group, start, bob, send_mails):
    make_meeting(
        group=group, starts_at=start, ends_at=start + 5 * DAY, is_written=True, created_by=bob
    )
    for at in (start - DAY, start - HOUR, start + 4 * DAY - HOUR):
        reminders.record_discussion_reminders(at)
    assert not Notice.objects.exists()
    reminders.record_discussion_reminders(start + 4 * DAY)
    fan_out.send_notifications.call(Notice.objects.get().pk)
    assert set(Mail.objects.values_list("to", flat=True)) == {
        "alice@example.org",
        "bob@example.org",
    }
    reminders.record_discussion_reminders(start + 5 * DAY - HOUR)
    assert (noted(Event.DAY), noted(Event.HOUR)) == (1, 0)


# Date polls


def test_who_has_not_answered_is_reminded_once_for_each_deadline(group, start):
    poll = make_meeting(group=group, state="polling", answer_by=start)
    make_meeting(group=group, state="polling")  # without a deadline
    for at in (start - 2 * DAY - HOUR, start - 2 * DAY, start - DAY, start, start + DAY):
        reminders.record_poll_reminders(at)
    assert noted(Event.POLL_CLOSES) == 1
    poll.answer_by = start + 5 * DAY
    poll.save()
    for at in (start, start + 4 * DAY, start + 4 * DAY):
        reminders.record_poll_reminders(at)
    assert noted(Event.POLL_CLOSES) == 2


def test_who_was_asked_within_two_days_is_not_reminded(group):
    now = timezone.now()
    poll = make_meeting(group=group, state="polling", answer_by=now + DAY)
    fan_out.record_event(Event.POLL_OPENED, poll)
    reminders.record_poll_reminders(now)
    assert noted(Event.POLL_CLOSES) == 0


# The clock itself


def test_a_round_does_all_that_is_due(group, bob, meeting, start):
    Rsvp.objects.create(discussion=meeting, user=bob, answer="coming", turn=1)
    clock.run_due_jobs(start - DAY)
    clock.run_due_jobs(start - DAY + timedelta(minutes=2))
    assert noted(Event.DAY) == 1
    notice = Notice.objects.get()
    assert notice.told_at  # its task was not run: the clock found it
    assert Mail.objects.get().to == "bob@example.org"
    assert Heartbeat.objects.get(name="clock").beat_at == start - DAY + timedelta(minutes=2)


def test_a_job_that_fails_is_told_of_and_stops_no_other(monkeypatch, caplog):
    done = []

    def fails(at):
        raise OSError("no disk")

    monkeypatch.setattr(clock, "JOBS", [fails, done.append])
    clock.run_due_jobs(timezone.now())
    assert len(done) == 1
    assert "clock: fails failed" in caplog.text
    assert Heartbeat.objects.filter(name="clock").exists()


def test_every_job_does_its_work_without_an_error(caplog):
    clock.run_due_jobs(timezone.now())
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []


def test_what_is_done_with_is_cleaned_away_once_a_day(monkeypatch):
    calls, now = [], timezone.now()
    monkeypatch.setattr(outbox, "delete_old_mails", lambda: calls.append("pruned"))
    for hours in (0, 1, 23, 25):
        clock.clean_up(now + timedelta(hours=hours))
    assert len(calls) == 2


@pytest.mark.django_db(transaction=True)
def test_an_error_in_a_round_ends_nothing_and_it_stops_when_told(monkeypatch):
    rounds, three, partings, parted = [], threading.Event(), [], threading.Event()

    def fail(at):
        rounds.append(at)
        if len(rounds) >= 3:
            three.set()
        raise OSError("no database")

    def fail_too():
        partings.append(1)
        if len(partings) >= 3:
            parted.set()
        raise OSError("no database to part from")

    def is_running():
        return [one for one in threading.enumerate() if one.name == "clock"]

    monkeypatch.setattr(clock, "run_due_jobs", fail)
    monkeypatch.setattr(clock, "ROUND_SECONDS", 0.001)
    end = clock.start_thread()
    assert three.wait(10)
    monkeypatch.setattr(clock, "close_old_connections", fail_too)
    assert parted.wait(10) and is_running()
    end()
    assert not is_running()


# Who notices that it stands still


def ready(client):
    response = client.get("/readyz")
    return response.status_code, response.text


def test_it_is_ready_where_no_worker_is_missed(client):
    assert ready(client) == (200, "ready\n")
    Heartbeat.objects.create(name="clock", beat_at=timezone.now() - timedelta(minutes=4))
    # What is cleaned once a day is no clock.
    Heartbeat.objects.create(name="cleaning", beat_at=timezone.now() - timedelta(hours=20))
    outbox.deliver_mail.enqueue(1)
    outbox.deliver_mail.using(run_after=timezone.now() + HOUR).enqueue(2)
    assert ready(client) == (200, "ready\n")


def test_it_is_not_ready_where_the_clock_stands_still(client):
    Heartbeat.objects.create(name="clock", beat_at=timezone.now() - timedelta(minutes=6))
    status, said = ready(client)
    assert status == 503 and "the worker has stalled" in said
    assert client.get("/healthz").status_code == 200
    clock.run_due_jobs(timezone.now())
    assert ready(client)[0] == 200


@pytest.mark.parametrize("has_hour", [True, False])
def test_it_is_not_ready_where_nobody_does_what_waits(client, has_hour):
    """No worker ever ran."""
    late = timezone.now() - timedelta(minutes=11)
    task = outbox.deliver_mail.using(run_after=late) if has_hour else outbox.deliver_mail
    task.enqueue(1)
    assert ready(client)[0] == (503 if has_hour else 200)
    DBTaskResult.objects.update(enqueued_at=late)
    assert ready(client)[0] == 503
    DBTaskResult.objects.update(status="SUCCESSFUL")
    assert ready(client)[0] == 200


def test_a_worker_that_is_busy_has_not_stalled(client):
    """It has more to do at once than it can do within ten minutes: the pages go on."""
    now = timezone.now()
    outbox.deliver_mail.enqueue(1)
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=now - timedelta(minutes=1))
    outbox.deliver_mail.using(run_after=now - timedelta(minutes=11)).enqueue(2)
    assert ready(client) == (200, "ready\n")
    DBTaskResult.objects.filter(status="SUCCESSFUL").update(finished_at=now - 11 * HOUR / 60)
    assert ready(client)[0] == 503
