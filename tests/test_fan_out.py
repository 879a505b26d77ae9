"""Who is told what of a meeting by mail, how, and that nobody is told twice."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
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
    Rsvp,
)
from papers.notifications import fan_out, outbox
from papers.services import presenters, scheduling
from tests.factories import make_comment, make_group, make_meeting, make_paper, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(group):
    """A third member, beside Alice, who organises, and Bob."""
    carol = make_user("carol")
    Membership.objects.create(group=group, user=carol)
    return carol


@pytest.fixture
def others(group):
    """People who must hear nothing: one who left, one whose account is off, one of elsewhere."""
    gone, off, elsewhere = (make_user(name) for name in ("gone", "off", "elsewhere"))
    Membership.objects.create(group=group, user=off)
    off.is_active = False
    off.save(update_fields=["is_active"])
    make_group("Elsewhere", members=[elsewhere, gone])
    return [gone, off, elsewhere]


@pytest.fixture
def told(mailoutbox, send_mails):
    """A function that tells of an event: the names of whom it was mailed to."""

    def told(event, meeting, **fields):
        mailoutbox.clear()
        notice = fan_out.record_event(event, meeting, **fields)
        fan_out.send_notifications.call(notice.pk)
        send_mails()
        return sorted(message.to[0].split("@")[0] for message in mailoutbox)

    return told


def answer(meeting, user, answer):
    turn = meeting.rsvps.count() + 1 if answer == "coming" else None
    Rsvp.objects.create(discussion=meeting, user=user, answer=answer, turn=turn)


def make_poll(group, **fields):
    poll = make_meeting(group=group, state="polling", **fields)
    for number in range(2):
        begins = timezone.now() + timedelta(days=10 + number)
        DateOption.objects.create(
            discussion=poll, position=number, starts_at=begins, ends_at=begins + timedelta(hours=1)
        )
    return poll


def text_of(message):
    return " ".join(message.body.split())


# Who is told


def test_a_fixed_date_is_told_to_all_but_whose_act_it_was(group, alice, carol, others, told):
    meeting = make_meeting(group=group)
    assert told(Event.FIXED, meeting, by=alice) == ["bob", "carol"]
    assert told(Event.MOVED, meeting) == ["alice", "bob", "carol"]
    assert Notice.objects.filter(told_at=None).count() == 0


def test_who_cannot_come_is_told_of_another_date_and_not_that_it_is_called_off(
    group, bob, carol, told
):
    for state, event, names in [
        ("scheduled", Event.MOVED, ["alice", "bob", "carol"]),
        ("cancelled", Event.CANCELLED, ["alice", "carol"]),
    ]:
        meeting = make_meeting(group=group, state=state)
        answer(meeting, bob, "not")
        answer(meeting, carol, "remote")
        assert told(event, meeting) == names


def test_of_a_poll_those_are_reminded_who_have_not_answered(group, bob, carol, others, told):
    poll = make_poll(group)
    for option in poll.options.all():
        Availability.objects.create(option=option, user=bob, answer="no")
    assert told(Event.POLL_OPENED, poll) == ["alice", "bob", "carol"]
    assert told(Event.POLL_REMINDED, poll, asked_on=date(2026, 12, 3)) == ["alice", "carol"]
    assert told(Event.POLL_CLOSES, poll, due_at=timezone.now()) == ["alice", "carol"]


def test_reminders_are_for_who_comes_or_presents(group, alice, bob, carol, others, told):
    dora, emil = make_user("dora"), make_user("emil")
    for user in (dora, emil):
        Membership.objects.create(group=group, user=user)
    meeting = make_meeting(
        group=group, papers=[make_paper(group=group)], starts_at=timezone.now() + timedelta(hours=9)
    )
    answer(meeting, alice, "not")
    answer(meeting, bob, "coming")
    answer(meeting, carol, "remote")
    meeting.agenda.update(presenter=dora)
    assert told(Event.DAY, meeting, due_at=meeting.starts_at) == ["bob", "carol", "dora"]
    MailChoice.objects.create(user=carol, kind="hour", way="now")  # by itself it is off
    assert told(Event.HOUR, meeting, due_at=meeting.starts_at) == ["carol"]


def test_one_person_alone_is_told_of_a_seat_and_of_being_asked(group, bob, carol, others, told):
    meeting = make_meeting(group=group, papers=[make_paper(group=group)])
    answer(meeting, bob, "coming")
    assert told(Event.SEAT, meeting, user=bob) == ["bob"]
    MailChoice.objects.create(user=carol, kind="date", way="digest")
    meeting.agenda.update(presenter=carol)
    assert told(Event.PRESENT, meeting, user=carol) == ["carol"]  # not in a digest
    assert told(Event.PRESENT, meeting, user=others[0]) == []


def test_each_is_told_as_they_chose(group, alice, bob, carol, told):
    meeting = make_meeting(group=group)
    MailChoice.objects.create(user=bob, kind="date", way="off")
    MailChoice.objects.create(user=carol, kind="date", way="digest")
    assert told(Event.FIXED, meeting) == ["alice"]
    item = DigestItem.objects.get()
    assert (item.user, item.notice, item.digested_at) == (carol, meeting.notices.get(), None)


def test_what_a_digest_would_bring_too_late_comes_at_once(
    group, alice, bob, carol, told, monkeypatch
):
    now = timezone.now()
    monkeypatch.setattr(fan_out, "next_digest_at", lambda user, at: now + timedelta(hours=10))
    MailChoice.objects.create(user=carol, kind="date", way="digest")
    alice.memberships.all().delete()
    bob.memberships.all().delete()
    soon, later = (now + timedelta(hours=hours) for hours in (9, 11))
    assert told(Event.FIXED, make_meeting(group=group, starts_at=soon)) == ["carol"]
    assert told(Event.FIXED, make_meeting(group=group, starts_at=later)) == []
    assert DigestItem.objects.count() == 1


def test_who_would_go_there_at_the_old_hour_is_told_before(
    group, alice, bob, send_mails, mailoutbox, monkeypatch
):
    """A meeting of today moves to next week: tomorrow's digest would say so too late."""
    now = timezone.now()
    monkeypatch.setattr(fan_out, "next_digest_at", lambda user, at: now + timedelta(hours=10))
    MailChoice.objects.create(user=bob, kind="date", way="digest")
    for hours, told in ((9, ["bob@example.org"]), (11, [])):
        meeting = make_meeting(group=group, starts_at=now + timedelta(hours=hours))
        later = now + timedelta(days=7)
        scheduling.update_discussion(
            discussion=meeting, by=alice, starts_at=later, ends_at=later + timedelta(hours=1)
        )
        mailoutbox.clear()
        fan_out.send_notifications.call(meeting.notices.get().pk)
        send_mails()
        assert [to for message in mailoutbox for to in message.to] == told


# What is not so any more


def test_what_is_not_so_any_more_is_not_told(group, bob, told):
    now = timezone.now()
    poll = make_poll(group)
    cancelled = make_meeting(group=group, state="cancelled")
    scheduled = make_meeting(group=group, papers=[make_paper(group=group)])
    over = make_meeting(group=group, starts_at=now - timedelta(hours=3))
    closed = make_poll(group, answer_by=now - timedelta(minutes=1))
    answer(over, bob, "coming")
    for event, meeting in [
        (Event.POLL_OPENED, scheduled),
        (Event.FIXED, poll),
        (Event.FIXED, over),
        (Event.MOVED, cancelled),
        (Event.CANCELLED, scheduled),
        (Event.REINSTATED, cancelled),
        (Event.OUTCOMES, scheduled),
    ]:
        assert told(event, meeting) == [], event
    assert told(Event.POLL_REMINDED, cancelled, asked_on=now.date()) == []
    assert told(Event.POLL_CLOSES, closed, due_at=closed.answer_by) == []
    for event, meeting in [(Event.SEAT, over), (Event.SEAT, scheduled), (Event.PRESENT, scheduled)]:
        assert told(event, meeting, user=bob) == [], event
    assert not Notice.objects.filter(told_at=None).exists()  # nobody comes back to them


def test_of_two_changes_in_a_row_the_last_is_told(group, alice, bob, send_mails, mailoutbox):
    meeting = scheduling.schedule_discussion(
        group=group,
        by=alice,
        starts_at=timezone.now() + timedelta(days=9),
        ends_at=timezone.now() + timedelta(days=9, hours=1),
        place="B 12",
    )
    scheduling.update_discussion(discussion=meeting, by=alice, place="C 7")
    for notice in Notice.objects.order_by("-pk"):
        fan_out.send_notifications.call(notice.pk)
    send_mails()
    (message,) = mailoutbox
    assert message.to == ["bob@example.org"]
    assert "C 7" in message.body and "B 12" not in message.body


def test_a_reminder_of_an_hour_it_has_moved_from_is_not_sent(group, bob, told):
    meeting = make_meeting(group=group, starts_at=timezone.now() + timedelta(hours=20))
    answer(meeting, bob, "coming")
    before = meeting.starts_at - timedelta(hours=1)
    assert told(Event.DAY, meeting, due_at=before) == []


# Once


def test_telling_again_tells_nobody_twice(group, alice, bob, carol, told, mailoutbox, send_mails):
    MailChoice.objects.create(user=carol, kind="date", way="digest")
    meeting = make_meeting(group=group)
    assert told(Event.FIXED, meeting) == ["alice", "bob"]
    assert fan_out.record_event(Event.FIXED, meeting) is None
    # As if the worker was killed before the end; what they chose since changes nothing.
    fan_out.set_deliveries(user=carol, ways={"date": "now"})
    fan_out.set_deliveries(user=bob, ways={"date": "digest"})
    Notice.objects.update(told_at=None)
    for _ in range(2):
        fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    send_mails()
    assert (len(mailoutbox), DigestItem.objects.count()) == (2, 1)


def test_where_one_fails_the_others_are_told_and_that_one_later(group, carol, monkeypatch):
    queue = outbox.queue_mail

    def fail(**fields):
        if fields["to"].startswith("bob"):
            raise OSError("the disk is full")
        return queue(**fields)

    monkeypatch.setattr(outbox, "queue_mail", fail)
    notice = fan_out.record_event(Event.FIXED, make_meeting(group=group))
    fan_out.send_notifications.call(notice.pk)
    assert set(Mail.objects.values_list("to", flat=True)) == {
        "alice@example.org",
        "carol@example.org",
    }
    monkeypatch.undo()
    fan_out.send_overdue(timezone.now() + timedelta(hours=1))
    assert Mail.objects.count() == 3
    notice.refresh_from_db()
    assert notice.told_at


def test_what_fails_for_a_day_is_given_up(group, bob, monkeypatch):
    """Else it would be told to whoever joins, months later."""

    def fail(**fields):
        raise OSError("the disk is full")

    monkeypatch.setattr(outbox, "queue_mail", fail)
    notice = fan_out.record_event(Event.FIXED, make_meeting(group=group))
    fan_out.send_notifications.call(notice.pk)
    assert Notice.objects.get().told_at is None
    Notice.objects.update(created_at=timezone.now() - timedelta(days=2))
    fan_out.send_notifications.call(notice.pk)
    assert Notice.objects.get().told_at


def test_who_has_no_address_keeps_nobody_from_being_told(group, bob, carol, told):
    bob.email = ""
    bob.save(update_fields=["email"])
    assert told(Event.FIXED, make_meeting(group=group)) == ["alice", "carol"]
    assert Notice.objects.get().told_at


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_not_told_and_what_happened_is_told_soon(group, alice, worker_runs):
    meeting = make_meeting(group=group)
    with pytest.raises(ZeroDivisionError), fan_out.transaction.atomic():
        fan_out.record_event(Event.FIXED, meeting, by=alice)
        _ = 1 / 0
    worker_runs()
    assert not Mail.objects.exists()
    fan_out.record_event(Event.FIXED, meeting, by=alice)
    worker_runs()
    assert list(Mail.objects.values_list("to", "state")) == [("bob@example.org", "sent")]


@pytest.fixture
def worker_runs():
    from django.core.management import call_command

    return lambda: call_command("db_worker", batch=True, interval=0, reload=False, verbosity=0)


@pytest.mark.parametrize("members", [1, 20])
def test_what_the_mails_say_is_looked_up_once(group, alice, members, django_assert_max_num_queries):
    """The queries of each member are those that tell them, and no more."""
    group.memberships.exclude(user=alice).delete()
    for number in range(members - 1):
        Membership.objects.create(group=group, user=make_user(f"member-{number}"))
    papers = [make_paper(group=group) for _ in range(5)]
    notice = fan_out.record_event(Event.FIXED, make_meeting(group=group, papers=papers))
    with django_assert_max_num_queries(13 + 6 * members):
        fan_out.send_notifications.call(notice.pk)
    assert Mail.objects.count() == members


# What it says


def test_the_whole_of_it_is_in_the_mail_in_the_readers_zone(
    group, alice, bob, told, mailoutbox, settings
):
    settings.BASE_URL = "https://reading.example"
    group.time_zone = "Europe/Berlin"
    group.save()
    bob.time_zone = "Asia/Kathmandu"
    bob.save()
    day = (timezone.now() + timedelta(days=1)).astimezone(ZoneInfo("Europe/Berlin")).date()
    begins = datetime(day.year, day.month, day.day, 0, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    begins += timedelta(days=1)
    paper = make_paper(group=group, title="On tides")
    meeting = make_meeting(
        group=group,
        papers=[paper, make_paper(group=group, title="On sorting")],
        starts_at=begins,
        place="B 12",
        link="https://video.example/room",
    )
    meeting.agenda.filter(paper=paper).update(presenter=alice, is_confirmed=True, minutes=20)
    answer(meeting, bob, "coming")
    ask = {"paper": paper, "user": alice, "is_question": True}
    make_comment(**ask, body="Why twice\na day?")
    make_comment(**ask, body="Gone", removed_at=timezone.now())
    make_comment(**ask, body="Done", answered_at=timezone.now())
    make_comment(paper=paper, user=alice, body="No question")

    assert "bob" in told(Event.DAY, meeting, due_at=begins)
    message = next(one for one in mailoutbox if one.to == ["bob@example.org"])
    theirs = begins.astimezone(ZoneInfo("Asia/Kathmandu"))
    said = message.body
    assert f"{theirs:%H:%M}–" in said and "(Asia/Kathmandu)" in said
    assert "00:30–01:30 Europe/Berlin" in said
    assert "Where: B 12" in said
    assert "1. On tides (20 minutes, Alice presents)\n2. On sorting" in said
    assert "- Why twice a day? (Alice, on On tides)" in said
    assert not [word for word in ("Gone", "Done", "No question", "alice@") if word in said]
    links = [part for part in said.split("\n\n") if part.strip().startswith("https://")]
    assert [link.strip() for link in links] == [
        "https://video.example/room",
        f"https://reading.example{meeting.get_absolute_url()}#rsvp",
        "https://reading.example/me/mail/",
    ]
    assert "On tides and 1 more" in message.subject


def test_a_poll_says_its_dates_and_until_when_one_may_answer(group, bob, told, mailoutbox):
    bob.time_zone = "Asia/Kathmandu"
    bob.save()
    poll = make_poll(group, answer_by=datetime(2100, 1, 1, 12, 0, tzinfo=ZoneInfo("UTC")))
    told(Event.POLL_OPENED, poll)
    said = next(one for one in mailoutbox if one.to == ["bob@example.org"]).body
    assert said.count("(Asia/Kathmandu); ") == 2
    assert "Answer by Fri 1 Jan 2100, 17:45 (Asia/Kathmandu)." in said


def test_outcomes_say_all_that_came_of_it(group, bob, told, mailoutbox):
    MailChoice.objects.create(user=bob, kind="outcomes", way="now")
    meeting = make_meeting(
        group=group,
        papers=[make_paper(group=group, title="On tides")],
        state="held",
        starts_at=timezone.now() - timedelta(hours=3),
        recording="https://video.example/recording",
    )
    meeting.agenda.update(
        verdict="worth",
        takeaways="The moon does it.\n\nhttps://evil.example/\n",
        open_questions="Why?",
        slides="https://slides.example/1",
    )
    assert told(Event.OUTCOMES, meeting) == ["bob"]
    assert DigestItem.objects.get().user.username == "alice"  # by itself they are in the digest
    message = mailoutbox[0]
    assert "1. On tides: worth it" in message.body
    assert "> The moon does it.\n>\n> https://evil.example/" in message.body
    assert "> Why?" in message.body
    html = message.alternatives[0].content
    assert 'href="https://slides.example/1"' in html
    assert 'href="https://video.example/recording"' in html
    assert 'href="https://evil.example/"' not in html


def test_what_members_typed_is_a_line_and_no_link(group, bob, told, mailoutbox):
    bad = "https://evil.example/\n\nhttps://evil.example/\r\nBcc: eve@example.org"
    group.name = "A\u2028\nB: {day}"
    group.save()
    meeting = make_meeting(group=group, papers=[make_paper(group=group, title=bad)], place=bad)
    make_comment(paper=meeting.agenda.get().paper, user=bob, body=bad, is_question=True)
    answer(meeting, bob, "coming")
    for event, facts in ((Event.FIXED, {}), (Event.DAY, {"due_at": meeting.starts_at})):
        told(event, meeting, **facts)
        for message in mailoutbox:
            assert "\n" not in message.subject and "bcc" not in dict(message.message().items())
            assert "A B: {day}" in message.body
            assert 'href="https://evil.example/' not in message.alternatives[0].content


def test_every_such_mail_ends_its_kind_with_one_click(group, bob, told, mailoutbox, client):
    told(Event.FIXED, make_meeting(group=group))
    message = next(one for one in mailoutbox if one.to == ["bob@example.org"]).message()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>")
    assert address.startswith("http://127.0.0.1:8000/mail/stop/")
    path = address.removeprefix("http://127.0.0.1:8000")
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert told(Event.FIXED, make_meeting(group=group)) == ["alice"]


def test_what_was_told_long_ago_is_forgotten_but_not_of_what_is_to_come(group, alice, bob):
    now = timezone.now()
    for meeting in (make_meeting(group=group), make_meeting(group=group, state="cancelled")):
        fan_out.record_event(Event.FIXED, meeting)
    Notice.objects.update(told_at=now - outbox.RETENTION - timedelta(days=1))
    kept = Notice.objects.get(discussion__state="scheduled")
    DigestItem.objects.create(
        user=bob, notice=kept, digested_at=now - outbox.RETENTION - timedelta(days=1)
    )
    waiting = DigestItem.objects.create(user=alice, notice=kept)
    fan_out.delete_old(now)
    assert [notice.discussion.state for notice in Notice.objects.all()] == ["scheduled"]
    assert DigestItem.objects.get() == waiting


def test_of_a_discussion_in_writing_it_is_said_so(group, told, mailoutbox):
    closes = timezone.now() + timedelta(days=9)
    meeting = make_meeting(group=group, is_written=True, ends_at=closes)
    told(Event.FIXED, meeting)
    message = mailoutbox[0]
    assert message.subject.startswith("Curious minds: discussion in writing until ")
    assert "a written discussion is open" in message.body
    assert "going" not in message.body
    assert "When: until " in message.body


def test_a_seat_that_is_gone_again_is_not_told(group, alice, bob, carol, told):
    meeting = make_meeting(group=group, seats=1)
    for user in (alice, bob, carol):
        answer(meeting, user, "coming")
    assert told(Event.SEAT, meeting, user=bob) == []  # they wait again
    scheduling.update_discussion(discussion=meeting, by=alice, seats=2)
    assert told(Event.SEAT, meeting, user=bob) == ["bob"]
    assert told(Event.SEAT, meeting, user=carol) == []


def test_who_is_asked_again_before_they_were_told_gets_one_mail(
    group, alice, bob, send_mails, mailoutbox
):
    meeting = make_meeting(group=group, papers=[make_paper(group=group) for _ in range(2)])
    for item in meeting.agenda.all():
        presenters.ask_to_present(item=item, by=alice, user=bob)
    for notice in Notice.objects.all():
        fan_out.send_notifications.call(notice.pk)
    send_mails()
    (message,) = mailoutbox
    assert text_of(message).count("you are asked to present it") == 2
