"""The calendar file in mails about a date: one tap adds the meeting, or updates it."""

from datetime import timedelta

import pytest
import vobject
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream

from papers.models import Discussion, Event, Mail
from papers.notifications import fan_out, reminders
from papers.services import agenda, date_polls, rsvps, scheduling
from tests.factories import make_meeting, make_paper

TITLE = "Sorting; faster, cheaper: \\Nabla"


@pytest.fixture
def sent(mailoutbox, send_mails):
    """A function that tells of all events: the mails, as they arrive."""

    def sent():
        mailoutbox.clear()
        fan_out.send_overdue(timezone.now() + timedelta(hours=1))
        send_mails()
        return [message.message() for message in mailoutbox]

    return sent


def files_of(mail):
    return [part for part in mail.walk() if part.get_content_type() == "text/calendar"]


def event_of(mail):
    """The only meeting in the file of ``mail``, as two readers understand it."""
    (part,) = files_of(mail)
    body = part.get_payload(decode=True)
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert part.get_param("method") == "PUBLISH"
    assert part.get_content_disposition() == "attachment"
    assert part.get_filename().endswith(".ics")
    whole = vobject.readOne(body.decode())
    assert whole.method.value == "PUBLISH"
    (other,) = IcsCalendarStream.calendar_from_ics(body.decode()).events
    assert other.uid == whole.vevent.uid.value
    return whole.vevent


@pytest.fixture
def meeting(group, alice):
    starts_at = timezone.now() + timedelta(days=7)
    return scheduling.schedule_discussion(
        group=group,
        by=alice,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        papers=[make_paper(group=group, title=TITLE)],
    )


def move(meeting, alice):
    scheduling.update_discussion(discussion=meeting, by=alice, place="Elsewhere")


def cancel(meeting, alice):
    scheduling.cancel_discussion(discussion=meeting, by=alice)


def reinstate(meeting, alice):
    cancel(meeting, alice)
    scheduling.reinstate_discussion(discussion=meeting, by=alice)


@pytest.mark.parametrize("act", [None, move, cancel, reinstate])
def test_a_mail_about_a_date_has_the_meeting(meeting, alice, sent, act):
    if act:
        sent()
        act(meeting, alice)
    mails = sent()
    assert len(mails) == 1
    event = event_of(mails[0])
    meeting.refresh_from_db()
    assert event.uid.value == f"{meeting.uid}@reading-group"
    assert int(event.sequence.value) == meeting.sequence
    assert event.status.value == ("CANCELLED" if act is cancel else "CONFIRMED")
    assert event.summary.value == f"Curious minds: {TITLE}"


def test_the_number_in_each_mail_is_higher_than_before(meeting, alice, sent):
    numbers = [int(event_of(sent()[0]).sequence.value)]
    for act in (move, cancel, reinstate):
        act(meeting, alice)
        numbers.append(int(event_of(sent()[0]).sequence.value))
    assert numbers == sorted(set(numbers))


def test_it_is_as_the_meeting_is_when_the_mail_is_written(meeting, alice, sent):
    agenda.add_papers(discussion=meeting, papers=[make_paper(group=meeting.group, title="Tides")])
    event = event_of(sent()[0])
    assert event.summary.value.endswith("and 1 more")
    assert int(event.sequence.value) == Discussion.objects.get().sequence


def test_a_reminder_has_it(group, bob, sent):
    make_meeting(group=group, starts_at=timezone.now() + timedelta(hours=20))
    rsvps.set_rsvp(discussion=Discussion.objects.get(), user=bob, answer="coming")
    reminders.record_discussion_reminders(timezone.now())
    assert event_of(sent()[0]).status.value == "CONFIRMED"


def test_a_date_of_a_poll_that_is_fixed_has_it_and_the_poll_does_not(group, alice, sent):
    starts_at = timezone.now() + timedelta(days=7)
    dates = [(starts_at, starts_at + timedelta(hours=1))]
    poll = date_polls.open_poll(group=group, by=alice, options=dates)
    assert [files_of(mail) for mail in sent()] == [[]]
    date_polls.fix_date(option=poll.options.get(), by=alice)
    assert event_of(sent()[0]).dtstart.value == starts_at.replace(microsecond=0)


def test_a_poll_that_is_on_again_has_none(group, alice, sent):
    starts_at = timezone.now() + timedelta(days=7)
    dates = [(starts_at, starts_at + timedelta(hours=1))]
    poll = date_polls.open_poll(group=group, by=alice, options=dates)
    reinstate(poll, alice)
    assert [files_of(mail) for mail in sent()] in ([[]], [[], []])


def test_it_waits_encrypted_and_is_not_kept(meeting, mailoutbox, send_mails):
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    assert b"VCALENDAR" not in bytes(Mail.objects.get().content)
    send_mails()
    assert not Mail.objects.get().content
    (message,) = mailoutbox
    assert len(files_of(message.message())) == 1


def test_the_mail_about_a_lost_seat_puts_the_waiting_list_into_the_calendar(
    meeting, alice, bob, sent
):
    for user in (alice, bob):
        rsvps.set_rsvp(discussion=meeting, user=user, answer="coming")
    sent()
    scheduling.update_discussion(discussion=meeting, by=alice, seats=1)
    mails = {mail["To"]: mail for mail in sent()}
    assert mails.keys() == {bob.email}
    meeting.refresh_from_db()
    event = event_of(mails[bob.email])
    assert "waiting list" in event.serialize().lower()
    assert event.sequence.value == str(meeting.sequence)


def test_mails_of_other_things_have_none(meeting, alice, bob, sent):
    sent()
    fan_out.record_event(Event.PRESENT, meeting, user=bob)
    meeting.agenda.update(presenter=bob)
    assert [files_of(mail) for mail in sent()] == [[]]
